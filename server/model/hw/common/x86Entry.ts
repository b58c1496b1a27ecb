import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import { EMPTY_ENTRY, invalidEntry, type EntryReading } from './entry.ts';

/*
 * Source of every bit in this file: Intel SDM, volume 3, "Paging": nine address bits a level.
 */

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
/** Leaves exist at the levels of 4 KiB, 2 MiB and 1 GiB. */
const HIGHEST_LEAF_LEVEL = 2;

/** log2 of the bytes an entry of a level translates. Level 0 is that of 4 KiB pages. */
export function x86ItemLg2(level: number): number {
  return PAGE_LG2 + LEVEL_BITS * level;
}

/**
 * Reads an entry of the format of x86-64 processors, which AMD guest tables and VT-d first-stage tables use.
 * Source: AMD64 Architecture Programmer's Manual, volume 2, "Long-Mode Page Translation"; Intel SDM, volume 3, "Paging".
 */
export function readX86Entry(entry: Word64, level: number): EntryReading {
  if (!hasBit(entry, 0)) return EMPTY_ENTRY;
  const write = hasBit(entry, 1);
  const pfn = getField(entry, 51, 12);
  const lg2 = x86ItemLg2(level);
  if (level > 0 && !hasBit(entry, 7))
    return { kind: 'table', pfn, nextLevel: level - 1, read: true, write };
  if (level > HIGHEST_LEAF_LEVEL) return invalidEntry('PS is reserved here');
  // Bit 12 of a large leaf is PAT; the rest up to its size is reserved.
  if (level > 0 && getField(entry, lg2 - 1, PAGE_LG2 + 1) !== 0) {
    return invalidEntry('the leaf is not aligned to its size');
  }
  return { kind: 'leaf', pfn: pfn - (pfn % 2 ** (lg2 - PAGE_LG2)), lg2, read: true, write };
}
