import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../../server/model/hw/common/dma.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { translate as amd } from '../../server/model/hw/amd/walker.ts';
import { translate as smmu } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtd } from '../../server/model/hw/vtd/walker.ts';
import { createPhysMem, type PhysMem } from '../../server/model/mem/physMem.ts';

import {
  ask,
  build,
  change,
  DEVICE,
  flip,
  GUEST,
  HOST,
  index,
  KINDS,
  pointer,
  put,
  ROOT,
  TARGET,
} from './handTables.ts';

/*
 * What each walker makes of tables written by hand: permissions over levels, entries that are not there or not valid,
 * contexts that lead nowhere, nested tables.
 */

describe('Walkers on tables written by hand', () => {
  for (const kind of KINDS) {
    const address = fc
      .tuple(
        fc.integer({ min: 0, max: 2 ** (kind.iovaLg2 - 12) - 1 }),
        fc.integer({ min: 0, max: 4095 }),
      )
      .map(([pfn, offset]) => addr(pfn, offset));
    const level = fc.integer({ min: 0, max: 3 });

    it(`${kind.name}: reaches the page, at the same offset`, () => {
      fc.assert(
        fc.property(address, fc.constantFrom('read' as const, 'write' as const), (iova, access) => {
          const found = ask(kind, build(kind, iova), iova, access);
          assert.ok(found.kind === 'reached', JSON.stringify(found));
          assert.equal(formatAddr(found.spa), formatAddr(addr(TARGET, iova.offset)));
          assert.equal(found.pageLg2, 12);
        }),
      );
    });

    it(`${kind.name}: faults where an entry of any level is not present`, () => {
      fc.assert(
        fc.property(address, level, (iova, at) => {
          const mem = build(kind, iova);
          change(mem, iova, at, () => word(0));
          const found = ask(kind, mem, iova, 'read');
          assert.ok(found.kind === 'fault' && found.reported, JSON.stringify(found));
        }),
      );
    });

    it(`${kind.name}: permissions count at every level that has them`, () => {
      fc.assert(
        fc.property(
          address,
          level,
          fc.constantFrom('read' as const, 'write' as const),
          (iova, at, access) => {
            const denies = kind.denies[access];
            if (denies === undefined) return;
            const mem = build(kind, iova);
            change(mem, iova, at, (old) => flip(old, denies.bit, denies.when));
            const counts = denies.levels === 'all' || at === 0;
            if (!counts) return;
            assert.equal(ask(kind, mem, iova, access).kind, 'fault');
            const other = access === 'read' ? 'write' : 'read';
            if (kind.denies[other] === undefined && other === 'write') return;
            assert.equal(ask(kind, mem, iova, other).kind, 'reached', `${other} without ${access}`);
          },
        ),
      );
    });

    it(`${kind.name}: faults on a reserved bit or a too wide address at any level`, function () {
      const { reserved } = kind;
      if (reserved === undefined) return;
      fc.assert(
        fc.property(address, level, (iova, at) => {
          const mem = build(kind, iova);
          change(mem, iova, at, (old) => or(old, reserved));
          assert.equal(ask(kind, mem, iova, 'read').kind, 'fault');
        }),
      );
    });

    it(`${kind.name}: faults on an address beyond its width`, () => {
      const beyond = addr(2 ** (kind.iovaLg2 - 12) + 5);
      assert.equal(ask(kind, build(kind, addr(5)), beyond, 'read').kind, 'fault');
    });
  }
});

