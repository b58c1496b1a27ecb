import { formatAddr } from '../bits/pfn.ts';
import { formatWord, isZero } from '../bits/pte64.ts';
import type { Word64 } from '../bits/pte64.ts';
import { decodeEntry, entryNoun, type DecodedEntry } from '../fmt/decode.ts';
import { load } from '../mem/physMem.ts';
import type { World } from './world.ts';

/** An entry that is not empty, at the lowest slot of a run of entries that continue each other. */
export interface ShownEntry {
  readonly index: number;
  readonly bits: string;
  /** In words; the bits alone for a format that the decoder does not know. */
  readonly text: string;
  /** Undefined for a format that the decoder does not know. */
  readonly decoded: DecodedEntry | undefined;
}

/** A page of a space's tables as memory has it. */
export interface ShownTable {
  readonly space: string;
  readonly format: string;
  readonly level: number;
  readonly physical: string;
  /** First address that its slot 0 translates, hexadecimal. */
  readonly iova: string;
  /** log2 of the bytes that a slot covers. */
  readonly itemLg2: number;
  readonly slots: number;
  readonly entries: readonly ShownEntry[];
}

/** The tables of all spaces of a world, top first: for pictures. */
export function tableView(world: World): readonly ShownTable[] {
  const shown: ShownTable[] = [];
  for (const space of world.spaces.values()) {
    const pages = [...space.positions].sort(([, a], [, b]) => b.level - a.level || a.base - b.base);
    for (const [pfn, { level, base }] of pages) {
      const entries: ShownEntry[] = [];
      for (let index = 0; index < space.shape.items; index++) {
        const entry = load(world.mem, pfn, index);
        if (!isZero(entry)) entries.push(shownEntry(space.format, entry, level, index));
      }
      shown.push({
        ...{ space: space.name, format: space.format, level, entries },
        physical: formatAddr({ pfn, offset: 0 }),
        iova: formatAddr({ pfn: base, offset: 0 }),
        itemLg2: space.shape.itemLg2(level),
        slots: space.shape.items,
      });
    }
  }
  return shown;
}

function shownEntry(format: string, entry: Word64, level: number, index: number): ShownEntry {
  const decoded = decodeEntry(format, entry, level);
  const bits = formatWord(entry);
  return { index, bits, decoded, text: decoded === undefined ? bits : entryNoun(decoded) };
}
