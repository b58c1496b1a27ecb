import { addr, type Addr } from '../../server/model/bits/pfn.ts';
import { bit, mask, or, word, type Word64 } from '../../server/model/bits/pte64.ts';
import type { Bus } from '../../server/model/hw/common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../../server/model/hw/common/dma.ts';
import { memBus } from '../../server/model/hw/common/memBus.ts';
import { translate as amd } from '../../server/model/hw/amd/walker.ts';
import { translate as smmu } from '../../server/model/hw/smmuv3/walker.ts';
import { translate as vtd } from '../../server/model/hw/vtd/walker.ts';
import { createPhysMem, load, store, type PhysMem } from '../../server/model/mem/physMem.ts';

/*
 * Tables written word by word, from the manuals' and the kernel's field definitions.
 */

/** Requester or stream id of every device. */
export const DEVICE = 3;
/** First page of contexts. */
export const ROOT = 0x500;
/** First page of tables, of the second stage where there are two. */
export const HOST = 0x600;
/** First page of first-stage tables. */
export const GUEST = 0x700;
/** The page that tables lead to. */
export const TARGET = 0x9_0000;

/** Stores an entry. */
export function put(mem: PhysMem, pfn: number, index: number, value: Word64): void {
  store(mem, pfn, index, value.lo, value.hi);
}

/** A word with a page number at bit 12 and other bits. */
export function pointer(pfn: number, ...bits: readonly Word64[]): Word64 {
  return or(word((pfn * 4096) | 0, Math.floor(pfn / 2 ** 20)), ...bits);
}

/** Index of an IOVA in the table of a level. */
export const index = (iova: Addr, level: number): number =>
  Math.floor(iova.pfn / 512 ** level) % 512;

/** A walker over tables of four levels of 512 entries, and how its entries are written. */
export interface Kind {
  readonly name: string;
  readonly context: (mem: PhysMem) => void;
  readonly translate: (bus: Bus, request: DmaRequest) => DmaOutcome;
  /** Bits of a valid table pointer and of a leaf of 4 KiB with all permissions, at a level. */
  readonly table: (level: number) => Word64;
  readonly leaf: () => Word64;
  /** Bits that take reading or writing away where they are set (or, for `has`, where they are clear). */
  readonly denies: Readonly<
    Partial<
      Record<
        'read' | 'write',
        { readonly bit: number; readonly when: 0 | 1; readonly levels: 'all' | 'leaf' }
      >
    >
  >;
  /** Entry that hardware takes as not there; and one with a reserved bit, where the format has one at every level. */
  readonly reserved?: Word64;
  readonly iovaLg2: number;
}