describe('Contexts that lead nowhere', () => {
  const name = (found: DmaOutcome): string =>
    found.kind === 'fault' ? found.name : JSON.stringify(found);
  const request = (more: Partial<DmaRequest> = {}): DmaRequest => ({
    requester: DEVICE,
    iova: addr(5),
    access: 'read',
    privileged: false,
    ...more,
  });
  const withWords = (words: Readonly<Record<string, Word64>>): Bus => {
    const mem = createPhysMem({});
    for (const [at, value] of Object.entries(words)) {
      const [pfn, n] = at.split('.').map(Number) as [number, number];
      put(mem, pfn, n, value);
    }
    return memBus(mem);
  };

  it('AMD: device table entries', () => {
    const at = (
      low: Word64,
      high = word(0),
      third = word(0),
      more: Partial<DmaRequest> = {},
    ): string => {
      const bus = withWords({ [`${ROOT}.${DEVICE * 4}`]: low, [`${ROOT}.${DEVICE * 4 + 1}`]: high, [`${ROOT}.${DEVICE * 4 + 2}`]: third }); // prettier-ignore
      return name(
        amd({ bus, deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn: 0 }, request(more)),
      );
    };
    assert.match(at(word(0)), /"reached"/, 'V=0 passes');
    assert.equal(at(word(1)), 'IO_PAGE_FAULT', 'TV=0');
    assert.equal(at(word(3 | (7 << 9))), 'ILLEGAL_DEV_TABLE_ENTRY', 'Mode 7');
    assert.equal(at(word(3)), 'IO_PAGE_FAULT', 'no translation, and neither IR nor IW');
    assert.equal(at(word(3), word(0), word(0), { pasid: 1 }), 'ILLEGAL_DEV_TABLE_ENTRY', 'a PASID without GV'); // prettier-ignore
    assert.equal(at(or(word(3), bit(55), mask(57, 56)), word(0), word(0), { pasid: 1 }), 'ILLEGAL_DEV_TABLE_ENTRY', 'GLX 3'); // prettier-ignore
    assert.equal(at(or(word(3), bit(55)), word(0), mask(55, 54), { pasid: 1 }), 'ILLEGAL_DEV_TABLE_ENTRY', 'GuestPagingMode'); // prettier-ignore
    assert.equal(at(or(word(3), mask(55, 54), mask(62, 61)), word(0), word(0), { pasid: 512 }), 'IO_PAGE_FAULT', 'a PASID beyond one level of GCR3'); // prettier-ignore
    assert.equal(at(or(word(3), mask(55, 54), mask(62, 61)), word(0), word(0), { pasid: 7 }), 'IO_PAGE_FAULT', 'no GCR3 entry'); // prettier-ignore
    assert.equal(at(word(3), word(0), word(0), { requester: 128 }), 'ILLEGAL_DEV_TABLE_ENTRY', 'beyond the table'); // prettier-ignore
  });

  it('VT-d: root, context, PASID directory and PASID table', () => {
    const scalable = (words: Readonly<Record<string, Word64>>, more: Partial<DmaRequest> = {}): string =>
      name(vtd({ bus: withWords(words), rootTable: { ppn: ROOT, mode: 'scalable' }, hawLg2: 46 }, request(more))); // prettier-ignore
    const root = { [`${ROOT}.0`]: pointer(ROOT + 1, word(1)) };
    const context = { ...root, [`${ROOT + 1}.${DEVICE * 4}`]: pointer(ROOT + 2, word(9)) };
    const directory = { ...context, [`${ROOT + 2}.0`]: pointer(ROOT + 3, word(1)) };
    assert.equal(scalable({}), 'fault reason 0x39', 'root entry not present');
    assert.equal(scalable({ [`${ROOT}.0`]: pointer(ROOT + 1, word(3)) }), 'fault reason 0x3a');
    assert.equal(scalable(root), 'fault reason 0x41', 'context entry not present');
    assert.equal(scalable({ ...root, [`${ROOT + 1}.${DEVICE * 4}`]: pointer(ROOT + 2, word(1)) }, { pasid: 1 }), 'fault reason 0x45'); // prettier-ignore
    assert.equal(scalable(context, { pasid: 128 * 64 }), 'fault reason 0x46', 'PASID too large');
    assert.equal(scalable(context), 'fault reason 0x51', 'directory entry not present');
    assert.equal(scalable(directory), 'fault reason 0x59', 'PASID entry not present');
    const entry = (low: number): Readonly<Record<string, Word64>> => ({ ...directory, [`${ROOT + 3}.0`]: word(low) }); // prettier-ignore
    assert.equal(scalable(entry(1)), 'fault reason 0x5b', 'PGTT 0');
    assert.equal(scalable(entry(1 | (2 << 6))), 'fault reason 0x5b', 'AW 0');
    assert.equal(scalable(entry(1 | (1 << 6)), { privileged: true }), 'fault reason 0x5d', 'SRE clear'); // prettier-ignore
    assert.match(scalable(entry(1 | (4 << 6))), /"reached"/, 'pass-through');
    const legacy = (words: Readonly<Record<string, Word64>>, more: Partial<DmaRequest> = {}): string =>
      name(vtd({ bus: withWords(words), rootTable: { ppn: ROOT, mode: 'legacy' }, hawLg2: 46 }, request(more))); // prettier-ignore
    assert.equal(legacy({}), 'fault reason 0x1');
    assert.equal(legacy({ [`${ROOT}.0`]: pointer(ROOT + 1, word(5)) }), 'fault reason 0xa');
    assert.equal(legacy(root), 'fault reason 0x2');
    const old = { ...root, [`${ROOT + 1}.${DEVICE * 2}`]: word(1) };
    assert.equal(legacy(old), 'fault reason 0x3', 'AW 0');
    assert.match(legacy(old, { pasid: 1 }), /"unknown"/);
    assert.match(legacy({ ...root, [`${ROOT + 1}.${DEVICE * 2}`]: word(1 | (2 << 2)) }), /"reached"/, 'pass-through'); // prettier-ignore
  });

  it('SMMUv3: stream table entries and context descriptors', () => {
    const at = (words: Readonly<Record<string, Word64>>, more: Partial<DmaRequest> = {}, splitLg2?: number): string =>
      name(smmu({ bus: withWords(words), streamTable: { base: addr(ROOT), sizeLg2: 9, splitLg2 }, oasLg2: 44 }, request(more))); // prettier-ignore
    const ste = (low: Word64, second = word(0)): Readonly<Record<string, Word64>> => ({
      [`${ROOT}.${DEVICE * 8}`]: low,
      [`${ROOT}.${DEVICE * 8 + 1}`]: second,
    });
    assert.equal(at({}, { requester: 512 }), 'C_BAD_STREAMID');
    assert.equal(at({}), 'C_BAD_STE', 'V=0');
    assert.equal(at(ste(word(1))), 'abort');
    assert.equal(at(ste(word(1 | (1 << 1)))), 'C_BAD_STE', 'Config 1');
    assert.match(at(ste(word(1 | (4 << 1)))), /"reached"/, 'bypass');
    assert.equal(at(ste(word(1 | (6 << 1))), { pasid: 1 }), 'C_BAD_SUBSTREAMID');
    assert.match(at(ste(word(1 | (6 << 1)))), /"unknown"/, 'VMSAv7');
    const s1 = pointer(ROOT + 1, word(1 | (5 << 1)));
    assert.equal(at(ste(s1)), 'C_BAD_CD', 'CD.V=0');
    assert.equal(at(ste(s1), { pasid: 1 }), 'C_BAD_SUBSTREAMID');
    const many = or(s1, mask(60, 59));
    assert.equal(at(ste(many)), 'F_STREAM_DISABLED', 'S1DSS terminates');
    assert.match(at(ste(many, word(1))), /"reached"/, 'S1DSS bypasses');
    assert.equal(at(ste(many, word(2)), { pasid: 0 }), 'F_STREAM_DISABLED', 'substream 0 is taken');
    assert.equal(at(ste(or(many, word(1 << 4))), { pasid: 1 }), 'C_BAD_SUBSTREAMID', 'no first-level descriptor'); // prettier-ignore
    assert.equal(at(ste(or(s1, word(3 << 4)))), 'C_BAD_STE', 'S1Fmt 3');
    assert.equal(at({}, {}, 6), 'C_BAD_STREAMID', 'span 0');
    const cd = (low: Word64): Readonly<Record<string, Word64>> => ({ ...ste(s1), [`${ROOT + 1}.0`]: low }); // prettier-ignore
    const good = word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9));
    assert.equal(at(cd(word(16 | (1 << 31), 5))), 'C_BAD_CD', 'AA64=0');
    assert.equal(at(cd(or(good, word(1 << 15)))), 'C_BAD_CD', 'ENDI');
    assert.equal(at(cd(or(good, word(3 << 6)))), 'C_BAD_CD', 'TG0');
    assert.equal(at(cd(or(good, word(0, 7)))), 'C_BAD_CD', 'IPS');
    assert.equal(at(cd(word(5 | (1 << 31), 5 | (1 << 9)))), 'C_BAD_CD', 'T0SZ');
    assert.equal(at(cd(or(good, word(1 << 14)))), 'F_TRANSLATION', 'EPD0');
    assert.equal(at(cd(good), { iova: addr(2 ** 52 - 1) }), 'F_TRANSLATION', 'EPD1');
  });

  it('SMMUv3: a stalled transaction waits where CD.S or S2S says so', () => {
    const words = {
      [`${ROOT}.${DEVICE * 8}`]: pointer(ROOT + 1, word(1 | (5 << 1))),
      [`${ROOT + 1}.0`]: word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9) | (1 << 12)),
      [`${ROOT + 1}.1`]: pointer(HOST),
    };
    const table = { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined };
    const found = smmu({ bus: withWords(words), streamTable: table, oasLg2: 44 }, request());
    assert.ok(found.kind === 'fault' && found.stalled === true && found.name === 'F_TRANSLATION');
  });
});

