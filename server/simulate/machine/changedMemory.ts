import type { Page } from './page.ts';
import { ASSUMED, PAGE_BYTES, WRITTEN } from './page.ts';
import type { PagedMemory } from './pagedMemory.ts';
import type { Region, RegionKind } from './regions.ts';
import { pointerFromBits } from './values.ts';

/** What others can see when a function has returned. */
const SHARED: ReadonlySet<RegionKind> = new Set<RegionKind>([
  'global',
  'input',
  'slab',
  'external',
  'buffer',
]);

/** What pages of the page allocator are in a run: tables, which the hardware looks at instead, or data. */
export type UseOfPages = 'tables' | 'data';
const WORD = 8;

/** What memory held before C stored into it: initialisers, and inputs as they were chosen. */
export class InitialContents {
  private readonly bytes = new Map<number, number>();
  private readonly objects = new Map<number, Uint8Array>();
  /** Numbers of the pages of which single bytes are noted. */
  private readonly pages = new Set<number>();

  /** Takes a few bytes as they are now for what they always were. */
  note(memory: PagedMemory, start: number, size: number): void {
    memory.bytesAt(start, size).forEach((byte, i) => {
      this.bytes.set(start + i, byte);
      this.pages.add(Math.floor((start + i) / PAGE_BYTES));
    });
  }

  /** The same for a whole object. */
  noteObject(memory: PagedMemory, start: number, size: number): void {
    this.objects.set(start, memory.bytesAt(start, size));
  }

  /** Whether a page of a region was zero, as most memory is that is handed out. */
  wasZero({ contents, start }: Region, page: number): boolean {
    return contents !== 'unwritten' && !this.objects.has(start) && !this.pages.has(page);
  }

  /** A byte of a region as it was; undefined where nothing had been written. */
  byteAt(region: Region, at: number): number | undefined {
    return (
      this.objects.get(region.start)?.[at - region.start] ??
      this.bytes.get(at) ??
      (region.contents === 'unwritten' ? undefined : 0)
    );
  }
}

/** What addresses mean to people. */
export interface Names {
  /** The function that an address stands for. */
  code(address: number): string | undefined;
  /** What is at an address of memory. */
  place(address: number): string;
}

/**
 * The words that C left other than they were, in memory that outlives the call: where, and what is there
 * now. Addresses are given by what they lead to, because allocators number them as they come.
 */
export function changedMemory(
  memory: PagedMemory,
  initial: InitialContents,
  names: Names,
  pages: UseOfPages,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const region of memory.regions.all()) {
    if (!SHARED.has(region.kind) && !(region.kind === 'pages' && pages === 'data')) continue;
    for (const { page, start } of memory.pagesIn(region)) {
      const from = Math.max(region.start, start);
      const to = Math.min(region.start + region.size, start + PAGE_BYTES);
      const wasZero = initial.wasZero(region, start / PAGE_BYTES);
      for (let at = Math.floor(from / WORD) * WORD; at < to; at += WORD) {
        if (!hasWritten(page, at - start) || (wasZero && isZero(page, at - start))) continue;
        const text = changedWord(page, { at, from, to, start }, (i) => initial.byteAt(region, i));
        if (text === undefined) continue;
        const first = text.bytes.findIndex((_, i) => text.changed[i]);
        found.set(placeFree(found, names.place(at + first)), wordText(memory, names, text));
      }
    }
  }
  return found;
}

/** Where several objects have one name, the later ones get a number. */
function placeFree(found: ReadonlyMap<string, string>, place: string): string {
  let free = place;
  for (let count = 2; found.has(free); count++) free = `${place} #${count}`;
  return free;
}

/** The words of a shadow page are read as such: most are untouched. */
function hasWritten({ shadowWords }: Page, offset: number): boolean {
  const written = 0x01010101 * WRITTEN;
  const word = offset >> 2;
  return ((shadowWords[word]! | (shadowWords[word + 1] ?? 0)) & written) !== 0;
}

function isZero({ data }: Page, offset: number): boolean {
  return data.getInt32(offset, true) === 0 && data.getInt32(offset + 4, true) === 0;
}

interface WordPlace {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

interface ChangedWord {
  /** Undefined where they are unknown. */
  readonly bytes: readonly (number | undefined)[];
  readonly changed: readonly boolean[];
}

/** A word with a byte that is not as it was. */
function changedWord(
  page: Page,
  { at, from, to, start }: WordPlace,
  before: (at: number) => number | undefined,
): ChangedWord | undefined {
  const bytes: (number | undefined)[] = [];
  const changed: boolean[] = [];
  for (let i = at; i < at + WORD; i++) {
    const offset = i - start;
    const flags = i >= from && i < to ? page.shadow[offset]! : 0;
    // What an unknown function may have written since counts as it was: that the function ran is seen elsewhere.
    const isKnown = (flags & WRITTEN) !== 0 && (flags & ASSUMED) === 0;
    bytes.push(isKnown ? page.bytes[offset]! : undefined);
    changed.push(isKnown && page.bytes[offset] !== before(i));
  }
  return changed.includes(true) ? { bytes, changed } : undefined;
}

function wordText(memory: PagedMemory, names: Names, { bytes, changed }: ChangedWord): string {
  // Neighbours that are as they were may have been asked for on one side only.
  const digits = bytes
    .map((byte, i) => (changed[i] === true ? byte!.toString(16).padStart(2, '0') : '..'))
    .join('');
  if (bytes.includes(undefined)) return digits;
  const bits = bytes.reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte!), 0n);
  const pointer = pointerFromBits(bits);
  if (typeof pointer !== 'number') return digits;
  const code = names.code(pointer);
  if (code !== undefined) return `&${code}`;
  return memory.regions.containing(pointer) === undefined
    ? digits
    : `&${memory.regions.describe(pointer)}`;
}
