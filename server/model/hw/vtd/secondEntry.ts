import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import { EMPTY_ENTRY, invalidEntry, type EntryReading } from '../common/entry.ts';

/*
 * Source of every bit in this file: Intel VT-d, "Second-Stage Paging Entries".
 */

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
const ADDRESS_END = 52;
/** Leaves exist at the levels of 4 KiB, 2 MiB and 1 GiB. */
const HIGHEST_LEAF_LEVEL = 2;

/** log2 of the bytes an entry of a level translates. Level 0 is that of 4 KiB pages. */
export function secondItemLg2(level: number): number {
  return PAGE_LG2 + LEVEL_BITS * level;
}

/**
 * Reads an entry of the second stage. There is no present bit: with R and W clear an entry is not present.
 * `hawLg2` is the width of physical addresses; what is above it is reserved.
 * Source: Intel VT-d, "Second-Stage Paging Entries".
 */
export function readSecondEntry(entry: Word64, level: number, hawLg2: number): EntryReading {
  const read = hasBit(entry, 0);
  const write = hasBit(entry, 1);
  if (!read && !write) return EMPTY_ENTRY;
  if (hawLg2 < ADDRESS_END && getField(entry, ADDRESS_END - 1, hawLg2) !== 0) {
    return invalidEntry(`address bits from ${hawLg2} up are reserved`);
  }
  const pfn = getField(entry, ADDRESS_END - 1, PAGE_LG2);
  const ps = hasBit(entry, 7);
  // PS is reserved where no leaf can be.
  if (level > HIGHEST_LEAF_LEVEL && ps) return invalidEntry('PS is reserved here');
  if (level > 0 && !ps) return { kind: 'table', pfn, nextLevel: level - 1, read, write };
  const lg2 = secondItemLg2(level);
  if (pfn % 2 ** (lg2 - PAGE_LG2) !== 0) return invalidEntry('the leaf is not aligned to its size');
  return { kind: 'leaf', pfn, lg2, read, write };
}
