import { addWords, parseWord, type Word64 } from '../bits/pte64.ts';
import type { Observed } from './machine.ts';
import { formatPfn, type TableDump } from './tableDump.ts';
import type { Expected } from './vectorTypes.ts';

/** One thing in which a step differs from its vector. */
export type Difference =
  | {
      readonly kind: 'value';
      readonly field: string;
      readonly expected: unknown;
      readonly got: unknown;
    }
  | {
      readonly kind: 'entry';
      readonly table: string;
      readonly index: number;
      readonly level: number;
      readonly expected: Word64;
      readonly got: Word64;
    };

const ZERO_WORD: Word64 = Object.freeze({ lo: 0, hi: 0 });

/** Compares all tiers of a step: results, memory, allocations, and events with the gather. */
export function compareStep(
  expected: Expected,
  observed: Observed,
  tables: readonly TableDump[],
): readonly Difference[] {
  const found: Difference[] = [];
  for (const [field, value] of Object.entries(expected)) {
    if (field === 'events') continue;
    if (field === 'tables') found.push(...compareTables(value, tables));
    else found.push(...compareValue(field, value, observed[field]));
  }
  found.push(...compareEvents(expected['events'], observed['events']));
  // Memory that differs says more than its digest.
  return found.some((d) => d.kind === 'entry')
    ? found.filter((d) => d.kind === 'entry' || d.field !== 'digest')
    : found;
}

/** Compares plain values; of objects, the fields that the vector has. */
function compareValue(field: string, expected: unknown, got: unknown): readonly Difference[] {
  if (isObject(expected)) {
    const other = isObject(got) ? got : {};
    return Object.entries(expected).flatMap(([name, value]) =>
      compareValue(`${field}.${name}`, value, other[name]),
    );
  }
  return isSameValue(expected, got) ? [] : [{ kind: 'value', field, expected, got }];
}

/** Events in order, kernel warnings aside: they inform and depend on the kernel's wording. */
function compareEvents(expected: unknown, got: unknown): readonly Difference[] {
  const want = eventList(expected).filter(([name]) => name !== 'warn');
  const have = eventList(got);
  for (let n = 0; n < Math.max(want.length, have.length); n++) {
    if (!isSameValue(want[n], have[n])) {
      return [{ kind: 'value', field: `events[${n}]`, expected: want[n], got: have[n] }];
    }
  }
  return [];
}

function eventList(value: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(value) ? (value as (readonly unknown[])[]) : [];
}

function compareTables(expected: unknown, tables: readonly TableDump[]): readonly Difference[] {
  const found: Difference[] = [];
  const want = expected as readonly Readonly<Record<string, unknown>>[];
  if (want.length !== tables.length) {
    found.push({ kind: 'value', field: 'tables', expected: want.length, got: tables.length });
  }
  for (const [n, table] of tables.entries()) {
    const other = want[n];
    if (other === undefined) break;
    const name = formatPfn(table.pfn);
    found.push(...compareValue(`tables[${n}].pa`, other['pa'], name));
    found.push(...compareValue(`tables[${n}].level`, other['level'], table.level));
    found.push(...compareValue(`tables[${n}].bytes`, other['bytes'], table.bytes));
    if (found.some((d) => d.kind === 'value' && d.field === `tables[${n}].pa`)) break;
    found.push(...compareEntries(name, table, expandEntries(other['entries'])));
  }
  return found;
}

function compareEntries(
  name: string,
  table: TableDump,
  want: ReadonlyMap<number, Word64>,
): readonly Difference[] {
  const found: Difference[] = [];
  for (const index of new Set([...want.keys(), ...table.words.keys()])) {
    const expected = want.get(index) ?? ZERO_WORD;
    const got = table.words.get(index) ?? ZERO_WORD;
    if (expected.lo !== got.lo || expected.hi !== got.hi) {
      found.push({ kind: 'entry', table: name, index, level: table.level, expected, got });
    }
  }
  return found.sort((a, b) => (a.kind === 'entry' && b.kind === 'entry' ? a.index - b.index : 0));
}

/** Expands the run-length coding `[index, value, count?, stride?]` of a dump. */
export function expandEntries(entries: unknown): ReadonlyMap<number, Word64> {
  const words = new Map<number, Word64>();
  for (const entry of eventList(entries)) {
    const [index, value, count = 1, stride = '0x0'] = entry;
    const step = parseWord(String(stride))!;
    let now = parseWord(String(value))!;
    for (let n = 0; n < Number(count); n++) {
      words.set(Number(index) + n, now);
      now = addWords(now, step);
    }
  }
  return words;
}

function isSameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
