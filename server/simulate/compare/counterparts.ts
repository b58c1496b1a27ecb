import { spellingOf } from '../../cfront/lex/atoms.ts';
import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import { functionsOf } from './changedFunctions.ts';

/** What an interface gives out and wants back; a function that does the one may need another that does the other. */
interface Kind {
  readonly takes: RegExp;
  readonly gives: RegExp;
}

const KINDS: readonly Kind[] = [
  {
    takes: /^dma_map_(?:single|page|resource|phys|bvec)/,
    gives: /^dma_(?:unmap|sync)_(?:single|page|resource|phys)/,
  },
  { takes: /^dma_map_sg/, gives: /^dma_(?:unmap|sync)_sg/ },
  { takes: /^dmam?_(?:alloc_(?:coherent|attrs|wc|noncoherent))/, gives: /^dmam?_free_/ },
  { takes: /^dmam?_pool_create/, gives: /^dmam?_pool_destroy/ },
  { takes: /^dma_pool_z?alloc/, gives: /^dma_pool_free/ },
  { takes: /^iommu_(?:paging_)?domain_alloc/, gives: /^iommu_domain_free/ },
  { takes: /^iommu_map/, gives: /^iommu_unmap/ },
  { takes: /^pin_user_pages/, gives: /^unpin_user_page/ },
  { takes: /^vfio_pin_pages/, gives: /^vfio_unpin_pages/ },
];

/** Functions tried as the other half of a changed one. */
export const MOST_COUNTERPARTS = 6;

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
    if (other === name || uses.reaches(candidate, name) || uses.reaches(symbol, other)) continue;
    const its = uses.of(candidate);
    const shared = sharedStructs(symbol, candidate);
    KINDS.forEach((_, i) => {
      // What also cleans up after itself, or takes anew, fits less well.
      const isPure = (one: boolean, another: boolean): number => (one ? 0 : 1) + (another ? 0 : 1);
      if (its.takes.has(i) && own.gives.has(i)) {
        const rank = 2 * shared + isPure(its.gives.has(i), own.takes.has(i));
        found.push({ sequence: { first: other, then: name }, rank });
      }
      if (own.takes.has(i) && its.gives.has(i)) {
        const rank = 2 * shared + isPure(own.gives.has(i), its.takes.has(i));
        found.push({ sequence: { first: name, then: other }, rank });
      }
    });
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
 * interfaces that nobody knows.
 */
export function givenBackMore(before: Unit, after: Unit): (api: string) => number {
  return (api) => {
    const kind = KINDS.find(({ takes }) => takes.test(api));
    return kind === undefined ? 0 : callsOf(after, kind.gives) - callsOf(before, kind.gives);
  };
}

function callsOf(unit: Unit, names: RegExp): number {
  const { atoms, partners } = unit.tokens;
  let count = 0;
  for (const { body } of functionsOf(unit).values()) {
    if (body === undefined) continue;
    for (const atom of atoms.subarray(body, partners[body])) {
      if (names.test(spellingOf(atom))) count++;
    }
  }
  return count;
}

/** Which kinds a function takes and gives back, itself and through functions of its file. */
class Uses {
  private readonly unit: Unit;
  private readonly known = new Map<FunctionSymbol, Named>();
  private readonly own: ReadonlyMap<string, FunctionSymbol>;

  constructor(unit: Unit) {
    this.unit = unit;
    this.own = functionsOf(unit);
  }

  of(symbol: FunctionSymbol): {
    readonly takes: ReadonlySet<number>;
    readonly gives: ReadonlySet<number>;
  } {
    const takes = new Set<number>();
    const gives = new Set<number>();
    for (const one of [symbol, ...this.calledBy(symbol)]) {
      const named = this.namedIn(one);
      for (const kind of named.takes) takes.add(kind);
      for (const kind of named.gives) gives.add(kind);
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
      KINDS.forEach(({ takes, gives }, i) => {
        if (takes.test(word)) named.takes.add(i);
        if (gives.test(word)) named.gives.add(i);
      });
    }
  }
}

/** What the text of a function names. */
interface Named {
  readonly takes: Set<number>;
  readonly gives: Set<number>;
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
