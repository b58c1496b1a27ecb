import { addStale, type CacheKind } from '../hw/common/staleSet.ts';
import type { EntryReading } from '../hw/common/entry.ts';
import { eventAt, type EventLog } from '../mem/events.ts';
import { hardwareLoad, load } from '../mem/physMem.ts';
import { noteContexts } from './ownContexts.ts';
import type { Space, TablePosition } from './space.ts';
import type { World } from './world.ts';

const PAGE_LG2 = 12;

/** Starts turning stores to table pages into stale entries and positions of tables. */
export function watchStores(world: World): void {
  // V8 makes a function that is assigned to a property old at once: dead, it would keep its world until the next
  // full collection.
  const listener = (log: EventLog, seq: number): void => {
    onEvent(world, log, seq);
  };
  world.log.listener = listener;
}

/** Registers the tables of a space, from its top down. */
export function watchSpace(world: World, space: Space): void {
  const { pfn, level } = space.top();
  register(world, space, pfn, { level, base: 0 });
}

function onEvent(world: World, log: EventLog, seq: number): void {
  const event = eventAt(log, seq);
  if (event?.kind === 'change_top') {
    for (const space of world.spaces.values()) {
      if (space.top().pfn === event.pfn || space.positions.size === 0) continue;
      if (isAbove(world, space, event.pfn, event.level)) {
        register(world, space, event.pfn, { level: event.level, base: 0 });
      }
    }
    return;
  }
  if (event?.kind === 'free') noteFree(world, event.pfn, seq);
  if (event?.kind !== 'store') return;
  const image = log.images?.get(seq);
  if (image === undefined) return;
  log.images?.delete(seq);
  let isTable = false;
  for (const space of world.spaces.values()) {
    const position = space.positions.get(event.pfn);
    if (position === undefined) continue;
    isTable = true;
    for (let n = 0; n < event.count; n++) {
      const before = { lo: image[2 * n]!, hi: image[2 * n + 1]! };
      const after = load(world.mem, event.pfn, event.index + n);
      if (before.lo === after.lo && before.hi === after.hi) continue;
      const old = space.shape.read(before, position.level);
      const now = space.shape.read(after, position.level);
      onEntry(world, space, position, event.pfn, event.index + n, old, now, seq);
    }
  }
  if (!isTable) noteContexts(world, seq);
}

function noteFree(world: World, pfn: number, seq: number): void {
  const at = world.unlinked.get(pfn);
  world.freed.push({
    pfn,
    seq,
    live: [...world.spaces.values()]
      .filter((space) => space.positions.has(pfn))
      .map(({ name }) => name),
    stale: [...world.stale.entries.values()].filter(
      (one) => one.kind === 'table' && one.target === pfn,
    ),
    unlinkPending:
      at !== undefined && hardwareLoad(world.mem, at.pfn, at.index).older !== undefined,
  });
}

/** Whether a new top leads to what the space had: its first entry points to the old top, or further down. */
function isAbove(world: World, space: Space, pfn: number, level: number): boolean {
  const reading = space.shape.read(load(world.mem, pfn, 0), level);
  return reading.kind === 'table' && space.positions.has(reading.pfn);
}

function onEntry(
  world: World,
  space: Space,
  position: TablePosition,
  page: number,
  index: number,
  old: EntryReading,
  now: EntryReading,
  seq: number,
): void {
  const itemPages = 2 ** (space.shape.itemLg2(position.level) - PAGE_LG2);
  const first = position.base + index * itemPages;
  noteChange(world, space, first, first + itemPages - 1);
  if (old.kind === 'leaf' && !isSameLeaf(old, now)) {
    const pages = 2 ** (old.lg2 - PAGE_LG2);
    const start = first - (first % pages);
    if (now.kind === 'leaf' || now.kind === 'table') {
      const sameOutput = outputOf(world, space, now) === old.pfn;
      world.rewritten.push({
        space: space.name,
        first: start,
        last: start + pages - 1,
        seq,
        sameOutput,
      });
    }
    addLeaf(world, space, start, start + pages - 1, position.level, old, seq);
  }
  if (old.kind === 'table' && !(now.kind === 'table' && now.pfn === old.pfn)) {
    addStale(world.stale, {
      tag: space.tag,
      kind: 'table',
      first,
      last: first + itemPages - 1,
      level: position.level,
      target: old.pfn,
      read: old.read,
      write: old.write,
      where: ['walk'],
      seq,
    });
    world.unlinked.set(old.pfn, { pfn: page, index });
    // Who is promised that an entry goes by any address in it has to name an address of every entry below the table.
    if (space.arch === 'smmuv3') addLeavesBelow(world, space, old, first, seq);
    unregister(world, space, old.pfn);
  }
  // A table has nothing below it yet: what is remembered there goes with the pages that are mapped later.
  if (old.kind === 'empty' && now.kind === 'leaf' && space.cachesNegative) {
    addStale(world.stale, {
      tag: space.tag,
      kind: 'negative',
      first,
      last: first + itemPages - 1,
      level: position.level,
      target: undefined,
      read: false,
      write: false,
      where: ['iotlb'],
      seq,
    });
  }
  if (now.kind === 'table' && !(old.kind === 'table' && old.pfn === now.pfn)) {
    const lines = world.mem.pending;
    const unflushed = lines !== null && hasPendingLine(lines, now.pfn);
    world.linked.push({ pfn: now.pfn, seq, unflushed });
  }
  if (now.kind === 'table') register(world, space, now.pfn, { level: now.nextLevel, base: first });
}

