/*
 * What QEMU's IOMMU tests do (tests/qtest: iommu-smmuv3-test, iommu-intel-test, iommu-riscv-test, amd-iommu-test), restated
 * with tables of our own. Published is the SMMUv3 test's address: IOVA 0x8080604567, whose level 3 entry names page
 * 0xecba000, and the offset 0x40000000 of its non-secure space. The other tests publish kinds of translation, not numbers;
 * they are run with the same addresses.
 */
import assert from 'node:assert/strict';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { runCommandBuffer } from '../../server/model/hw/amd/commandBuffer.ts';
import { AMD_COMMANDS } from '../../server/model/hw/amd/commands.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { encodeRecord } from '../../server/model/hw/common/record.ts';
import { capabilities, ddtp, featureControl } from '../../server/model/hw/riscv/registers.ts';
import { riscvIommu, translate as riscv } from '../../server/model/hw/riscv/walker.ts';
import { translate as smmu } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtd } from '../../server/model/hw/vtd/walker.ts';
import { createPhysMem, type PhysMem } from '../../server/model/mem/physMem.ts';
import { ask, DEVICE, GUEST, HOST, index, KINDS, pointer, put, ROOT } from './handTables.ts';

const IOVA = addr(0x8080604, 0x567);
const PAGE = 0xecba;
const NON_SECURE = 0x40000;
const TRANSLATED = '0xecba567';
const PASSED = '0x8080604567';

/** Four tables of one page each from `root` on, which lead from the IOVA to the page. */
function chain(mem: PhysMem, root: number, table: Word64, leaf: Word64): void {
  for (let level = 3; level > 0; level--) {
    put(mem, root + 3 - level, index(IOVA, level), pointer(root + 4 - level, table));
  }
  put(mem, root + 3, index(IOVA, 0), leaf);
}

const landing = (found: { kind: string; spa?: Addr; pa?: Addr }): string => {
  const at = found.spa ?? found.pa;
  return at === undefined ? JSON.stringify(found) : formatAddr(at);
};

describe('SMMUv3, as iommu-smmuv3-test', () => {
  const streamTable = { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined };
  const request = { requester: DEVICE, iova: IOVA, access: 'read', privileged: false } as const;

  for (const kind of KINDS.filter(({ name }) => name.startsWith('SMMUv3'))) {
    for (const [space, page, where] of [
      ['secure', PAGE, TRANSLATED],
      ['non-secure', PAGE + NON_SECURE, '0x4ecba567'],
    ] as const) {
      it(`${kind.name.slice('SMMUv3 '.length)}, ${space}`, () => {
        assert.equal(formatAddr(IOVA), PASSED);
        const mem = createPhysMem({});
        kind.context(mem);
        chain(mem, HOST, kind.table(0), pointer(page, kind.leaf()));
        assert.equal(landing(ask(kind, mem, IOVA, 'read')), where);
      });
    }
  }

  it('stage 1 under stage 2', () => {
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, word(1 | (7 << 1))));
    put(mem, ROOT, DEVICE * 8 + 2, word(7, 16 | (2 << 6) | (5 << 16) | (1 << 19)));
    put(mem, ROOT, DEVICE * 8 + 3, pointer(HOST));
    put(mem, ROOT + 1, 0, word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)));
    put(mem, ROOT + 1, 1, pointer(GUEST));
    chain(mem, GUEST, word(3), pointer(PAGE + NON_SECURE, word(3 | (1 << 10) | (1 << 6))));
    // Stage 2: a block of 1 GiB each for the tables and, moved down again, for the page.
    const block = word(1 | (1 << 10) | (3 << 6));
    put(mem, HOST, 0, pointer(HOST + 1, word(3)));
    put(mem, HOST + 1, 0, block);
    put(mem, HOST + 1, 1, block);
    assert.equal(landing(smmu({ bus: memBus(mem), streamTable, oasLg2: 44 }, request)), TRANSLATED);
  });
});

