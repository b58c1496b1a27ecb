import assert from 'node:assert/strict';
import { addr } from '../bits/pfn.ts';
import { formatWord } from '../bits/pte64.ts';
import type { Refused } from '../hw/common/dma.ts';
import type { Device } from './device.ts';
import { faultRecord, faultRecordText, type RefusedAccess } from './faultRecords.ts';
import type { Arch } from './space.ts';

const device = (arch: Arch, pasid?: number): Device => ({
  ...{ name: 'nic', arch, requester: 0x18, pasid, first: 'a', second: 'b', ats: false },
  ...{ trustedBy: undefined, contextRoot: 0 },
});

const refused = (code: number, more: Partial<Refused> = {}): Refused => ({
  ...{ kind: 'fault', stage: 'first', code, name: 'x', why: 'y', reported: true },
  ...more,
});

function recordOf(
  arch: Arch,
  what: Refused,
  more: Partial<RefusedAccess> & { readonly pasid?: number } = {},
): string {
  const { pasid, ...rest } = more;
  const made = faultRecord({
    ...{ device: device(arch, pasid), iova: addr(0x40001, 8), access: 'write', refused: what },
    ...{ stallTag: undefined, ...rest },
  });
  return made === undefined ? 'none' : faultRecordText(made);
}

describe('Records of refused accesses', () => {
  it('name device, address, access and cause in the fields of the architecture', () => {
    assert.equal(
      recordOf('amd', refused(2, { flags: 0x31 }), { pasid: 5 }),
      'IO_PAGE_FAULT device=0x18 pasid=5 flags=0x31 page=0x40001000 offset=8',
    );
    assert.equal(
      recordOf('vtd', refused(0x71), { pasid: 5, access: 'read' }),
      'fault record page=0x40001000 sid=0x18 pasidPresent=1 reason=0x71 pasid=5 isRead=1',
    );
    assert.equal(
      recordOf('vtd', refused(0x79)),
      'fault record page=0x40001000 sid=0x18 reason=0x79',
    );
    assert.equal(
      recordOf('riscv', refused(21, { ipa: addr(0x777) }), { pasid: 5, access: 'execute' }),
      'readGuestPageFault process=5 processValid=1 type=1 device=0x18 page=0x40001000 offset=8 ipaPage=0x777000',
    );
    assert.equal(
      recordOf('riscv', refused(15)),
      'writePageFault type=3 device=0x18 page=0x40001000 offset=8 ipaPage=0x0',
    );
  });

  it('SMMUv3: stage, class, stall tag and what was fetched', () => {
    assert.equal(
      recordOf('smmuv3', refused(0x10), { pasid: 5, access: 'execute', stallTag: 7 }),
      'F_TRANSLATION sid=0x18 ssid=5 ssv=1 stag=7 stall=1 ind=1 rnw=1 class=2 page=0x40001000 offset=8 ipaPage=0x0',
    );
    const table = refused(0x10, { stage: 'second', ipa: addr(0x700), fetching: 'table' });
    assert.match(recordOf('smmuv3', table), / s2=1 class=1 .* ipaPage=0x700000$/);
    const context = refused(0x13, { stage: 'second', fetching: 'context' });
    assert.match(recordOf('smmuv3', context), /^F_PERMISSION sid=0x18 s2=1 page=/, 'class 0: CD');
    assert.match(recordOf('smmuv3', refused(0x04, { stage: 'context' })), /^C_BAD_STE sid=0x18 page/); // prettier-ignore
  });

  it('are the words that the driver reads', () => {
    const made = faultRecord({
      ...{ device: device('amd'), iova: addr(0x123), access: 'read' },
      ...{ refused: refused(2, { flags: 0x20 }), stallTag: undefined },
    });
    assert.deepEqual(made!.words.map(formatWord), ['0x2020000000000018', '0x123000']);
  });

  it('are not there where nothing is reported, or no code exists', () => {
    assert.equal(recordOf('amd', refused(2, { reported: false })), 'none');
    assert.equal(recordOf('smmuv3', refused(0)), 'none', 'a granule protection fault');
    assert.equal(recordOf('vtd', refused(0)), 'none');
    assert.equal(recordOf('riscv', refused(99)), 'none');
  });
});