/** Neighbouring stores become one span. */
function noteChange(world: World, space: Space, first: number, last: number): void {
  const spans = world.changed.get(space.name);
  const newest = spans?.at(-1);
  if (spans === undefined) world.changed.set(space.name, [{ first, last }]);
  else if (newest!.last + 1 === first) spans[spans.length - 1] = { first: newest!.first, last };
  else spans.push({ first, last });
}

/** First page that an entry leads to: that of a leaf, or of the first leaf below a table. */
function outputOf(world: World, space: Space, entry: EntryReading): number | undefined {
  if (entry.kind === 'leaf') return entry.pfn;
  if (entry.kind !== 'table') return undefined;
  return outputOf(world, space, space.shape.read(load(world.mem, entry.pfn, 0), entry.nextLevel));
}

const LINES_PER_PAGE = 64;

function hasPendingLine(pending: ReadonlyMap<number, unknown>, pfn: number): boolean {
  for (let line = 0; line < LINES_PER_PAGE; line++) {
    if (pending.has(pfn * LINES_PER_PAGE + line)) return true;
  }
  return false;
}

/** Adds one stale entry for a leaf; the further items of a contiguous leaf change nothing. */
function addLeaf(
  world: World,
  space: Space,
  first: number,
  last: number,
  level: number,
  old: EntryReading & { readonly kind: 'leaf' },
  seq: number,
): void {
  for (const stale of world.stale.entries.values()) {
    const same = stale.kind === 'leaf' && stale.tag === space.tag && stale.target === old.pfn;
    if (same && stale.first === first && stale.last === last) return;
  }
  const hasAts = [...world.devices.values()].some(
    (device) => device.ats && (device.first === space.name || device.second === space.name),
  );
  const where: readonly CacheKind[] = hasAts ? ['iotlb', 'atc'] : ['iotlb'];
  const { pfn: target, read, write } = old;
  addStale(world.stale, {
    tag: space.tag,
    kind: 'leaf',
    first,
    last,
    level,
    target,
    read,
    write,
    where,
    seq,
  });
}

/** Adds what caches may hold of the leaves of a table that is not part of its space any more. */
function addLeavesBelow(
  world: World,
  space: Space,
  table: EntryReading & { readonly kind: 'table' },
  first: number,
  seq: number,
): void {
  const { pfn, nextLevel: level } = table;
  const itemPages = 2 ** (space.shape.itemLg2(level) - PAGE_LG2);
  for (let index = 0; index < space.shape.items; index++) {
    const entry = space.shape.read(load(world.mem, pfn, index), level);
    const at = first + index * itemPages;
    if (entry.kind === 'table') addLeavesBelow(world, space, entry, at, seq);
    if (entry.kind !== 'leaf') continue;
    const pages = 2 ** (entry.lg2 - PAGE_LG2);
    const start = at - (at % pages);
    addLeaf(world, space, start, start + pages - 1, level, entry, seq);
  }
}

/** Whether a leaf still translates the same: A and D aside, and items of one contiguous leaf alike. */
function isSameLeaf(old: EntryReading & { readonly kind: 'leaf' }, now: EntryReading): boolean {
  return (
    now.kind === 'leaf' &&
    now.pfn === old.pfn &&
    now.lg2 === old.lg2 &&
    now.read === old.read &&
    now.write === old.write
  );
}

function register(world: World, space: Space, pfn: number, position: TablePosition): void {
  space.positions.set(pfn, position);
  if (position.level === 0) return;
  const itemPages = 2 ** (space.shape.itemLg2(position.level) - PAGE_LG2);
  for (let index = 0; index < space.shape.items; index++) {
    const reading = space.shape.read(load(world.mem, pfn, index), position.level);
    if (reading.kind !== 'table') continue;
    const base = position.base + index * itemPages;
    register(world, space, reading.pfn, { level: reading.nextLevel, base });
  }
}

function unregister(world: World, space: Space, pfn: number): void {
  const position = space.positions.get(pfn);
  if (position === undefined) return;
  space.positions.delete(pfn);
  if (position.level === 0) return;
  for (let index = 0; index < space.shape.items; index++) {
    const reading = space.shape.read(load(world.mem, pfn, index), position.level);
    if (reading.kind === 'table') unregister(world, space, reading.pfn);
  }
}
