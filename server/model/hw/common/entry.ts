import type { Word64 } from '../../bits/pte64.ts';

/**
 * What hardware sees in one entry of a table.
 * Levels count as in generic_pt: 0 is that of the smallest pages.
 */
export type EntryReading =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'table';
      /** First page of the next table. */
      readonly pfn: number;
      /** Level of the next table: one less, where the format cannot skip levels. */
      readonly nextLevel: number;
      /** What the pointer permits to everything below it. */
      readonly read: boolean;
      readonly write: boolean;
    }
  | {
      readonly kind: 'leaf';
      /** First page of the leaf, encryption bit taken off. */
      readonly pfn: number;
      /** log2 of the bytes of the leaf, contiguous neighbours included. */
      readonly lg2: number;
      readonly read: boolean;
      readonly write: boolean;
    }
  /** Present, and something in it that hardware faults on. */
  | { readonly kind: 'invalid'; readonly why: string };

/** Reads an entry of one format, without looking at memory. */
export type EntryReader = (entry: Word64, level: number) => EntryReading;

/** What all formats of 64-bit entries in tables of one size have in common. */
export interface TableShape {
  /** log2 of the bytes an entry of a level translates. */
  itemLg2(level: number): number;
  /** Entries of a table, the top aside. */
  readonly items: number;
  readonly read: EntryReader;
}

/** The entry that is not there. */
export const EMPTY_ENTRY: EntryReading = { kind: 'empty' };

/** An entry that hardware faults on. */
export function invalidEntry(why: string): EntryReading {
  return { kind: 'invalid', why };
}
