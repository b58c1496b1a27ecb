// RISC-V: what the vectors of the reference do not reach. Bits: RISC-V IOMMU Architecture Specification 1.0.
import assert from 'node:assert/strict';
import { addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import { boundedBus, type Bus } from '../../server/model/hw/common/bus.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { decodeCommand, execute, type Command } from '../../server/model/hw/riscv/commandQueue.ts';
import { decodeDeviceContext } from '../../server/model/hw/riscv/deviceContext.ts';
import { directoryCache, type DirectoryCache } from '../../server/model/hw/riscv/directoryCache.ts';
import { translationCache, type TranslationCache } from '../../server/model/hw/riscv/iotlb.ts';
import {
  capabilities,
  ddtp,
  featureControl,
  firstStageMode,
  secondStageMode,
} from '../../server/model/hw/riscv/registers.ts';
import type { Request } from '../../server/model/hw/riscv/request.ts';
import { riscvIommu, translate, type RiscvIommu } from '../../server/model/hw/riscv/walker.ts';
import { createPhysMem, load, type PhysMem } from '../../server/model/mem/physMem.ts';
import { DEVICE, GUEST, HOST, put, ROOT } from './handTables.ts';

const ZERO = word(0);
/** Sv39 to Sv57 in both stages, A and D by hardware, ATS, PD8 to PD20, NL, S; 56-bit addresses. */
const FULL = or(mask(11, 9), mask(19, 17), bit(24), bit(25), bit(26), word(0, 56), mask(43, 38));
const LITTLE = featureControl(ZERO);
const IOVA = addr(5, 8);
/** What the IOVA leads to, guest-physical and physical. */
const GPA = 0x150;
const SPA = 0x9_0000;
const MODE48 = word(0, 0x90000000 | 0);
/** V, R, W, X, U; A and D. */
const LEAF = 0x1f;
const AD = 0xc0;
const FIRST_LEAF = { table: GUEST + 3, index: 5 };

const entry = (pfn: number, bits: number): Word64 => word((pfn << 10) | bits, pfn >>> 22);

/** Both stages, four levels each; the second one is the identity but for the page of the IOVA. */
function nested(leaf: number, secondLeaf: number = LEAF | AD): PhysMem {
  const mem = createPhysMem({});
  put(mem, ROOT, DEVICE * 4, or(bit(0), bit(7), bit(8)));
  put(mem, ROOT, DEVICE * 4 + 1, or(word(HOST), MODE48));
  put(mem, ROOT, DEVICE * 4 + 3, or(word(GUEST), MODE48));
  for (let n = 0; n < 3; n++) put(mem, GUEST + n, 0, entry(GUEST + n + 1, 1));
  put(mem, FIRST_LEAF.table, FIRST_LEAF.index, entry(GPA, leaf));
  // Tables of the second stage begin behind its root of four pages.
  put(mem, HOST, 0, entry(HOST + 4, 1));
  put(mem, HOST + 4, 0, entry(HOST + 5, 1));
  for (let n = 0; n < 4; n++) put(mem, HOST + 5, n, entry(HOST + 6 + n, 1));
  for (let n = 0; n < 512 * 4; n++) {
    put(mem, HOST + 6 + (n >> 9), n & 511, entry(n, LEAF | AD));
  }
  put(mem, HOST + 6, GPA, entry(SPA, secondLeaf));
  return mem;
}

function iommuOf(mem: PhysMem, more: Partial<RiscvIommu> = {}): RiscvIommu {
  return riscvIommu({
    ...{ caps: capabilities(FULL), fctl: LITTLE, ddtp: ddtp(word(2 | (ROOT << 10))) },
    ...{ bus: memBus(mem), bareLg2: 30, ...more },
  });
}

const request = (more: Partial<Request> = {}): Request => ({
  ...{ deviceId: DEVICE, privileged: false, execute: false, noWrite: false },
  ...{ at: 'untranslated', access: 'read', iova: IOVA, ...more },
});

function outcome(iommu: RiscvIommu, more: Partial<Request> = {}): string {
  const found = translate(iommu, request(more));
  switch (found.kind) {
    case 'translated':
      return `0x${found.pa.pfn.toString(16)}+${found.pa.offset}`;
    case 'fault':
      return `cause ${found.cause}${found.logged ? '' : ', silent'}`;
    case 'unknown':
      return `unknown: ${found.why}`;
  }
}

describe('RISC-V: capabilities and modes', () => {
  it('a mode that is not implemented is none', () => {
    const none = capabilities(ZERO);
    const all = capabilities(FULL);
    assert.deepEqual([0, 8, 9, 10, 11].map((code) => firstStageMode(code, none)), [0, undefined, undefined, undefined, undefined]); // prettier-ignore
    assert.deepEqual([0, 8, 9, 10, 11].map((code) => firstStageMode(code, all)), [0, 3, 4, 5, undefined]); // prettier-ignore
    assert.deepEqual([0, 8, 9, 10].map((code) => secondStageMode(code, none)), [0, undefined, undefined, undefined]); // prettier-ignore
    assert.deepEqual(
      [0, 8, 9, 10].map((code) => secondStageMode(code, all)),
      [0, 3, 4, 5],
    );
  });

  it('addresses wider than capabilities.PAS never leave the IOMMU', () => {
    const bus = boundedBus(memBus(createPhysMem({})), 44);
    const [inside, outside] = [addr(2 ** 32 - 1), addr(2 ** 32)];
    const into = new Int32Array(2);
    assert.deepEqual([inside, outside].map((at) => bus.read(at, 1, into)), ['ok', 'access-fault']); // prettier-ignore
    assert.deepEqual([inside, outside].map((at) => bus.compareAndStore(at, ZERO, bit(0))), ['ok', 'access-fault']); // prettier-ignore
    assert.equal(bus.compareAndStore(inside, ZERO, bit(1)), 'changed');
  });
});

describe('RISC-V: device contexts that are misconfigured', () => {
  const VALID = bit(0);
  const decode = (
    parts: { readonly tc?: Word64; readonly iohgatp?: Word64; readonly fsc?: Word64; readonly ta?: Word64 }, // prettier-ignore
    caps: Word64 = FULL,
    fctl: Word64 = ZERO,
  ): boolean => {
    const words = [or(VALID, parts.tc ?? ZERO), parts.iohgatp ?? ZERO, parts.ta ?? ZERO, parts.fsc ?? ZERO]; // prettier-ignore
    return decodeDeviceContext(words, capabilities(caps), featureControl(fctl)) !== undefined;
  };
  const [enAts, enPri, t2gpa, pdtv, prpr] = [1, 2, 3, 5, 6].map(bit);
  const [gade, sade, dpe, sbe, sxl] = [7, 8, 9, 10, 11].map(bit);
  const NO_ATS = or(mask(11, 9), mask(19, 17), word(0, 56));

  it('bits that need a capability, or one another', () => {
    assert.ok(decode({}));
    assert.ok(decode({ tc: enAts! }) && !decode({ tc: enAts! }, NO_ATS));
    assert.ok(!decode({ tc: enPri! }), 'EN_PRI needs EN_ATS');
    assert.ok(!decode({ tc: enPri! }, NO_ATS) && !decode({ tc: prpr! }, NO_ATS));
    assert.ok(decode({ tc: or(enAts!, enPri!, prpr!) }) && !decode({ tc: or(enAts!, prpr!) }));
    assert.ok(!decode({ tc: t2gpa! }), 'T2GPA needs EN_ATS');
    assert.ok(!decode({ tc: or(enAts!, t2gpa!) }), 'T2GPA needs a second stage');
    assert.ok(decode({ tc: or(enAts!, t2gpa!), iohgatp: or(word(HOST), MODE48) }));
    assert.ok(!decode({ tc: or(enAts!, t2gpa!), iohgatp: or(word(HOST), MODE48) }, or(NO_ATS, bit(25)))); // prettier-ignore
    assert.ok(!decode({ tc: dpe! }) && decode({ tc: or(dpe!, pdtv!) }), 'DPE needs PDTV');
    assert.ok(decode({ tc: gade! }) && !decode({ tc: gade! }, NO_ATS), 'GADE needs AMO_HWAD');
    assert.ok(decode({ tc: sade! }) && !decode({ tc: sade! }, NO_ATS), 'SADE needs AMO_HWAD');
  });

  it('byte order and register width agree with fctl where the IOMMU has one only', () => {
    assert.ok(!decode({ tc: sbe! }), 'SBE without capabilities.END');
    assert.ok(decode({ tc: sbe! }, or(FULL, bit(27))));
    assert.ok(decode({ tc: sbe! }, FULL, bit(0)), 'fctl.BE says the same');
    assert.ok(!decode({ tc: sxl! }), 'SXL without Sv32');
    assert.ok(decode({ tc: sxl! }, or(FULL, bit(8))));
    assert.ok(!decode({}, or(FULL, bit(8)), bit(2)), 'GXL fixes SXL');
    assert.ok(decode({ tc: sxl! }, or(FULL, bit(8)), bit(2)));
  });

  it('modes that are reserved or not implemented, and a root that is not aligned', () => {
    assert.ok(!decode({ iohgatp: word(0, 0x70000000) }), 'a reserved mode of the second stage');
    assert.ok(!decode({ iohgatp: or(word(HOST + 1), MODE48) }), 'a root off by a page');
    assert.ok(!decode({ fsc: word(0, 0x70000000) }), 'a reserved mode of the first stage');
    assert.ok(decode({ tc: pdtv!, fsc: word(0, 0x10000000) }), 'PD8');
    assert.ok(!decode({ tc: pdtv!, fsc: word(0, 0x40000000) }), 'PDTP mode 4');
    assert.ok(!decode({ tc: pdtv!, fsc: word(0, 0x10000000) }, NO_ATS), 'PD8 not implemented');
  });

  it('reserved bits of each word', () => {
    for (const n of [12, 23, 32, 63]) assert.ok(!decode({ tc: bit(n) }), `tc ${n}`);
    for (const n of [0, 11, 32, 39]) assert.ok(!decode({ ta: bit(n) }), `ta ${n}`);
    assert.ok(decode({ ta: bit(40) }) && !decode({ ta: bit(40) }, NO_ATS), 'RCID needs QOSID');
    for (const n of [44, 59]) assert.ok(!decode({ fsc: bit(n) }), `fsc ${n}`);
  });
});

describe('RISC-V: directories that can not be read', () => {
  const twoLevels = ddtp(word(3 | (ROOT << 10)));
  const failing = (mem: PhysMem, at: number, how: 'access-fault' | 'corrupted'): Bus => {
    const honest = memBus(mem);
    return { ...honest, read: (place, words, into) => place.pfn === at ? how : honest.read(place, words, into) }; // prettier-ignore
  };

  it('the device directory: its pages and its contexts', () => {
    const mem = createPhysMem({});
    put(mem, ROOT, 0, entry(ROOT + 1, 1));
    put(mem, ROOT + 1, DEVICE * 4, bit(0));
    const ask = (bus: Bus): string => outcome(iommuOf(mem, { ddtp: twoLevels, bus }));
    assert.equal(ask(memBus(mem)), '0x5+8', 'both stages bare');
    assert.equal(ask(failing(mem, ROOT, 'access-fault')), 'cause 257');
    assert.equal(ask(failing(mem, ROOT, 'corrupted')), 'cause 268');
    assert.equal(ask(failing(mem, ROOT + 1, 'access-fault')), 'cause 257');
    assert.equal(ask(failing(mem, ROOT + 1, 'corrupted')), 'cause 268');
  });

  it('the process directory, through the second stage too', () => {
    const mem = createPhysMem({});
    // PDTV, and PD8; the process context is Bare.
    put(mem, ROOT, DEVICE * 4, or(bit(0), bit(5)));
    put(mem, ROOT, DEVICE * 4 + 3, or(word(GUEST), word(0, 0x10000000)));
    put(mem, GUEST, 2 * 7, or(bit(0), bit(1)));
    const ask = (bus: Bus, more: Partial<Request> = {}): string => outcome(iommuOf(mem, { bus }), { processId: 7, ...more }); // prettier-ignore
    assert.equal(ask(memBus(mem)), '0x5+8');
    assert.equal(ask(memBus(mem), { privileged: true }), '0x5+8', 'ENS is set');
    assert.equal(ask(failing(mem, GUEST, 'access-fault')), 'cause 265');
    assert.equal(ask(failing(mem, GUEST, 'corrupted')), 'cause 269');
  });
});

describe('RISC-V: what a device context changes', () => {
  const setTc = (mem: PhysMem, ...bits: readonly number[]): void => {
    put(mem, ROOT, DEVICE * 4, or(bit(0), bit(7), bit(8), ...bits.map((n) => bit(n))));
  };

  it('DTF silences faults of the device’s own translations, and no others', () => {
    const mem = nested(0);
    assert.equal(outcome(iommuOf(mem)), 'cause 13');
    setTc(mem, 4);
    assert.equal(outcome(iommuOf(mem)), 'cause 13, silent');
    put(mem, ROOT, DEVICE * 4, or(bit(4)));
    assert.equal(outcome(iommuOf(mem)), 'cause 258', 'V is clear');
  });

  it('translated requests: final addresses, or with T2GPA guest-physical ones', () => {
    const mem = nested(LEAF | AD);
    const translated = { at: 'translated', iova: addr(GPA, 8) } as const;
    assert.equal(outcome(iommuOf(mem), translated), 'cause 260', 'EN_ATS is clear');
    setTc(mem, 1);
    assert.equal(outcome(iommuOf(mem), translated), `0x${GPA.toString(16)}+8`);
    setTc(mem, 1, 3);
    assert.equal(outcome(iommuOf(mem), translated), '0x90000+8');
    assert.equal(outcome(iommuOf(mem), { ...translated, iova: addr(2 ** 40) }), 'cause 21');
    assert.match(outcome(iommuOf(mem), { at: 'ats-translation-request' }), /^unknown: ATS answers/);
  });

  it('an ATS translation request is granted what the leaves allow', () => {
    const mem = nested(LEAF | AD);
    setTc(mem, 1);
    const grant = (execute: boolean): object | undefined => {
      const found = translate(iommuOf(mem), request({ at: 'ats-translation-request', execute }));
      assert.ok(found.kind === 'translated');
      return found.ats;
    };
    const granted = { read: true, write: true, untranslatedOnly: false, privileged: false, global: false }; // prettier-ignore
    assert.deepEqual(grant(false), { ...granted, execute: false });
    assert.deepEqual(grant(true), { ...granted, execute: true });
  });

  it('MSI page tables are not modelled, and said so', () => {
    const caps = capabilities(or(FULL, bit(22)));
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 8, bit(0));
    assert.equal(outcome(iommuOf(mem, { caps })), '0x5+8');
    put(mem, ROOT, DEVICE * 8 + 4, word(0, 0x10000000));
    assert.match(outcome(iommuOf(mem, { caps })), /^unknown: DC.msiptp is on/);
  });
});