describe('VT-d, as iommu-intel-test', () => {
  const run = (mode: 'legacy' | 'scalable', fill: (mem: PhysMem) => void): string => {
    const mem = createPhysMem({});
    put(mem, ROOT, 0, pointer(ROOT + 1, word(1)));
    if (mode === 'scalable') {
      put(mem, ROOT + 1, DEVICE * 4, pointer(ROOT + 2, word(1)));
      put(mem, ROOT + 2, 0, pointer(ROOT + 3, word(1)));
    }
    fill(mem);
    const iommu = { bus: memBus(mem), rootTable: { ppn: ROOT, mode }, hawLg2: 46 };
    return landing(
      vtd(iommu, { requester: DEVICE, iova: IOVA, access: 'read', privileged: false }),
    );
  };
  const second = (mem: PhysMem): void => {
    chain(mem, HOST, word(3), pointer(PAGE, word(3)));
  };

  it('legacy mode, pass-through', () => {
    const where = run('legacy', (mem) => {
      put(mem, ROOT + 1, DEVICE * 2, word(1 | (2 << 2)));
      put(mem, ROOT + 1, DEVICE * 2 + 1, word(2));
    });
    assert.equal(where, PASSED);
  });

  it('legacy mode, translated', () => {
    const where = run('legacy', (mem) => {
      put(mem, ROOT + 1, DEVICE * 2, pointer(HOST, word(1)));
      put(mem, ROOT + 1, DEVICE * 2 + 1, word(2 | (7 << 8)));
      second(mem);
    });
    assert.equal(where, TRANSLATED);
  });

  it('scalable mode, pass-through', () => {
    const where = run('scalable', (mem) => {
      put(mem, ROOT + 3, 0, word(1 | (4 << 6)));
    });
    assert.equal(where, PASSED);
  });

  it('scalable mode, second stage', () => {
    const where = run('scalable', (mem) => {
      put(mem, ROOT + 3, 0, pointer(HOST, word(1 | (2 << 2) | (2 << 6))));
      second(mem);
    });
    assert.equal(where, TRANSLATED);
  });

  it('scalable mode, first stage', () => {
    const where = run('scalable', (mem) => {
      put(mem, ROOT + 3, 0, word(1 | (1 << 6)));
      put(mem, ROOT + 3, 2, pointer(HOST));
      chain(mem, HOST, word(7), pointer(PAGE, word(7)));
    });
    assert.equal(where, TRANSLATED);
  });
});

describe('RISC-V, as iommu-riscv-test', () => {
  const SV48 = 0x90000000 | 0;
  // V, R, W, X, U, A, D.
  const LEAF = 0xdf;
  const entry = (pfn: number, bits: number): Word64 => word((pfn << 10) | bits, pfn >>> 22);

  /** Tables of Sv48 from `root` on; PPNs stand at bit 10. */
  function tables(mem: PhysMem, root: number, page: number): void {
    for (let level = 3; level > 0; level--) {
      put(mem, root + 3 - level, index(IOVA, level), entry(root + 4 - level, 1));
    }
    put(mem, root + 3, index(IOVA, 0), entry(page, LEAF));
  }

  const run = (fill: (mem: PhysMem) => void): string => {
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 4, word(1));
    fill(mem);
    const iommu = riscvIommu({
      ...{ caps: capabilities(word(0xe0e10, 56)), fctl: featureControl(word(0)) },
      ...{ ddtp: ddtp(word(2 | (ROOT << 10))), bus: memBus(mem), bareLg2: 30 },
    });
    const request = { deviceId: DEVICE, privileged: false, execute: false, noWrite: false };
    return landing(riscv(iommu, { ...request, at: 'untranslated', access: 'read', iova: IOVA }));
  };
  const fsc = (mem: PhysMem, root: number): void => {
    put(mem, ROOT, DEVICE * 4 + 3, word(root, SV48));
  };
  const iohgatp = (mem: PhysMem, root: number): void => {
    put(mem, ROOT, DEVICE * 4 + 1, word(root, SV48));
  };

  it('bare', () => {
    assert.equal(
      run(() => undefined),
      PASSED,
    );
  });

  it('first stage', () => {
    const where = run((mem) => {
      fsc(mem, GUEST);
      tables(mem, GUEST, PAGE);
    });
    assert.equal(where, TRANSLATED);
  });

  it('second stage', () => {
    const where = run((mem) => {
      iohgatp(mem, HOST);
      tables(mem, HOST, PAGE);
    });
    assert.equal(where, TRANSLATED);
  });

  it('first stage under the second', () => {
    const where = run((mem) => {
      fsc(mem, GUEST);
      iohgatp(mem, HOST);
      tables(mem, GUEST, PAGE + NON_SECURE);
      // The second stage: leaves of 1 GiB for the tables and, moved down again, for the page.
      put(mem, HOST, 0, entry(HOST + 4, 1));
      put(mem, HOST + 4, 0, entry(0, LEAF));
      put(mem, HOST + 4, 1, entry(0, LEAF));
    });
    assert.equal(where, TRANSLATED);
  });
});

