import assert from 'node:assert/strict';
import {
  atcCommand,
  commandText,
  contextCommand,
  invalidationCommand,
  responseCommand,
  waitCommand,
} from './commands.ts';
import type { Device } from './device.ts';
import type { Arch, Space } from './space.ts';

const WHOLE = { first: 0, last: Number.MAX_SAFE_INTEGER };
const LARGE = { first: 0x40000, last: 0x401ff };

function texts(arch: Arch, stage: 'first' | 'second'): readonly string[] {
  // A command needs of a space who it is, nothing else.
  const space = { arch, stage, id: 7 } as Space;
  return [
    commandText(invalidationCommand(space, LARGE, 'leaves only')),
    commandText(invalidationCommand(space, LARGE, 'with tables')),
    commandText(invalidationCommand(space, WHOLE, 'with tables')),
  ];
}

const device = (arch: Arch, pasid?: number): Device => ({
  ...{ name: 'nic', arch, requester: 0x18, pasid, first: undefined, second: undefined },
  ...{ ats: true, trustedBy: undefined, contextRoot: 0 },
});

describe('Commands that drivers queue', () => {
  it('AMD', () => {
    assert.deepEqual(texts('amd', 'second'), [
      'INVALIDATE_IOMMU_PAGES domain=7 page=0x400ff000 s=1',
      'INVALIDATE_IOMMU_PAGES domain=7 page=0x400ff000 s=1 pde=1',
      'INVALIDATE_IOMMU_PAGES domain=7 page=0x7ffffffffffff000 s=1 pde=1',
    ]);
    assert.match(texts('amd', 'first')[0]!, / gn=1$/);
    assert.equal(commandText(contextCommand(device('amd'))), 'INVALIDATE_DEVTAB_ENTRY device=0x18');
    assert.equal(commandText(atcCommand(device('amd'), LARGE)), 'INVALIDATE_IOTLB_PAGES device=0x18 queue=0x18 page=0x400ff000 s=1'); // prettier-ignore
    assert.match(commandText(atcCommand(device('amd'), undefined)), /page=0x7ffffffffffff000 s=1$/);
    assert.equal(commandText(waitCommand('amd')), 'COMPLETION_WAIT s=1');
  });

  it('VT-d', () => {
    assert.deepEqual(texts('vtd', 'second'), [
      'IOTLB invalidation granularity=3 did=7 page=0x40000000 am=9 ih=1',
      'IOTLB invalidation granularity=3 did=7 page=0x40000000 am=9',
      'IOTLB invalidation granularity=2 did=7 page=0x0',
    ]);
    assert.equal(texts('vtd', 'first')[2], 'PASID-IOTLB invalidation granularity=2 did=7 page=0x0');
    const tooLarge = { first: 0, last: 2 ** 20 };
    const space = { arch: 'vtd', stage: 'second', id: 7 } as Space;
    assert.match(commandText(invalidationCommand(space, tooLarge, 'leaves only')), /granularity=2 /); // prettier-ignore
    assert.equal(commandText(contextCommand(device('vtd'))), 'context-cache invalidation granularity=3 sid=0x18'); // prettier-ignore
    assert.equal(commandText(atcCommand(device('vtd'), LARGE)), 'device-TLB invalidation sid=0x18 page=0x400ff000 s=1'); // prettier-ignore
    assert.match(commandText(atcCommand(device('vtd'), WHOLE)), /page=0x3ffffffffffff000 s=1$/);
    assert.equal(commandText(waitCommand('vtd')), 'invalidation wait statusWrite=1 fence=1');
  });

  it('SMMUv3', () => {
    assert.deepEqual(texts('smmuv3', 'second'), [
      'CMD_TLBI_S2_IPA vmid=7 page=0x40000000 num=0x1f scale=4 leaf=1 tg=1',
      'CMD_TLBI_S2_IPA vmid=7 page=0x40000000 num=0x1f scale=4 tg=1',
      'CMD_TLBI_S12_VMALL vmid=7',
    ]);
    assert.match(texts('smmuv3', 'first')[0]!, /^CMD_TLBI_NH_VA asid=7 page=0x40000000 /);
    assert.equal(texts('smmuv3', 'first')[2], 'CMD_TLBI_NH_ASID asid=7');
    assert.equal(commandText(contextCommand(device('smmuv3'))), 'CMD_CFGI_STE sid=0x18 leaf=1');
    assert.equal(commandText(atcCommand(device('smmuv3'), LARGE)), 'CMD_ATC_INV sid=0x18 page=0x40000000 size=9'); // prettier-ignore
    assert.equal(commandText(atcCommand(device('smmuv3'), undefined)), 'CMD_ATC_INV sid=0x18 page=0x0 size=0x34'); // prettier-ignore
    assert.equal(commandText(waitCommand('smmuv3')), 'CMD_SYNC');
  });

  it('answers to page requests and stalled transactions', () => {
    const answer = (arch: Arch, with_: 'success' | 'failure'): string => {
      const made = responseCommand(device(arch), 5, with_);
      return made === undefined ? 'not modelled' : commandText(made);
    };
    assert.equal(answer('amd', 'failure'), 'COMPLETE_PPR_REQUEST device=0x18 tag=5 status=0xf');
    assert.equal(answer('vtd', 'success'), 'page-group response rid=0x18 index=5');
    assert.equal(answer('smmuv3', 'success'), 'CMD_RESUME sid=0x18 response=1 stag=5');
    assert.equal(answer('smmuv3', 'failure'), 'CMD_RESUME sid=0x18 response=2 stag=5');
    assert.equal(answer('riscv', 'success'), 'not modelled');
  });

  it('RISC-V', () => {
    assert.deepEqual(texts('riscv', 'first'), [
      'IOTINVAL.VMA av=1 pscid=7 pscv=1 page=0x40000000',
      'IOTINVAL.VMA av=1 pscid=7 pscv=1 nl=1 page=0x40000000',
      'IOTINVAL.VMA pscid=7 pscv=1 page=0x0',
    ]);
    assert.equal(texts('riscv', 'second')[2], 'IOTINVAL.GVMA gv=1 gscid=7 page=0x0');
    assert.equal(commandText(contextCommand(device('riscv'))), 'IODIR.INVAL_DDT dv=1 device=0x18');
    assert.equal(commandText(contextCommand(device('riscv', 5))), 'IODIR.INVAL_PDT dv=1 device=0x18 process=5'); // prettier-ignore
    assert.equal(commandText(atcCommand(device('riscv'), LARGE)), 'ATS.INVAL rid=0x18 page=0x40000000'); // prettier-ignore
    assert.equal(commandText(waitCommand('riscv')), 'IOFENCE.C');
  });
});