describe('RISC-V: A and D are set by hardware', () => {
  const racing = (mem: PhysMem): { readonly bus: Bus; readonly stores: () => number } => {
    const honest = memBus(mem);
    let stores = 0;
    return {
      stores: () => stores,
      bus: {
        ...honest,
        compareAndStore: (at, old, next) =>
          stores++ === 0 ? 'changed' : honest.compareAndStore(at, old, next),
      },
    };
  };
  const flags = (mem: PhysMem, table: number, index: number): number => load(mem, table, index).lo & AD; // prettier-ignore

  it('in the first stage: an entry that changed meanwhile is read again', () => {
    const mem = nested(LEAF);
    const { bus, stores } = racing(mem);
    assert.equal(outcome(iommuOf(mem, { bus }), { access: 'write' }), '0x90000+8');
    assert.equal(stores(), 2);
    assert.equal(flags(mem, FIRST_LEAF.table, FIRST_LEAF.index), AD);
  });

  it('in the second stage, likewise', () => {
    const mem = nested(LEAF | AD, LEAF);
    const { bus, stores } = racing(mem);
    assert.equal(outcome(iommuOf(mem, { bus })), '0x90000+8');
    assert.equal(stores(), 2);
    assert.equal(flags(mem, HOST + 6, GPA), 0x40, 'a read sets A alone');
  });

  it('a store that memory refuses is an access fault; of damaged memory, one of its own', () => {
    for (const mem of [nested(LEAF), nested(LEAF | AD, LEAF)]) {
      const refused: Bus = { ...memBus(mem), compareAndStore: () => 'access-fault' };
      assert.equal(outcome(iommuOf(mem, { bus: refused })), 'cause 5');
      const damaged: Bus = { ...memBus(mem), compareAndStore: () => 'corrupted' };
      assert.equal(outcome(iommuOf(mem, { bus: damaged })), 'cause 274');
    }
  });

  it('where the second stage does not let the first one be written, the fault is of the guest', () => {
    const mem = nested(LEAF);
    // The page of the first stage's last table: readable, not writable.
    put(mem, HOST + 6 + (FIRST_LEAF.table >> 9), FIRST_LEAF.table & 511, entry(FIRST_LEAF.table, 0x53)); // prettier-ignore
    const found = translate(iommuOf(mem), request());
    assert.ok(found.kind === 'fault' && found.cause === 21, JSON.stringify(found));
    assert.equal(found.iotval2.lo & 3, 3, 'an implicit write');
  });

  it('a table page that is clean in the second stage is marked dirty before the store', () => {
    const mem = nested(LEAF);
    const { table } = FIRST_LEAF;
    put(mem, HOST + 6 + (table >> 9), table & 511, entry(table, LEAF | 0x40));
    assert.equal(outcome(iommuOf(mem), { access: 'write' }), '0x90000+8');
    assert.equal(flags(mem, HOST + 6 + (table >> 9), table & 511), AD);
  });
});

