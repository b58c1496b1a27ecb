import { ERRNO, type Ret } from '../bits/errno.ts';
import { POW2 } from '../bits/pow2.ts';
import { itemLg2, ITEMS_LG2, TABLE_LG2 } from '../fmt/ptFormat.ts';
import { allocPages, putPagesList, startIncoherent } from '../mem/iommuPages.ts';
import { installTable } from './installTable.ts';
import { isReached, reachOf, setTop, type IommuTable } from './iommuTable.ts';

/** log2 of the bytes of a table entry. */
const ENTRY_LG2 = TABLE_LG2 - ITEMS_LG2;

/**
 * Bytes of memory for a top table of a level; -1 where the kernel asks for more than it can get.
 * Kernel: pt_top_memsize_lg2().
 */
export function topBytes(table: IommuTable, level: number): number {
  let itemsLg2 = table.maxVaszLg2 - itemLg2(table.format, level);
  if (table.dynamicTop && level !== table.format.maxTopLevel) {
    // The kernel's subtraction is unsigned: a top that is higher than the addresses need is full size.
    itemsLg2 = itemsLg2 < 0 ? ITEMS_LG2 : Math.min(itemsLg2, ITEMS_LG2);
  }
  const bytesLg2 = itemsLg2 + ENTRY_LG2;
  if (bytesLg2 >= 0) return POW2[Math.max(TABLE_LG2, bytesLg2)]!;
  // Unsigned again, the exponent is close to 2^32: C leaves such a shift open, and x86 takes its low six bits.
  const shifted = bytesLg2 + WORD_BITS;
  return shifted <= LARGEST_ALLOCATION_LG2 ? POW2[shifted]! : -1;
}

const WORD_BITS = 64;
/** Kernel: MAX_PAGE_ORDER pages. Unit: lg2 bytes. */
const LARGEST_ALLOCATION_LG2 = 22;

/**
 * Checks that the table reaches the walk range with leaves of a level, and grows a dynamic top until it does.
 * Kernel: check_map_range().
 */
export function checkAndGrow(table: IommuTable, leafLevel: number): Ret {
  const { va, last } = table.range;
  if (!isReached(table, va, last, table.reach)) {
    return table.dynamicTop ? increaseTop(table, leafLevel) : -ERRNO.ERANGE;
  }
  return leafLevel > table.topLevel && table.dynamicTop ? increaseTop(table, leafLevel) : 0;
}

/**
 * Puts tables on top of the present one, which becomes item 0 of the first of them.
 * The hardware learns of the new top before software uses it; nothing is flushed, because what was reachable still
 * is. Kernel: increase_top().
 */
function increaseTop(table: IommuTable, leafLevel: number): Ret {
  const { format, pages } = table;
  const { va, last } = table.range;
  const added: number[] = [];
  let pfn = table.topPfn;
  let level = table.topLevel;
  while (!isReached(table, va, last, reachOf(table, level)) || leafLevel > level) {
    level++;
    if (level > format.maxTopLevel || itemLg2(format, level) >= table.maxVaszLg2) {
      putPagesList(pages, added);
      return -ERRNO.ERANGE;
    }
    const upper = allocPages(pages, topBytes(table, level));
    if (upper < 0) {
      putPagesList(pages, added);
      return -ERRNO.ENOMEM;
    }
    added.push(upper);
    installTable(table, upper, 0, level, pfn);
    pfn = upper;
  }
  if (table.incoherent) for (const page of added) startIncoherent(pages, page);
  table.driver.changeTop(pfn, level);
  setTop(table, pfn, level);
  return 0;
}
