import { addr, type Addr } from '../../bits/pfn.ts';
import { INV_POW2, modPow2, POW2 } from '../../bits/pow2.ts';

const PAGE_LG2 = 12;
const PAGE_BYTES = 2 ** PAGE_LG2;

/** Address of entry `index` of a table that starts at a page. `bytes` is the size of an entry. */
export function entryAt(ppn: number, index: number, bytes = 8): Addr {
  const offset = index * bytes;
  return addr(ppn + Math.floor(offset / PAGE_BYTES), offset % PAGE_BYTES);
}

/** Address of entry `index` of a table that need not start at a page. */
export function entryFrom(base: Addr, index: number, bytes = 8): Addr {
  const offset = base.offset + index * bytes;
  return addr(base.pfn + Math.floor(offset / PAGE_BYTES), offset % PAGE_BYTES);
}

/** Bits `first` to `first + width - 1` of an address, `first` being at least 12. */
export function indexBits(address: Addr, first: number, width: number): number {
  return modPow2(Math.floor(address.pfn * INV_POW2[first - PAGE_LG2]!), width);
}

/** The address within a leaf of 2^lg2 bytes that starts at (or holds) `page`. */
export function inLeaf(page: number, lg2: number, address: Addr): Addr {
  const pagesLg2 = lg2 - PAGE_LG2;
  return addr(page - modPow2(page, pagesLg2) + modPow2(address.pfn, pagesLg2), address.offset);
}

/** Whether an address has no bit at or above 2^lg2. Range of `lg2`: 12 to 64. */
export function fits(address: Addr, lg2: number): boolean {
  return address.pfn < POW2[lg2 - PAGE_LG2]!;
}