describe('Nested tables are the composition of both stages', () => {
  /** Identity for the tables of the first stage, and one page that moves: the second stage of each case. */
  const second = (mem: PhysMem, table: Word64, leaf: Word64, gpa: number): void => {
    const at = (pfn: number, target: number): void => {
      const page = addr(pfn);
      for (let level = 3; level > 0; level--) {
        // All pages of interest are below 2 MiB * 512, so one table a level is enough down to level 1.
        const next = level > 1 ? HOST + 4 - level : HOST + 0x10 + index(page, 1);
        put(mem, HOST + 3 - level, index(page, level), pointer(next, tableAt(table, level)));
      }
      put(mem, HOST + 0x10 + index(page, 1), index(page, 0), pointer(target, leaf));
    };
    const tableAt = (bits: Word64, level: number): Word64 =>
      bits === AMD_TABLE ? or(bits, word(level << 9)) : bits;
    for (let n = 0; n < 4; n++) at(GUEST + n, GUEST + n);
    at(ROOT + 1, ROOT + 1);
    at(gpa, TARGET);
  };
  const AMD_TABLE = or(word(1), mask(62, 61));
  const first = (mem: PhysMem, iova: Addr, table: Word64, leaf: Word64, gpa: number): void => {
    for (let level = 3; level > 0; level--) {
      put(mem, GUEST + 3 - level, index(iova, level), pointer(GUEST + 4 - level, table));
    }
    put(mem, GUEST + 3, index(iova, 0), pointer(gpa, leaf));
  };
  const CASES: Readonly<
    Record<
      string,
      (mem: PhysMem, iova: Addr, gpa: number) => (access: DmaRequest['access']) => DmaOutcome
    >
  > = {
    AMD: (mem, iova, gpa) => {
      put(mem, ROOT, DEVICE * 4, or(pointer(HOST, word(3), word(4 << 9), mask(62, 61), mask(55, 54)), word(0, ((ROOT + 1) & 7) << 26))); // prettier-ignore
      put(mem, ROOT, DEVICE * 4 + 1, word(((ROOT + 1) >> 3) << 16));
      put(mem, ROOT + 1, 0, pointer(GUEST, word(1)));
      second(mem, AMD_TABLE, AMD_TABLE, gpa);
      first(mem, iova, word(7), word(7), gpa);
      const iommu = { bus: memBus(mem), deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn: 0 };
      return (access) => amd(iommu, { requester: DEVICE, iova, access, privileged: false });
    },
    'VT-d': (mem, iova, gpa) => {
      put(mem, ROOT, 0, pointer(ROOT + 2, word(1)));
      put(mem, ROOT + 2, DEVICE * 4, pointer(ROOT + 3, word(1)));
      put(mem, ROOT + 3, 0, pointer(ROOT + 4, word(1)));
      put(mem, ROOT + 4, 0, pointer(HOST, word(1 | (2 << 2) | (3 << 6))));
      put(mem, ROOT + 4, 2, pointer(GUEST));
      second(mem, word(3), word(3), gpa);
      first(mem, iova, word(7), word(7), gpa);
      const iommu = { bus: memBus(mem), rootTable: { ppn: ROOT, mode: 'scalable' as const }, hawLg2: 46 }; // prettier-ignore
      return (access) => vtd(iommu, { requester: DEVICE, iova, access, privileged: false });
    },
    SMMUv3: (mem, iova, gpa) => {
      put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, word(1 | (7 << 1))));
      put(mem, ROOT, DEVICE * 8 + 2, word(7, 16 | (2 << 6) | (5 << 16) | (1 << 19)));
      put(mem, ROOT, DEVICE * 8 + 3, pointer(HOST));
      put(mem, ROOT + 1, 0, word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)));
      put(mem, ROOT + 1, 1, pointer(GUEST));
      second(mem, word(3), word(3 | (1 << 10) | (3 << 6)), gpa);
      first(mem, iova, word(3), word(3 | (1 << 10) | (1 << 6)), gpa);
      const table = { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined };
      return (access) => smmu({ bus: memBus(mem), streamTable: table, oasLg2: 44 }, { requester: DEVICE, iova, access, privileged: false }); // prettier-ignore
    },
  };
  for (const [name, wire] of Object.entries(CASES)) {
    const gpa = fc.integer({ min: 0x800, max: 0x1ffff });
    const iova = fc.integer({ min: 0, max: 2 ** 35 - 1 }).map((pfn) => addr(pfn, pfn % 4096));

    it(`${name}: reads and writes reach what the second stage makes of the first`, () => {
      fc.assert(
        fc.property(
          iova,
          gpa,
          fc.constantFrom('read' as const, 'write' as const),
          (at, page, access) => {
            const found = wire(createPhysMem({}), at, page)(access);
            assert.ok(found.kind === 'reached', JSON.stringify(found));
            assert.equal(formatAddr(found.spa), formatAddr(addr(TARGET, at.offset)));
          },
        ),
      );
    });

    it(`${name}: a hole of the second stage under any table of the first is a fault of the second`, () => {
      fc.assert(
        fc.property(iova, gpa, fc.integer({ min: 0, max: 3 }), (at, page, n) => {
          const mem = createPhysMem({});
          const access = wire(mem, at, page);
          put(mem, HOST + 0x10 + index(addr(GUEST + n), 1), index(addr(GUEST + n), 0), word(0));
          const found = access('read');
          assert.ok(found.kind === 'fault' && found.stage === 'second', JSON.stringify(found));
        }),
      );
    });
  }
});

describe('Levels that a table skips', () => {
  it('AMD: a table that skips levels over address bits that are not zero is unknown', () => {
    const kind = KINDS[0]!;
    const iova = addr(2 ** 18 + 512);
    const mem = createPhysMem({});
    kind.context(mem);
    // From level 4 straight to level 1: the bits of levels 3 and 2 are skipped.
    put(mem, HOST, 0, pointer(HOST + 3, or(word(1 | (1 << 9)), mask(62, 61))));
    const found = ask(kind, mem, iova, 'read');
    assert.ok(found.kind === 'unknown' && /skips levels/.test(found.why), JSON.stringify(found));
    put(mem, HOST + 3, 7, pointer(TARGET, kind.leaf()));
    assert.equal(ask(kind, mem, addr(7), 'read').kind, 'reached', 'zero bits may be skipped');
  });
});