describe('AMD', () => {
  const ENTRIES = 256;
  const BYTES = 16;

  const ring = (): PhysMem => {
    const mem = createPhysMem({});
    for (let n = 0; n < ENTRIES; n++) {
      const [low, high] = encodeRecord(AMD_COMMANDS, 'INVALIDATE_IOMMU_PAGES', { domain: n });
      put(mem, ROOT, n * 2, low!);
      put(mem, ROOT, n * 2 + 1, high!);
    }
    return mem;
  };
  const domains = (run: ReturnType<typeof runCommandBuffer>): readonly number[] =>
    run.commands.map(({ values }) => values['domain']!);

  it('as amd-iommu-test: behind the last entry of the command buffer the head is 0', () => {
    const bus = memBus(ring());
    const buffer = { ppn: ROOT, entries: ENTRIES };
    const last = (ENTRIES - 1) * BYTES;
    const wrapped = runCommandBuffer(bus, { ...buffer, head: last, tail: 0 });
    assert.deepEqual([wrapped.head, domains(wrapped)], [0, [ENTRIES - 1]]);
    const over = runCommandBuffer(bus, { ...buffer, head: last - BYTES, tail: 2 * BYTES });
    assert.deepEqual([over.head, domains(over)], [2 * BYTES, [ENTRIES - 2, ENTRIES - 1, 0, 1]]);
    assert.deepEqual(runCommandBuffer(bus, { ...buffer, head: 48, tail: 48 }), { commands: [], head: 48 }); // prettier-ignore
  });

  it('the head stops at a command that is none, and where memory refuses', () => {
    const mem = ring();
    put(mem, ROOT, 2 * 2, word(0, 0xf0000000 | 0));
    const buffer = { ppn: ROOT, entries: ENTRIES, head: 0, tail: 4 * BYTES };
    const illegal = runCommandBuffer(memBus(mem), buffer);
    assert.deepEqual([illegal.head, illegal.stopped], [2 * BYTES, 'ILLEGAL_COMMAND_ERROR']);
    const refusing: Bus = { ...memBus(mem), read: () => 'access-fault' };
    assert.equal(runCommandBuffer(refusing, buffer).stopped, 'COMMAND_HARDWARE_ERROR');
  });

  it('permissions are those of all levels and of the device table entry together', () => {
    const kind = KINDS[0]!;
    const mem = createPhysMem({});
    chain(mem, HOST, word(0), pointer(PAGE, kind.leaf()));
    for (let level = 3; level > 0; level--) {
      put(mem, HOST + 3 - level, index(IOVA, level), pointer(HOST + 4 - level, kind.table(level)));
    }
    put(mem, ROOT, DEVICE * 4, pointer(HOST, word(3), word(4 << 9), bit(61)));
    assert.equal(landing(ask(kind, mem, IOVA, 'read')), TRANSLATED);
    assert.equal(ask(kind, mem, IOVA, 'write').kind, 'fault');
    put(mem, ROOT, DEVICE * 4, pointer(HOST, word(3), word(4 << 9), mask(62, 61)));
    assert.equal(landing(ask(kind, mem, IOVA, 'write')), TRANSLATED);
    // QEMU and the specification: an address beyond what Mode translates faults.
    put(mem, ROOT, DEVICE * 4, or(pointer(HOST, word(3), word(2 << 9)), mask(62, 61)));
    assert.equal(ask(kind, mem, IOVA, 'read').kind, 'fault');
  });
});
