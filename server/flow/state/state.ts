import type { Contract } from '../contracts/contract.ts';
import type { CheckFact, ResourceId } from '../facts.ts';
import type { Known } from '../facts/conditions.ts';
import type { Interval } from '../facts/interval.ts';
import type { Term } from '../terms/term.ts';
import { emptyMap, type IntMap } from './intMap.ts';
import type { Trace } from './trace.ts';

/** An acquiring call of the analysed function. */
export interface Site {
  readonly id: ResourceId;
  readonly contract: Contract;
  /** Expression id of the call in the function's IR. */
  readonly call: number;
}

/** What became of a handle besides being held by this function. */
export type Escape =
  /** Handed to a call; `outcome` is the call's result, or undefined where it has none. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly outcome: Term | undefined;
      /** What the result is: 0 is failure for a pointer, and success for a number. */
      readonly returns: 'pointer' | 'number';
    }
  /** Equal to something that can be computed again. */
  | { readonly kind: 'derivable' }
  /** Told to hardware, or to memory that somebody else reads. */
  | { readonly kind: 'published' };

/** A use of a handle. */
export interface Use {
  readonly why: 'used' | 'stored' | 'passed';
  readonly start: number;
  readonly end: number;
  /** What the call that got it made of it, where that is another form of the address: a struct, or a 64-bit value. */
  readonly encoded?: Term;
}

/** A thing the path holds. Records are frozen; a change makes a new one. */
export interface Resource {
  readonly site: Site;
  /** Distinguishes the turns of the loops around the site. */
  readonly turn: number;
  /** Argument values by parameter. */
  readonly values: readonly Term[];
  readonly result: Term;
  /** The value a release is matched by. */
  readonly handle: Term;
  /** The second value that stands for the same thing: the DMA address of coherent memory. */
  readonly twin: Term | undefined;
  readonly status: 'unknown' | 'ok';
  readonly checked: boolean;
  readonly wrongCheck: CheckFact | undefined;
  /** Where the handle first left the function's hands unchecked. */
  readonly firstUse: Use | undefined;
  readonly escapes: readonly Escape[];
  /** Taken inside a function of the file that was called here: that function's site. */
  readonly inner: ResourceId | undefined;
  /** Left behind by a callee that failed: followed, to see whether this caller gives it back, but never reported here. */
  readonly inherited: boolean;
}

/** A release of something that was not taken on this path. */
export interface ForeignRelease {
  readonly contract: Contract;
  readonly values: readonly Term[];
  readonly call: number;
  /** What the path knew about values of the caller when it released: `src != dst`. */
  readonly guard: readonly Guard[];
}

/** An unmap of less than was mapped, and its result. */
export interface PartialUnmap {
  /** Key of its pairing. */
  readonly key: string;
  readonly domain: Term | undefined;
  readonly iova: Term;
  readonly size: Term;
  /** What was mapped. */
  readonly whole: Term;
  readonly result: Term;
}

/** An unmap whose result nothing uses. */
export interface DroppedUnmap {
  /** Expression id of the call. */
  readonly call: number;
  readonly contract: Contract;
  readonly values: readonly Term[];
  /** Values that tell what was mapped there: the IOVA, and the address where known. */
  readonly about: readonly Term[];
  /** The call that gave pages of the same object back afterwards. */
  readonly back?: number;
}

/** A condition under which something was done. */
export interface Guard {
  readonly form: Term;
  readonly interval: Interval;
}

/** Life of one gather. */
export type GatherLife = 'declared' | 'ready' | 'pending' | 'synced';

/** A gather in a state; `trace` is where its life last changed. */
export interface Gather {
  readonly life: GatherLife;
  readonly call: number;
}

/** Why the path may not sleep. */
export interface AtomicSection {
  /** The entering call as spelled. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Everything known at one point of one path (or of several that were merged). */
export interface State {
  /** Values of the locations that were written; every other location holds its own term. */
  env: IntMap<Term>;
  known: Known;
  resources: readonly Resource[];
  /** Arrivals at loop heads in the current turn of their parents. */
  counters: IntMap<number>;
  /** Atomic sections entered and not left, innermost last. */
  atomic: readonly AtomicSection[];
  /** Atomic sections left that the caller had entered. */
  leftAtomic: number;
  gathers: IntMap<Gather>;
  /** Results of failed changes of encryption: address term to the call. */
  tainted: IntMap<number>;
  foreign: readonly ForeignRelease[];
  /** Unmaps of less than was mapped, the newest last. */
  parts: readonly PartialUnmap[];
  /** Unmaps whose result nothing uses, the newest last. */
  unmaps: readonly DroppedUnmap[];
  /** Pointers that were freed on this path. */
  freed: IntMap<true>;
  returned: Term | undefined;
  /** The return statement the path took. */
  returnAt: { readonly start: number; readonly end: number } | undefined;
  /** A loop was left although its condition says otherwise, or a bound cut something short. */
  approximate: boolean;
  /** A loop was left before its first turn although it might have had one. */
  skipped: boolean;
  trace: Trace | undefined;
}

/** The state at the entry of a function. */
export function initialState(): State {
  return {
    env: emptyMap,
    known: emptyMap,
    resources: [],
    counters: emptyMap,
    atomic: [],
    leftAtomic: 0,
    gathers: emptyMap,
    tainted: emptyMap,
    foreign: [],
    parts: [],
    unmaps: [],
    freed: emptyMap,
    returned: undefined,
    returnAt: undefined,
    approximate: false,
    skipped: false,
    trace: undefined,
  };
}
