// Corners of the AMD, VT-d and SMMUv3 walkers: contexts of unusual shape, privilege, fetches, reserved encodings.
import assert from 'node:assert/strict';
import { addr, formatAddr, type Addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { translate as amd } from '../../server/model/hw/amd/walker.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../../server/model/hw/common/dma.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { translate as smmu, type Smmu } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtd } from '../../server/model/hw/vtd/walker.ts';
import { createPhysMem, load, type PhysMem } from '../../server/model/mem/physMem.ts';
import { DEVICE, GUEST, HOST, index, pointer, put, ROOT, TARGET } from './handTables.ts';

const IOVA = addr(0x12345, 8);
const ZERO = word(0);

const request = (more: Partial<DmaRequest> = {}): DmaRequest => ({
  ...{ requester: DEVICE, iova: IOVA, access: 'read', privileged: false, ...more },
});

/** What came of an access, in one text. */
function text(found: DmaOutcome): string {
  if (found.kind === 'reached') return formatAddr(found.spa);
  if (found.kind === 'unknown') return `unknown: ${found.why}`;
  return `${found.stage}: ${found.name}${found.reported ? '' : ', hidden'}`;
}

/** Four tables from `root` on; the entry of a level may be changed. */
function chain(mem: PhysMem, root: number, table: Word64, leaf: Word64, iova: Addr = IOVA): void {
  for (let level = 3; level > 0; level--) {
    put(mem, root + 3 - level, index(iova, level), pointer(root + 4 - level, table));
  }
  put(mem, root + 3, index(iova, 0), pointer(TARGET, leaf));
}

const failing = (mem: PhysMem, page: number): Bus => {
  const honest = memBus(mem);
  return { ...honest, read: (at, words, into) => at.pfn === page ? 'access-fault' : honest.read(at, words, into) }; // prettier-ignore
};

describe('AMD: guest tables', () => {
  const C_BIT = 2 ** 35;
  /** V, TV, GV, GIOV, IR, IW; no host table. */
  function guest(leaf: Word64, table: Word64 = word(7)): PhysMem {
    const mem = createPhysMem({});
    const gcr3 = ROOT + 1;
    put(mem, ROOT, DEVICE * 4, or(word(3), mask(62, 61), mask(55, 54), word(0, (gcr3 & 7) << 26)));
    put(mem, ROOT, DEVICE * 4 + 1, word((gcr3 >> 3) << 16));
    put(mem, gcr3, 0, pointer(GUEST, word(1)));
    chain(mem, GUEST, table, leaf);
    return mem;
  }
  const ask = (
    mem: PhysMem,
    more: Partial<DmaRequest> = {},
    bus = memBus(mem),
    encryptionPfn = 0,
  ): DmaOutcome =>
    // prettier-ignore
    amd({ bus, deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn }, request(more));
  const flagsOf = (found: DmaOutcome): number | undefined => found.kind === 'fault' ? found.flags : undefined; // prettier-ignore

  it('permissions and privilege', () => {
    const supervisor = guest(word(3), word(3));
    assert.equal(text(ask(supervisor)), 'first: IO_PAGE_FAULT', 'U is clear');
    assert.equal(text(ask(supervisor, { privileged: true })), '0x90000008');
    const noExecute = guest(or(word(7), bit(63)));
    assert.equal(text(ask(noExecute)), '0x90000008');
    const refused = ask(noExecute, { access: 'execute' });
    assert.equal(flagsOf(refused), 0x51, 'GN, PR, PE');
    assert.equal(flagsOf(ask(guest(word(5)), { access: 'write' })), 0x71, 'and RW');
  });

  it('an address that is not canonical, a leaf where none can be, one that is not aligned', () => {
    const mem = guest(word(7));
    assert.match(text(ask(mem, { iova: addr(2 ** 40) })), /first: IO_PAGE_FAULT/);
    assert.match(text(ask(mem, { iova: addr(2 ** 52 - 1) })), /first: IO_PAGE_FAULT/, 'canonical, but not there'); // prettier-ignore
    put(mem, GUEST, index(IOVA, 3), pointer(TARGET, word(0x87)));
    assert.equal(flagsOf(ask(mem)), 0x91, 'PS at the top level: GN, PR, RZ');
    const huge = guest(word(7));
    put(huge, GUEST + 2, index(IOVA, 1), pointer(TARGET + 2, word(0x87)));
    assert.equal(flagsOf(ask(huge)), 0x91, 'not aligned to 2 MiB');
  });

  it('tables that memory refuses', () => {
    const mem = guest(word(7));
    assert.equal(text(ask(mem, {}, failing(mem, ROOT + 1))), 'second: PAGE_TAB_HARDWARE_ERROR');
    assert.equal(text(ask(mem, {}, failing(mem, GUEST + 1))), 'second: PAGE_TAB_HARDWARE_ERROR');
  });

  it('the encryption bit of the stage that is last decides', () => {
    const encrypted = (mem: PhysMem): unknown => {
      const found = ask(mem, {}, memBus(mem), C_BIT);
      assert.ok(found.kind === 'reached', JSON.stringify(found));
      return [found.attributes['C'], formatAddr(found.spa)];
    };
    assert.deepEqual(encrypted(guest(word(7))), [0, '0x90000008']);
    assert.deepEqual(encrypted(guest(or(word(7), bit(47)))), [1, '0x90000008']);
    // Nested in a host table that encrypts, and forces coherence.
    const mem = guest(word(7));
    const dte = load(mem, ROOT, DEVICE * 4);
    put(mem, ROOT, DEVICE * 4, or(dte, pointer(HOST), word(3 << 9)));
    // Leaves of 1 GiB: one for the tables, one for the page.
    for (const gigabyte of [0, 2]) {
      const leaf = or(word(1), mask(62, 60), bit(47));
      put(mem, HOST, gigabyte, pointer(gigabyte * 2 ** 18, leaf));
    }
    const found = ask(mem, {}, memBus(mem), C_BIT);
    assert.ok(found.kind === 'reached', JSON.stringify(found));
    assert.deepEqual(found.attributes, { C: 1, FC: 1 });
  });

  it('a host table is asked for the access of the guest’s leaf too', () => {
    const mem = guest(word(7));
    const dte = load(mem, ROOT, DEVICE * 4);
    put(mem, ROOT, DEVICE * 4, or(dte, pointer(HOST), word(3 << 9)));
    put(mem, HOST, 0, pointer(HOST + 1, or(word(1 | (2 << 9)), mask(62, 61))));
    for (const page of [ROOT, GUEST]) {
      put(mem, HOST + 1, page >> 9, pointer((page >> 9) << 9, or(word(1), mask(62, 61))));
    }
    assert.equal(text(ask(mem)), 'second: IO_PAGE_FAULT', 'the page itself is not there');
  });
});

describe('AMD: host translation', () => {
  it('Mode 0 passes addresses, and force-coherent leaves say so', () => {
    const mem = createPhysMem({});
    const ask = (): DmaOutcome => amd({ bus: memBus(mem), deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn: 0 }, request()); // prettier-ignore
    put(mem, ROOT, DEVICE * 4, or(word(3), mask(62, 61)));
    const passed = ask();
    assert.ok(passed.kind === 'reached' && passed.lastStageLg2 === undefined);
    assert.equal(formatAddr(passed.spa), '0x12345008');
    put(mem, ROOT, DEVICE * 4, or(pointer(HOST, word(3 | (1 << 9))), mask(62, 61)));
    put(mem, HOST, 5, pointer(TARGET, or(word(1), mask(62, 60))));
    const found = amd({ bus: memBus(mem), deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn: 0 }, request({ iova: addr(5) })); // prettier-ignore
    assert.ok(found.kind === 'reached');
    assert.deepEqual(found.attributes, { C: 0, FC: 1 });
  });
});

describe('VT-d', () => {
  const FPD = bit(1);
  interface Parts {
    readonly context?: Word64;
    readonly pasid?: readonly [Word64, Word64?, Word64?];
    readonly devfn?: number;
  }
  function scalable({ context = ZERO, pasid = [ZERO], devfn = DEVICE }: Parts): PhysMem {
    const mem = createPhysMem({});
    put(mem, ROOT, devfn < 128 ? 0 : 1, pointer(ROOT + 1, word(1)));
    put(mem, ROOT + 1, (devfn % 128) * 4, pointer(ROOT + 2, or(word(1), context)));
    put(mem, ROOT + 2, 0, pointer(ROOT + 3, word(1)));
    for (const [n, value] of pasid.entries()) if (value !== undefined) put(mem, ROOT + 3, n, value);
    return mem;
  }
  const ask = (mem: PhysMem, more: Partial<DmaRequest> = {}, bus = memBus(mem)): DmaOutcome =>
    vtd({ bus, rootTable: { ppn: ROOT, mode: 'scalable' }, hawLg2: 46 }, request(more));
  const FIRST = word(1 | (1 << 6));
  const first = (leaf: Word64, low: Word64 = FIRST, third = pointer(HOST)): PhysMem => {
    const mem = scalable({ pasid: [low, ZERO, third] });
    chain(mem, HOST, word(7), leaf);
    return mem;
  };

  it('Fault Processing Disable hides faults: of the context, of the PASID entry', () => {
    assert.equal(text(ask(scalable({}))), 'context: fault reason 0x59');
    assert.equal(text(ask(scalable({ context: FPD }))), 'context: fault reason 0x59, hidden');
    assert.equal(text(ask(scalable({ pasid: [FPD] }))), 'context: fault reason 0x59, hidden');
    assert.equal(text(ask(scalable({ pasid: [or(word(1 | (2 << 6)), FPD)] }))), 'context: fault reason 0x5b, hidden'); // prettier-ignore
    const legacy = createPhysMem({});
    put(legacy, ROOT, 0, pointer(ROOT + 1, word(1)));
    put(legacy, ROOT + 1, DEVICE * 2, FPD);
    const iommu = { bus: memBus(legacy), rootTable: { ppn: ROOT, mode: 'legacy' as const }, hawLg2: 46 }; // prettier-ignore
    assert.equal(text(vtd(iommu, request())), 'context: fault reason 0x2, hidden');
  });

  it('devices from 16 up are in the upper half of the root entry', () => {
    const mem = scalable({ devfn: 200, pasid: [word(1 | (4 << 6))] });
    assert.equal(text(ask(mem, { requester: 200 })), '0x12345008', 'pass-through');
    assert.equal(text(ask(mem)), 'context: fault reason 0x39');
  });

  it('a translation type that is reserved, a paging mode that is, nested without a second stage', () => {
    const entry = (low: Word64, third = ZERO): string => text(ask(scalable({ pasid: [low, ZERO, third] }))); // prettier-ignore
    for (const pgtt of [0, 5, 6, 7]) assert.equal(entry(word(1 | (pgtt << 6))), 'context: fault reason 0x5b'); // prettier-ignore
    assert.equal(entry(FIRST, word(2 << 2)), 'context: fault reason 0x5b', 'FLPM 2');
    assert.equal(entry(word(1 | (3 << 6))), 'context: fault reason 0x5b', 'AW 0');
  });

  it('first stage: supervisor pages, write protection, execution', () => {
    const SRE = bit(0);
    const WPE = bit(4);
    const mem = (leaf: number, third: Word64, more = ZERO): PhysMem => first(or(word(leaf), more), FIRST, or(pointer(HOST), third)); // prettier-ignore
    assert.equal(text(ask(mem(3, ZERO))), 'first: fault reason 0x81', 'U is clear');
    assert.equal(text(ask(mem(3, SRE), { privileged: true })), '0x90000008');
    assert.equal(text(ask(mem(5, ZERO), { access: 'write' })), 'first: fault reason 0x85');
    assert.equal(text(ask(mem(5, SRE), { access: 'write', privileged: true })), '0x90000008', 'WPE is clear'); // prettier-ignore
    assert.equal(text(ask(mem(5, or(SRE, WPE)), { access: 'write', privileged: true })), 'first: fault reason 0x85'); // prettier-ignore
    assert.equal(text(ask(mem(7, ZERO, bit(63)), { access: 'execute' })), 'first: fault reason 0x82'); // prettier-ignore
    assert.equal(text(ask(mem(7, ZERO), { iova: addr(2 ** 40) })), 'first: fault reason 0x80');
  });

  it('first stage: a leaf where none can be, and tables that memory refuses', () => {
    const mem = first(word(7));
    assert.equal(text(ask(mem, {}, failing(mem, HOST + 1))), 'first: fault reason 0x70');
    put(mem, HOST, index(IOVA, 3), pointer(TARGET, word(0x87)));
    assert.equal(text(ask(mem)), 'first: fault reason 0x72');
  });

  it('second stage: hardware keeps A and D where the entry says so', () => {
    // AW 2, PGTT second stage, SSADE.
    const mem = scalable({ pasid: [or(pointer(HOST, word(1 | (2 << 2) | (2 << 6))), bit(9))] });
    chain(mem, HOST, word(3), word(3));
    const leaf = (): number => load(mem, HOST + 3, index(IOVA, 0)).lo & 0x300;
    assert.equal(text(ask(mem)), '0x90000008');
    assert.equal(leaf(), 0x100);
    const honest = memBus(mem);
    let stores = 0;
    const racing: Bus = { ...honest, compareAndStore: (at, old, next) => stores++ === 0 ? 'changed' : honest.compareAndStore(at, old, next) }; // prettier-ignore
    assert.equal(text(ask(mem, { access: 'write' }, racing)), '0x90000008');
    assert.deepEqual([leaf(), stores], [0x300, 2]);
    const refused: Bus = { ...honest, compareAndStore: () => 'access-fault' };
    assert.equal(text(ask(mem, {}, refused)), 'second: fault reason 0x78');
  });

  it('snooping is forced by the leaf or by the PASID entry', () => {
    const snp = (leaf: Word64, second: Word64): unknown => {
      const mem = scalable({ pasid: [pointer(HOST, word(1 | (2 << 2) | (2 << 6))), second] });
      chain(mem, HOST, word(3), leaf);
      const found = ask(mem);
      return found.kind === 'reached' ? found.attributes['SNP'] : text(found);
    };
    const PGSNP = bit(24);
    assert.deepEqual([snp(word(3), ZERO), snp(or(word(3), bit(11)), ZERO), snp(word(3), PGSNP)], [0, 1, 1]); // prettier-ignore
    const mem = first(word(7));
    put(mem, ROOT + 3, 1, PGSNP);
    const found = ask(mem);
    assert.ok(found.kind === 'reached' && found.attributes['SNP'] === 1);
  });

  it('nested: what the second stage forbids, the first can not allow', () => {
    const nested = (leafBits: number): PhysMem => {
      const mem = scalable({ pasid: [pointer(HOST, word(1 | (2 << 2) | (3 << 6))), bit(24), pointer(GUEST)] }); // prettier-ignore
      chain(mem, GUEST, word(7), word(7));
      put(mem, HOST, 0, pointer(HOST + 1, word(3)));
      put(mem, HOST + 1, 0, pointer(HOST + 2, word(3)));
      put(mem, HOST + 1, 2, pointer(2 ** 19, word(0x80 | leafBits)));
      put(mem, HOST + 2, GUEST >> 9, pointer((GUEST >> 9) << 9, word(0x83)));
      return mem;
    };
    const found = ask(nested(3));
    assert.ok(found.kind === 'reached' && found.attributes['SNP'] === 1, JSON.stringify(found));
    assert.equal(text(ask(nested(1), { access: 'write' })), 'second: fault reason 0x79');
  });
});

describe('SMMUv3', () => {
  const CD = word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9));
  const S1_LEAF = word(3 | (1 << 10) | (1 << 6));
  const S2_LEAF = word(3 | (1 << 10) | (3 << 6));
  const S2_CONTROL = word(7, 16 | (2 << 6) | (5 << 16) | (1 << 19));
  const linear = { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined };
  const ask = (
    mem: PhysMem,
    more: Partial<DmaRequest> = {},
    table: Smmu['streamTable'] = linear,
    bus = memBus(mem),
  ): DmaOutcome =>
    // prettier-ignore
    smmu({ bus, streamTable: table, oasLg2: 44 }, request(more));

  function stage1(leaf: Word64 = S1_LEAF, ste = ZERO, cd = CD): PhysMem {
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, or(word(1 | (5 << 1)), ste)));
    put(mem, ROOT + 1, 0, cd);
    put(mem, ROOT + 1, 1, pointer(HOST));
    chain(mem, HOST, word(3), leaf);
    return mem;
  }

  function stage2(control: Word64, leaf: Word64 = S2_LEAF): PhysMem {
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 8, word(1 | (6 << 1)));
    put(mem, ROOT, DEVICE * 8 + 2, control);
    put(mem, ROOT, DEVICE * 8 + 3, pointer(HOST));
    chain(mem, HOST, word(3), leaf);
    return mem;
  }

  /** Stage 2 leads to everything below 1 GiB and to the page; stage 1 as above. */
  function nested(): PhysMem {
    const mem = stage1();
    put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, word(1 | (7 << 1))));
    put(mem, ROOT, DEVICE * 8 + 2, S2_CONTROL);
    put(mem, ROOT, DEVICE * 8 + 3, pointer(GUEST));
    const block = word(1 | (1 << 10) | (3 << 6));
    put(mem, GUEST, 0, pointer(GUEST + 1, word(3)));
    put(mem, GUEST + 1, 0, block);
    put(mem, GUEST + 1, 2, pointer(2 ** 19, block));
    return mem;
  }

  it('a stream table of two levels', () => {
    const mem = createPhysMem({});
    // Split 2: stream 9 is entry 1 of the descriptor 2, whose span of 3 covers four streams.
    const table = { base: addr(ROOT), sizeLg2: 6, splitLg2: 2 };
    put(mem, ROOT, 2, pointer(ROOT + 1, word(3)));
    put(mem, ROOT + 1, 8, word(1 | (4 << 1)));
    assert.equal(text(ask(mem, { requester: 9 }, table)), '0x12345008', 'bypass');
    assert.equal(text(ask(mem, { requester: 10 }, table)), 'context: C_BAD_STE', 'V is 0');
    put(mem, ROOT, 2, pointer(ROOT + 1, word(1)));
    assert.equal(text(ask(mem, { requester: 9 }, table)), 'context: C_BAD_STREAMID', 'the span is 1'); // prettier-ignore
    assert.equal(text(ask(mem, { requester: 9 }, table, failing(mem, ROOT))), 'context: F_STE_FETCH'); // prettier-ignore
  });

  it('descriptor tables of two levels, with 64 and with 1024 descriptors in a leaf', () => {
    for (const [format, leaf, substream] of [
      [1, 64, 70],
      [2, 1024, 1030],
    ] as const) {
      // prettier-ignore
      const mem = createPhysMem({});
      // S1CDMax 12, S1Fmt.
      const ste = or(word(1 | (5 << 1) | (format << 4)), word(0, 12 << 27));
      put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, ste));
      put(mem, ROOT + 1, Math.floor(substream / leaf), pointer(ROOT + 2, word(1)));
      put(mem, ROOT + 2, (substream % leaf) * 8, CD);
      put(mem, ROOT + 2, (substream % leaf) * 8 + 1, pointer(HOST));
      chain(mem, HOST, word(3), S1_LEAF);
      assert.equal(text(ask(mem, { pasid: substream })), '0x90000008');
      assert.equal(text(ask(mem, { pasid: substream + 1 })), 'context: C_BAD_CD', 'V is 0');
      assert.equal(text(ask(mem, { pasid: 2 })), 'context: C_BAD_SUBSTREAMID');
      const bus = failing(mem, ROOT + 1);
      assert.equal(text(ask(mem, { pasid: substream }, linear, bus)), 'context: F_CD_FETCH');
    }
  });

  it('stage 1: privilege and execution', () => {
    const supervisor = stage1(word(3 | (1 << 10)));
    assert.equal(text(ask(supervisor)), 'first: F_PERMISSION');
    assert.equal(text(ask(supervisor, { privileged: true })), '0x90000008');
    const noExecute = stage1(or(S1_LEAF, bit(54)));
    assert.equal(text(ask(noExecute, { access: 'execute' })), 'first: F_PERMISSION');
    assert.equal(text(ask(stage1(), { access: 'execute' })), '0x90000008');
  });

  it('stage 1: what tables above take away', () => {
    // NSTable, APTable[1:0], XNTable, PXNTable stand in bits 63:59.
    for (const [above, access] of [
      [61, 'read'],
      [62, 'write'],
      [60, 'execute'],
    ] as const) {
      // prettier-ignore
      const mem = stage1();
      put(mem, HOST, index(IOVA, 3), pointer(HOST + 1, or(word(3), bit(above))));
      assert.equal(text(ask(mem, { access })), 'first: F_PERMISSION', `bit ${above}`);
    }
  });

  it('addresses of TTB1: a fault where it is disabled, else unknown', () => {
    const upper = { iova: addr(2 ** 52 - 1) };
    assert.equal(text(ask(stage1(), upper)), 'first: F_TRANSLATION');
    const enabled = stage1(S1_LEAF, ZERO, word(CD.lo & ~(1 << 30), CD.hi));
    assert.match(text(ask(enabled, upper)), /^unknown: translations through TTB1/);
  });

  it('stage 2: encodings that are reserved, or that do not fit together', () => {
    const control = (tsz: number, sl0: number, tg: number, ps: number, more = 0): string =>
      text(ask(stage2(word(7, tsz | (sl0 << 6) | (tg << 14) | (ps << 16) | (1 << 19) | more))));
    assert.equal(control(16, 2, 0, 5), '0x90000008');
    assert.equal(control(16, 2, 3, 5), 'context: C_BAD_STE', 'S2TG 3');
    assert.equal(control(16, 2, 0, 7), 'context: C_BAD_STE', 'S2PS 7');
    assert.equal(control(16, 3, 0, 5), 'context: C_BAD_STE', 'S2SL0 beyond level 0');
    assert.equal(control(16, 0, 0, 5), 'context: C_BAD_STE', 'more than 16 tables');
    assert.equal(control(39, 2, 0, 5), 'context: C_BAD_STE', 'less than one bit for the start level'); // prettier-ignore
    assert.match(control(16, 2, 0, 5, 1 << 20), /^unknown: big-endian/);
    assert.match(text(ask(stage2(word(7, 16)))), /^unknown: VMSAv7/);
    const both = nested();
    put(both, ROOT, DEVICE * 8 + 2, word(7, 16 | (2 << 6) | (3 << 14) | (5 << 16) | (1 << 19)));
    assert.equal(text(ask(both)), 'context: C_BAD_STE', 'also under a first stage');
  });

  it('stage 2: execution, and a descriptor that no level knows', () => {
    assert.equal(text(ask(stage2(S2_CONTROL), { access: 'execute' })), '0x90000008');
    const noExecute = stage2(S2_CONTROL, or(S2_LEAF, bit(54)));
    assert.equal(text(ask(noExecute, { access: 'execute' })), 'second: F_PERMISSION');
    assert.equal(text(ask(noExecute)), '0x90000008');
    const block = stage2(S2_CONTROL);
    put(block, HOST, index(IOVA, 3), pointer(TARGET, word(1 | (1 << 10))));
    assert.equal(text(ask(block)), 'second: F_TRANSLATION', 'a block at level 0');
  });

  it('nested: descriptor and tables are found through stage 2, and the record says what was fetched', () => {
    const mem = nested();
    assert.equal(text(ask(mem)), '0x90000008');
    const unreadable = word(1 | (1 << 10) | (2 << 6));
    const fetched = (change: (mem: PhysMem) => void): unknown => {
      const changed = nested();
      change(changed);
      const found = ask(changed);
      return found.kind === 'fault' ? [found.stage, found.name, found.fetching, found.ipa?.pfn] : text(found); // prettier-ignore
    };
    const split =
      (hole: number, descriptor: Word64) =>
      (target: PhysMem): void => {
        put(target, GUEST + 1, 0, pointer(GUEST + 2, word(3)));
        for (let n = 0; n < 512; n++) put(target, GUEST + 2, n, or(word((n << 21) | 1 | (1 << 10) | (3 << 6)))); // prettier-ignore
        put(target, GUEST + 2, hole >> 9, pointer(GUEST + 3, word(3)));
        for (let n = 0; n < 512; n++) put(target, GUEST + 3, n, pointer(((hole >> 9) << 9) + n, S2_LEAF)); // prettier-ignore
        put(target, GUEST + 3, hole & 511, descriptor);
      };
    assert.deepEqual(fetched(split(ROOT + 1, ZERO)), ['second', 'F_TRANSLATION', 'context', ROOT + 1]); // prettier-ignore
    assert.deepEqual(fetched(split(HOST + 2, ZERO)), ['second', 'F_TRANSLATION', 'table', HOST + 2]); // prettier-ignore
    assert.deepEqual(fetched(split(HOST + 2, or(pointer(HOST + 2, unreadable), word(2)))), ['second', 'F_PERMISSION', 'table', HOST + 2]); // prettier-ignore
    const page = nested();
    put(page, GUEST + 1, 2, ZERO);
    const found = ask(page);
    assert.ok(found.kind === 'fault' && found.fetching === undefined && found.ipa?.pfn === TARGET);
  });

  it('stage 2 keeps dirty state where its descriptors have DBM: only with S2HD, which is not modelled', () => {
    const mem = stage2(S2_CONTROL, or(word(3 | (1 << 10) | (1 << 6)), bit(51)));
    assert.equal(text(ask(mem, { access: 'write' })), 'second: F_PERMISSION');
  });
});
