import type { FunctionIr } from '../program/ir.ts';
import type { Inherited } from './engine/run.ts';
import type { Recorder } from './record/recorder.ts';
import type { Summary } from './summaries/summary.ts';
import { TermTable } from './terms/term.ts';

/** What one function gave. Positions are relative to the function. */
export interface FunctionResult {
  readonly recorder: Recorder;
  readonly inherited: ReadonlyMap<number, Inherited>;
  readonly summary: Summary;
  readonly steps: number;
  /** The bound that was hit, by name. */
  readonly capped: string | undefined;
}

/** An answer about the rest of the file that a result rests on. */
export interface Dependency {
  readonly question: 'summary' | 'checked' | 'identity' | 'entry' | 'count' | 'calls';
  readonly about: string;
  readonly answer: string;
}

/** A result with everything that must be unchanged for it to hold. */
export interface CachedResult {
  /** Lowering gives the same object for the same text in the same surroundings. */
  readonly ir: FunctionIr;
  readonly dependencies: readonly Dependency[];
  readonly result: FunctionResult;
}

/**
 * What the engine remembers of one unit between two runs. Owned by the caller; safe to drop at any time.
 * Results hold terms, so they live and die with their table.
 */
export interface FlowCache {
  table: TermTable;
  readonly results: Map<string, CachedResult>;
  /** First number of each function's own values, so that unchanged functions keep theirs. */
  readonly bases: Map<string, { readonly base: number; readonly size: number }>;
  /** Numbers given out so far. */
  reserved: number;
}

/** A cache without results. */
export function createFlowCache(): FlowCache {
  return { table: new TermTable(), results: new Map(), bases: new Map(), reserved: 0 };
}

/** Terms a table may hold before everything is made anew. */
const mostTerms = 600_000;

/** Starts over when the terms of old versions of functions have piled up. */
export function trim(cache: FlowCache): void {
  if (cache.table.size < mostTerms) return;
  cache.table = new TermTable();
  cache.results.clear();
  cache.bases.clear();
}

/** The numbers of one function; the same as last time unless it has outgrown them. */
export function baseFor(cache: FlowCache, name: string, size: number): number {
  const known = cache.bases.get(name);
  if (known !== undefined && known.size >= size) return known.base;
  const base = cache.reserved;
  // Room for a function that is being typed.
  const room = size + 256;
  cache.reserved += room;
  cache.bases.set(name, { base, size: room });
  return base;
}

const keys = new WeakMap<Summary, string>();

/** Equal for summaries that say the same. */
export function summaryKey(summary: Summary | undefined): string {
  if (summary === undefined) return 'none';
  let key = keys.get(summary);
  if (key === undefined) {
    key = JSON.stringify(summary, (name, value: unknown) => {
      if (name === 'contract') return (value as { readonly name: string }).name;
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    });
    keys.set(summary, key);
  }
  return key;
}
