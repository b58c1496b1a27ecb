import { spellingOf } from '../../../cfront/lex/atoms.ts';
import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import type { Type } from '../../../cfront/types/type.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { Family } from '../../../program/kernelApi/contract.ts';
import { kernelApiOfAnyAge } from '../../../program/kernelApi/registry.ts';
import { functionsOf } from './changedFunctions.ts';

/** Functions tried as the other half of a changed one. */
export const MOST_COUNTERPARTS = 6;

/** What a function that calls the changed one itself comes after others by. */
const UNDOING = 4;

/** Two functions of a file that run one after the other on the same objects. */
export interface Sequence {
  readonly first: string;
  readonly then: string;
}

/**
 * The sequences in which a function gives back what another of its file took, or takes what another gives
 * back: the other itself before its callers, those with more structs in common first.
 */
export function sequencesAround(unit: Unit, name: string): Sequence[] {
  const symbol = unit.function(name);
  if (symbol?.body === undefined) return [];
  const uses = new Uses(unit);
  const own = uses.of(symbol);
  const found: { readonly sequence: Sequence; readonly rank: number }[] = [];
  for (const [other, candidate] of functionsOf(unit)) {
    if (other === name || uses.reaches(symbol, other)) continue;
    const its = uses.of(candidate);
    const shared = sharedStructs(symbol, candidate);
    // What also cleans up after itself, or takes anew, fits less well.
    const isPure = (one: boolean, another: boolean): number => (one ? 0 : 1) + (another ? 0 : 1);
    // What undoes its own failure by the changed function is left to that one in the end, too; nothing comes before it.
    const undoes = uses.reaches(candidate, name);
    for (const family of inBoth(own.gives, its.takes)) {
      const rank =
        2 * shared - (undoes ? UNDOING : 0) + isPure(its.gives.has(family), own.takes.has(family));
      found.push({ sequence: { first: other, then: name }, rank });
    }
    for (const family of undoes ? [] : inBoth(own.takes, its.gives)) {
      const rank = 2 * shared + isPure(own.gives.has(family), its.takes.has(family));
      found.push({ sequence: { first: name, then: other }, rank });
    }
  }
  const best = new Map<string, Sequence>();
  for (const { sequence } of found.sort((a, b) => b.rank - a.rank)) {
    const key = `${sequence.first} ${sequence.then}`;
    if (!best.has(key)) best.set(key, sequence);
  }
  return [...best.values()].slice(0, MOST_COUNTERPARTS);
}

/**
 * How many calls more one version of a file has than another that give back what an interface gives out; 0 for
 * interfaces that have no contract.
 */
export function givenBackMore(before: Unit, after: Unit): (api: string) => number {
  return (api) => {
    const { takes } = contractOf(api);
    return takes.length === 0 ? 0 : callsOf(after, takes) - callsOf(before, takes);
  };
}

/** Calls in a file that give back something of these families. */
function callsOf(unit: Unit, families: readonly Family[]): number {
  const { atoms, partners } = unit.tokens;
  let count = 0;
  for (const { body } of functionsOf(unit).values()) {
    if (body === undefined) continue;
    for (const atom of atoms.subarray(body, partners[body])) {
      const { gives } = contractOf(spellingOf(atom));
      if (gives.some((family) => families.includes(family))) count++;
    }
  }
  return count;
}

/** What an interface gives out, and what it ends or hands from one owner to the other. */
interface Contract {
  readonly takes: readonly Family[];
  readonly gives: readonly Family[];
}

const NO_CONTRACT: Contract = { takes: [], gives: [] };

/** The contract of a DMA or IOMMU interface in any release; empty for everything else. */
function contractOf(name: string): Contract {
  const contract = kernelApiOfAnyAge().find(name);
  if (contract?.relevant !== true) return NO_CONTRACT;
  const { acquires, releases, syncs } = contract;
  return {
    takes: acquires === undefined ? [] : [acquires.family],
    gives: [...(releases?.families ?? []), ...(syncs?.families ?? [])],
  };
}

function inBoth<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): T[] {
  return [...one].filter((value) => other.has(value));
}

/** Which families a function takes and gives back, itself and through functions of its file. */
class Uses {
  private readonly unit: Unit;
  private readonly known = new Map<FunctionSymbol, Named>();
  private readonly own: ReadonlyMap<string, FunctionSymbol>;

  constructor(unit: Unit) {
    this.unit = unit;
    this.own = functionsOf(unit);
  }

  of(symbol: FunctionSymbol): {
    readonly takes: ReadonlySet<Family>;
    readonly gives: ReadonlySet<Family>;
  } {
    const takes = new Set<Family>();
    const gives = new Set<Family>();
    for (const one of [symbol, ...this.calledBy(symbol)]) {
      const named = this.namedIn(one);
      for (const family of named.takes) takes.add(family);
      for (const family of named.gives) gives.add(family);
    }
    return { takes, gives };
  }

  reaches(symbol: FunctionSymbol, name: string): boolean {
    return [...this.calledBy(symbol)].some((callee) => callee.name === name);
  }

  private calledBy(symbol: FunctionSymbol): ReadonlySet<FunctionSymbol> {
    const called = new Set(this.namedIn(symbol).functions);
    for (const one of called) for (const next of this.namedIn(one).functions) called.add(next);
    return called;
  }

  private namedIn(symbol: FunctionSymbol): Named {
    let named = this.known.get(symbol);
    if (named === undefined) {
      named = { takes: new Set(), gives: new Set(), functions: new Set() };
      this.known.set(symbol, named);
      this.read(symbol, named);
    }
    return named;
  }

  private read({ body, name }: FunctionSymbol, named: Named): void {
    if (body === undefined) return;
    const { atoms, partners } = this.unit.tokens;
    for (const atom of new Set(atoms.subarray(body, partners[body]))) {
      const word = spellingOf(atom);
      const callee = word === name ? undefined : this.own.get(word);
      if (callee !== undefined) named.functions.add(callee);
      const { takes, gives } = contractOf(word);
      for (const family of takes) named.takes.add(family);
      for (const family of gives) named.gives.add(family);
    }
  }
}

/** What the text of a function names. */
interface Named {
  readonly takes: Set<Family>;
  readonly gives: Set<Family>;
  readonly functions: Set<FunctionSymbol>;
}

function sharedStructs(a: FunctionSymbol, b: FunctionSymbol): number {
  const taken = new Set(structsOf(a));
  return structsOf(b).filter((tag) => taken.has(tag)).length;
}

function structsOf({ type }: FunctionSymbol): string[] {
  return type.parameters.flatMap(({ type: one }) => tagOf(one) ?? []);
}

function tagOf(type: Type): string | undefined {
  return type.kind === 'pointer' && type.to.kind === 'aggregate' ? type.to.tag : undefined;
}
