import { divPow2, POW2 } from '../bits/pow2.ts';
import { EMPTY, itemLg2, ITEMS_LG2, kindOf, LEAF, leafAddress, tablePfn } from '../fmt/ptFormat.ts';
import { load } from '../mem/physMem.ts';
import { indexOf, type IommuTable } from './iommuTable.ts';

/** A leaf with where it stands and what it says. Addresses are granule numbers. */
export interface FoundLeaf {
  /** Table that holds it, and index of its first item. */
  readonly pfn: number;
  readonly index: number;
  readonly level: number;
  readonly items: number;
  /** Unit: lg2 bytes. */
  readonly sizeLg2: number;
  readonly va: number;
  readonly oa: number;
  readonly granules: number;
  /** All bits besides the address and the code of the size: protection, dirty, encryption. */
  readonly restLo: number;
  readonly restHi: number;
}

/** The leaf that translates a granule; `undefined` where nothing does. Dirty when any of its items is. */
export function findLeaf(table: IommuTable, va: number): FoundLeaf | undefined {
  const { format, mem, sme, scratch } = table;
  let pfn = table.topPfn;
  for (let level = table.topLevel; ; level--) {
    const index = indexOf(table, va, level);
    const { lo, hi } = load(mem, pfn, index);
    const kind = kindOf(format, lo, hi, level);
    if (kind === EMPTY) return undefined;
    if (kind !== LEAF) {
      pfn = tablePfn(format, lo, hi, table);
      continue;
    }
    const contigLg2 = format.numContigLg2(lo, hi, level);
    const items = 1 << contigLg2;
    const granulesLg2 = ITEMS_LG2 * level + contigLg2;
    const sizeLg2 = itemLg2(format, level) + contigLg2;
    const first = index - (index % items);
    format.leafBits(scratch, sizeLg2, level, table);
    // The encryption bit can lie inside the address field.
    const addressBitsLo = format.oaLoMask & ~sme.lo;
    const addressBitsHi = format.oaHiMask & ~sme.hi;
    return {
      pfn,
      index: first,
      level,
      items,
      sizeLg2,
      va: divPow2(va, granulesLg2) * POW2[granulesLg2]!,
      oa: leafAddress(format, lo, hi, table),
      granules: POW2[granulesLg2]!,
      restLo: (lo & ~addressBitsLo & ~scratch.lo) | dirtyOf(table, pfn, first, items),
      restHi: hi & ~addressBitsHi & ~scratch.hi,
    };
  }
}

function dirtyOf(table: IommuTable, pfn: number, first: number, items: number): number {
  let dirty = 0;
  for (let n = 0; n < items; n++) {
    dirty |= load(table.mem, pfn, first + n).lo & table.format.dirtyLo;
  }
  return dirty;
}
