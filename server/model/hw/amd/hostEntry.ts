import { modPow2 } from '../../bits/pow2.ts';
import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import { EMPTY_ENTRY, invalidEntry, type EntryReading } from '../common/entry.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "I/O Page Table Entry" and "Page size
 * encodings".
 */

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
const OA_END = 52;
/** NextLevel of a leaf of its level's own size, and of one whose size is in its address bits. */
const DEFAULT_SIZE = 0;
const SIZE_IN_ADDRESS = 7;

/** Page number without the encryption bit. `encryptionPfn` is 0 where memory encryption is off. */
export function plainPfn(pfn: number, encryptionPfn: number): number {
  if (encryptionPfn === 0) return pfn;
  return Math.floor(pfn / encryptionPfn) % 2 === 1 ? pfn - encryptionPfn : pfn;
}

/** log2 of the bytes an entry of a level translates. Level 0 is that of 4 KiB pages. */
export function hostItemLg2(level: number): number {
  return PAGE_LG2 + LEVEL_BITS * level;
}

/** Size of a leaf with NextLevel 7: the ones from bit 12 up, and one more. Unit: lg2 bytes. */
function codedLg2(entry: Word64): number {
  let ones = 0;
  while (PAGE_LG2 + ones < OA_END && hasBit(entry, PAGE_LG2 + ones)) ones++;
  return PAGE_LG2 + ones + 1;
}

/**
 * Reads an entry of a host (v1) page table.
 * Source: AMD IOMMU Specification 48882, "I/O Page Table Entry" and "Page size encodings".
 */
export function readHostEntry(entry: Word64, level: number, encryptionPfn: number): EntryReading {
  if (!hasBit(entry, 0)) return EMPTY_ENTRY;
  // Bits 58:52 are reserved in every entry.
  if (getField(entry, 58, 52) !== 0) return invalidEntry('bits 58:52 are reserved');
  const read = hasBit(entry, 61);
  const write = hasBit(entry, 62);
  const page = plainPfn(getField(entry, 51, 12), encryptionPfn);
  const next = getField(entry, 11, 9);
  if (next === DEFAULT_SIZE) {
    const lg2 = hostItemLg2(level);
    if (modPow2(page, lg2 - PAGE_LG2) !== 0)
      return invalidEntry('the leaf is not aligned to its size');
    return { kind: 'leaf', pfn: page, lg2, read, write };
  }
  if (next === SIZE_IN_ADDRESS) {
    const lg2 = codedLg2(entry);
    if (lg2 <= hostItemLg2(level) || lg2 >= hostItemLg2(level + 1)) {
      return invalidEntry(`a leaf of 2^${lg2} bytes cannot stand at level ${level}`);
    }
    return { kind: 'leaf', pfn: page - modPow2(page, lg2 - PAGE_LG2), lg2, read, write };
  }
  // The specification counts levels from 1.
  if (next > level)
    return invalidEntry(`NextLevel ${next} does not go down from level ${level + 1}`);
  return { kind: 'table', pfn: page, nextLevel: next - 1, read, write };
}