describe('RISC-V: caches and the commands on them', () => {
  interface Cached {
    readonly iommu: RiscvIommu;
    readonly mem: PhysMem;
    readonly directories: DirectoryCache;
    readonly translations: TranslationCache;
  }
  const cached = (leaf = LEAF | AD): Cached => {
    const mem = nested(leaf);
    const [directories, translations] = [directoryCache(), translationCache()];
    const parts = { directoryCache: directories, translationCache: translations };
    return { iommu: iommuOf(mem, parts), mem, directories, translations };
  };
  const run = ({ directories, translations }: Cached, first: Word64, second = ZERO): void => {
    const command = decodeCommand([first, second], capabilities(FULL));
    assert.ok(command.kind !== 'illegal', JSON.stringify(command));
    execute(command, directories, translations);
  };
  const VMA = word(1);
  const GVMA = word(1 | (1 << 7));
  const [av, gv] = [bit(10), bit(33)];
  const page = (pfn: number): Word64 => word(pfn << 10);
  const gscid = (id: number): Word64 => word(0, id << 12);

  it('a cached translation answers until a command drops it', () => {
    const parts = cached();
    assert.equal(outcome(parts.iommu), '0x90000+8');
    put(parts.mem, HOST + 6, GPA, entry(SPA + 1, LEAF | AD));
    assert.equal(outcome(parts.iommu), '0x90000+8', 'stale');
    run(parts, or(GVMA, gv, gscid(9)));
    assert.equal(outcome(parts.iommu), '0x90000+8', 'of another GSCID');
    run(parts, or(VMA, gv, av), page(6));
    assert.equal(outcome(parts.iommu), '0x90000+8', 'of another page');
    run(parts, or(VMA, gv, av), page(5));
    assert.equal(outcome(parts.iommu), '0x90001+8');
  });

  it('a range with S is coded as for NAPOT', () => {
    const decode = (coded: number): unknown => {
      const found = decodeCommand([or(VMA, av), or(page(coded), bit(9))], capabilities(FULL)) as Command & { kind: 'IOTINVAL.VMA' }; // prettier-ignore
      return [found.pfn, found.pages];
    };
    assert.deepEqual([0x10, 0x11, 0x13, 0x17].map(decode), [[0x10, 2], [0x10, 4], [0x10, 8], [0x10, 16]]); // prettier-ignore
    const parts = cached();
    outcome(parts.iommu);
    put(parts.mem, HOST + 6, GPA, entry(SPA + 1, LEAF | AD));
    run(parts, or(VMA, gv, av), or(page(5), bit(9)));
    assert.equal(outcome(parts.iommu), '0x90001+8', 'pages 4 to 7');
  });

  it('permissions that a cached translation lacks send the access to the tables', () => {
    // Read-only: V, R, U, A, D.
    const parts = cached(0x13 | AD);
    assert.equal(outcome(parts.iommu), '0x90000+8');
    assert.equal(outcome(parts.iommu, { access: 'write' }), 'cause 15');
    assert.equal(outcome(parts.iommu, { execute: true }), 'cause 12');
  });

  it('an invalidation of the first stage leaves what used none; of the second, likewise', () => {
    const mem = createPhysMem({});
    put(mem, ROOT, DEVICE * 4, or(bit(0), bit(8)));
    put(mem, ROOT, DEVICE * 4 + 3, or(word(GUEST), MODE48));
    for (let n = 0; n < 3; n++) put(mem, GUEST + n, 0, entry(GUEST + n + 1, 1));
    put(mem, GUEST + 3, 5, entry(SPA, LEAF | AD));
    const [directories, translations] = [directoryCache(), translationCache()];
    const iommu = iommuOf(mem, { directoryCache: directories, translationCache: translations });
    const parts = { iommu, mem, directories, translations };
    assert.equal(outcome(iommu), '0x90000+8');
    put(mem, GUEST + 3, 5, entry(SPA + 1, LEAF | AD));
    run(parts, GVMA);
    assert.equal(outcome(iommu), '0x90000+8', 'without a second stage there is nothing to drop');
    run(parts, VMA);
    assert.equal(outcome(iommu), '0x90001+8');
    const both = cached();
    put(both.mem, ROOT, DEVICE * 4 + 3, ZERO);
    assert.equal(outcome(both.iommu, { iova: addr(GPA, 8) }), '0x90000+8', 'second stage alone');
    put(both.mem, HOST + 6, GPA, entry(SPA + 1, LEAF | AD));
    run(both, or(VMA, gv));
    assert.equal(outcome(both.iommu, { iova: addr(GPA, 8) }), '0x90000+8', 'VMA is not about it');
    run(both, or(GVMA, gv, av), page(GPA + 1));
    assert.equal(outcome(both.iommu, { iova: addr(GPA, 8) }), '0x90000+8', 'another page');
    run(both, or(GVMA, gv, av), page(GPA));
    assert.equal(outcome(both.iommu, { iova: addr(GPA, 8) }), '0x90001+8');
  });

  it('contexts stay until IODIR names them, or all of them', () => {
    for (const command of [or(word(3), bit(33), word(0, DEVICE << 8)), word(3)]) {
      const parts = cached();
      outcome(parts.iommu);
      put(parts.mem, ROOT, DEVICE * 4, ZERO);
      assert.equal(outcome(parts.iommu), '0x90000+8');
      run(parts, or(word(3), bit(33), word(0, (DEVICE + 1) << 8)));
      assert.equal(outcome(parts.iommu), '0x90000+8', 'another device');
      run(parts, command);
      assert.equal(outcome(parts.iommu), 'cause 258');
    }
  });

  it('contexts of processes go with their device', () => {
    const keep = (): DirectoryCache => {
      const cache = directoryCache();
      const context = { firstStage: { levels: 0, ppn: 0 }, ens: false, sum: false, pscid: 1 } as const; // prettier-ignore
      for (const device of [1, 2]) cache.keepProcess(device, 9, context);
      return cache;
    };
    const held = (cache: DirectoryCache): readonly boolean[] => [1, 2].map((device) => cache.process(device, 9) !== undefined); // prettier-ignore
    const one = keep();
    one.dropDevice(1);
    assert.deepEqual(held(one), [false, true]);
    const all = keep();
    all.dropDevice(undefined);
    assert.deepEqual(held(all), [false, false]);
    const process = keep();
    process.dropProcess(2, 9);
    assert.deepEqual(held(process), [true, false]);
  });

  it('ATS commands need the capability', () => {
    const kind = (func3: number, caps: Word64): string => decodeCommand([word(4 | (func3 << 7)), ZERO], capabilities(caps)).kind; // prettier-ignore
    assert.deepEqual([kind(0, FULL), kind(1, FULL), kind(2, FULL), kind(0, ZERO)], ['ATS', 'ATS', 'illegal', 'illegal']); // prettier-ignore
    run(cached(), word(4));
  });
});
