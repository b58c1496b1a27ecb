import type { Executor } from '../machine/executor.ts';
import type { Observed } from '../../model/scenario/machine.ts';
import type { TableDump } from '../../model/scenario/tableDump.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import type { Word64 } from '../../model/bits/pte64.ts';

import type { PagePool } from '../kernel/pages.ts';
import { pagePool } from '../kernel/pages.ts';
import { stackOf } from '../machine/whereabouts.ts';

/** One event of a step in the vectors' form. */
export type EventLine = readonly unknown[];

/** A page table that the tree's C owns, driven by vector steps. */
export interface TableInC {
  /** Runs one step. Text: the step makes no sense now. */
  run(op: VectorOp): Observed | string;
  /** Every table, depth first; undefined while there is none. */
  tables(): TableDump[] | undefined;
  /** Page-table pages that are allocated. */
  live(): number;
  /** Where the C was when a step ended in a Stop; puts the path away. */
  whereStopped(): string;
}

/** Where a dump starts and how entries lead on. Addresses are physical. */
export interface TableRoot {
  readonly physical: number;
  readonly level: number;
  /** Physical address of the table an entry of a level points to; undefined for everything else. */
  childOf(entry: bigint, level: number): number | undefined;
}

const ENTRY_BYTES = 8;

/** Reads all tables from the machine's memory, in the vectors' order. */
export function dumpTablesInC(machine: Executor, root: TableRoot): TableDump[] {
  const pool = pagePool(machine);
  const found: TableDump[] = [];
  const visit = (physical: number, level: number): void => {
    const bytes = pool.sizes.get(physical) ?? 4096;
    const words = new Map<number, Word64>();
    const children: number[] = [];
    for (let index = 0; index < bytes / ENTRY_BYTES; index++) {
      const at = machine.directMap + physical + index * ENTRY_BYTES;
      const entry = machine.memory.peekBits(at, ENTRY_BYTES);
      if (entry === 0n) continue;
      words.set(index, toWord(entry));
      const child = level > 0 ? root.childOf(entry, level) : undefined;
      if (child !== undefined) children.push(child);
    }
    found.push({ pfn: physical / 4096, level, bytes, words });
    for (const child of children) visit(child, level - 1);
  };
  visit(root.physical, root.level);
  return found;
}

function toWord(entry: bigint): Word64 {
  return { lo: Number(BigInt.asIntN(32, entry)), hi: Number(BigInt.asIntN(32, entry >> 32n)) };
}

/** 64-bit value as the vectors print it. */
export function hex64(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

/** Empties the page allocator for a new table: a vector's `init` throws away all that was before. */
export function restartPool(
  machine: Executor,
  base: bigint | undefined,
  failAfter: number | undefined,
): PagePool {
  const pool = pagePool(machine);
  for (const physical of [...pool.sizes.keys(), ...pool.freed.keys()]) {
    const region = machine.memory.regions.startingAt(machine.directMap + physical);
    if (region !== undefined) machine.memory.free(region);
  }
  pool.sizes.clear();
  pool.freed.clear();
  pool.base = base === undefined ? 0x100000000 : Number(base);
  pool.offset = 0;
  pool.failAfter = failAfter;
  return pool;
}

/** Records page events in the vectors' form. */
export function recordPages(pool: PagePool, events: EventLine[]): void {
  pool.listener = (event) => {
    switch (event.kind) {
      case 'alloc':
        events.push(['alloc', hex64(event.physical), event.bytes]);
        break;
      case 'alloc_fail':
        events.push(['alloc_fail', event.bytes]);
        break;
      case 'free':
        events.push(['free', hex64(event.physical)]);
    }
  };
}

/** The stack of a path that stopped, in words; the machine is ready for the next call afterwards. */
export function takeStoppedPlace(machine: Executor): string {
  const stack = stackOf(machine);
  machine.unwind();
  const places = stack.slice(0, 4).map((e) => `${e.function} ${e.file}:${e.line}`);
  return places.length === 0 ? '' : ` in ${places.join(' < ')}`;
}