/** One table format of each stage. */
export const KINDS: readonly Kind[] = [
  {
    name: 'AMD host table',
    context: (mem) => {
      put(mem, ROOT, DEVICE * 4, pointer(HOST, word(3), word(4 << 9), mask(62, 61)));
    },
    translate: (bus, request) =>
      amd({ bus, deviceTable: { ppn: ROOT, pages: 1 }, encryptionPfn: 0 }, request),
    // NextLevel counts from 1.
    table: (level) => or(word(1 | (level << 9)), mask(62, 61)),
    leaf: () => or(word(1), mask(62, 61)),
    denies: {
      read: { bit: 61, when: 0, levels: 'all' },
      write: { bit: 62, when: 0, levels: 'all' },
    },
    reserved: bit(55),
    iovaLg2: 48,
  },
  {
    name: 'VT-d second stage',
    context: (mem) => {
      put(mem, ROOT, 0, pointer(ROOT + 1, word(1)));
      put(mem, ROOT + 1, DEVICE * 2, pointer(HOST, word(1)));
      put(mem, ROOT + 1, DEVICE * 2 + 1, word(2 | (7 << 8)));
    },
    translate: (bus, request) =>
      vtd({ bus, rootTable: { ppn: ROOT, mode: 'legacy' }, hawLg2: 46 }, request),
    table: () => word(3),
    leaf: () => word(3),
    denies: { read: { bit: 0, when: 0, levels: 'all' }, write: { bit: 1, when: 0, levels: 'all' } },
    // An address wider than the hardware's.
    reserved: bit(47),
    iovaLg2: 48,
  },
  {
    name: 'VT-d first stage',
    context: (mem) => {
      put(mem, ROOT, 0, pointer(ROOT + 1, word(1)));
      put(mem, ROOT + 1, DEVICE * 4, pointer(ROOT + 2, word(1)));
      put(mem, ROOT + 2, 0, pointer(ROOT + 3, word(1)));
      put(mem, ROOT + 3, 0, word(1 | (1 << 6)));
      put(mem, ROOT + 3, 2, pointer(HOST));
    },
    translate: (bus, request) =>
      vtd({ bus, rootTable: { ppn: ROOT, mode: 'scalable' }, hawLg2: 46 }, request),
    table: () => word(7),
    leaf: () => word(7),
    denies: { write: { bit: 1, when: 0, levels: 'all' } },
    iovaLg2: 47,
  },
  {
    name: 'SMMUv3 stage 1',
    context: (mem) => {
      put(mem, ROOT, DEVICE * 8, pointer(ROOT + 1, word(1 | (5 << 1))));
      put(mem, ROOT + 1, 0, word(16 | (1 << 30) | (1 << 31), 5 | (1 << 9)));
      put(mem, ROOT + 1, 1, pointer(HOST));
    },
    translate: (bus, request) => smmu({ bus, streamTable: { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined }, oasLg2: 44 }, request), // prettier-ignore
    table: () => word(3),
    // AF, and AP[1] for unprivileged accesses.
    leaf: () => word(3 | (1 << 10) | (1 << 6)),
    denies: { write: { bit: 7, when: 1, levels: 'leaf' } },
    reserved: bit(46),
    iovaLg2: 48,
  },
  {
    name: 'SMMUv3 stage 2',
    context: (mem) => {
      put(mem, ROOT, DEVICE * 8, word(1 | (6 << 1)));
      put(mem, ROOT, DEVICE * 8 + 2, word(7, 16 | (2 << 6) | (5 << 16) | (1 << 19)));
      put(mem, ROOT, DEVICE * 8 + 3, pointer(HOST));
    },
    translate: (bus, request) => smmu({ bus, streamTable: { base: addr(ROOT), sizeLg2: 6, splitLg2: undefined }, oasLg2: 44 }, request), // prettier-ignore
    table: () => word(3),
    leaf: () => word(3 | (1 << 10) | (3 << 6)),
    denies: {
      read: { bit: 6, when: 0, levels: 'leaf' },
      write: { bit: 7, when: 0, levels: 'leaf' },
    },
    reserved: bit(46),
    iovaLg2: 48,
  },
];

/** Tables of four levels, one page each, that lead from an IOVA to TARGET. */
export function build(kind: Kind, iova: Addr): PhysMem {
  const mem = createPhysMem({});
  kind.context(mem);
  for (let level = 3; level > 0; level--) {
    put(mem, HOST + 3 - level, index(iova, level), pointer(HOST + 4 - level, kind.table(level)));
  }
  put(mem, HOST + 3, index(iova, 0), pointer(TARGET, kind.leaf()));
  return mem;
}

/** Changes the entry of a level. */
export function change(mem: PhysMem, iova: Addr, level: number, to: (old: Word64) => Word64): void {
  put(
    mem,
    HOST + 3 - level,
    index(iova, level),
    to(load(mem, HOST + 3 - level, index(iova, level))),
  );
}

/** One access. */
export function ask(
  kind: Kind,
  mem: PhysMem,
  iova: Addr,
  access: DmaRequest['access'],
  bus: Bus = memBus(mem),
): DmaOutcome {
  return kind.translate(bus, { requester: DEVICE, iova, access, privileged: false });
}

/** A word with one bit set or cleared. */
export function flip(old: Word64, n: number, value: 0 | 1): Word64 {
  const one = bit(n);
  return value === 1 ? or(old, one) : { lo: old.lo & ~one.lo, hi: old.hi & ~one.hi };
}
