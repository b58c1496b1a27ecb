import type { Call, CfgNode, Expr, FunctionIr, Variable } from '../../program/ir.ts';
import type { Unit, UnitFunction } from '../../program/unit.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Meanings } from '../contracts/meaning.ts';
import type { Context, Origin } from '../facts.ts';
import type { Identity } from '../identity.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Site, State } from '../state/state.ts';
import type { Summary } from '../summaries/summary.ts';
import { spaces, type Term, type TermTable } from '../terms/term.ts';

/** What is shared by all functions of one unit during its analysis. */
export interface UnitContext {
  readonly unit: Unit;
  readonly table: TermTable;
  /** What the kernel's names mean in the release of the unit. */
  readonly meanings: Meanings;
  /** Effects of a function of the file on its caller; undefined where it has none that are known. */
  summaryOf(name: string): Summary | undefined;
  /** True for a function that is being summed up further out, so that this is a recursion, and that reaches a release. */
  isUnwinding(name: string): boolean;
  /** The member as a source of a mapped count, if every writer in the file makes it one. */
  mappedCountField(run: Run, expr: Expr): Origin | undefined;
  /** Whether a function is entered from atomic context. */
  entryContext(name: string): Context;
  /** What the file compares with physical addresses of RAM, and relies on both being the same. */
  identities(): readonly Identity[];
  /** True when a function of the file calls a name. */
  callsByName(caller: string, callee: string): boolean;
  /** True when some function of the file asks dma_mapping_error() about a member of this name, of one of these structs. */
  isMemberChecked(member: string, tags: ReadonlySet<string | undefined>): boolean;
  /** Next free number for the sites and fresh values of another function. */
  reserve(count: number): number;
}

/** Bounds of one run. Steps are (node, state) pairs. */
export interface Bounds {
  readonly steps: number;
  readonly statesPerNode: number;
  /** States kept per resource signature. */
  readonly merge: number;
  /** Bodies of a loop that are run. */
  readonly turns: number;
}

/** The ordinary bounds. */
export const ordinary: Bounds = { steps: 6000, statesPerNode: 64, merge: 2, turns: 2 };

/** The second look at a function that was capped or reported something. */
export const careful: Bounds = { steps: 4000, statesPerNode: 96, merge: 8, turns: 2 };

/** What an interface call of this run was, by the term of its result. */
export interface ResultOrigin {
  readonly contract: Contract;
  readonly call: Call;
  readonly site: Site | undefined;
}

/**
 * The evaluation of one node in one state.
 * Where an expression has several outcomes (a callee that succeeds or fails, `c ? a : b`), the node
 * is evaluated again for every combination: `choices` says which outcome to take at which fork.
 */
export interface Cursor {
  readonly run: Run;
  /** A private copy: assigned to freely. */
  readonly state: State;
  /** Innermost loop of the node, or -1. */
  readonly loop: number;
  readonly choices: number[];
  /** How many outcomes each fork on the way had. */
  readonly widths: number[];
  /** Values of the expressions evaluated here, by id. */
  readonly evaluated: Map<number, Term>;
  /** The chosen outcome contradicts what is known: this evaluation is no path. */
  dead: boolean;
}

/** Evaluation of expressions, for those who run the calls inside them. */
export interface Evaluator {
  evaluate(cursor: Cursor, expr: Expr): Term;
  locate(cursor: Cursor, expr: Expr): Term;
}

/** A resource of a callee in the hands of its caller. */
export interface Inherited {
  /** Site in the caller. */
  readonly site: number;
  /** Some path of the caller releases it or hands it on. */
  settled: 'no' | 'kept' | 'released';
}

/** Everything one run over one function needs. */
export interface Run {
  readonly context: UnitContext;
  readonly table: TermTable;
  readonly source: UnitFunction;
  readonly ir: FunctionIr;
  readonly bounds: Bounds;
  readonly recorder: Recorder;
  readonly evaluator: Evaluator;
  /** Numbers below are other functions' fresh values. */
  readonly base: number;
  readonly sites: Map<string, Site>;
  /** What callees left to this function, by their sites: whether some path here gives it back. */
  readonly inherited: Map<number, Inherited>;
  readonly results: Map<Term, ResultOrigin>;
  /** Calls by expression id. */
  readonly calls: ReadonlyMap<number, Call>;
  /** Ids of calls whose result no expression uses. */
  readonly dropped: ReadonlySet<number>;
  /** Innermost loop of the node in which a call stands, or -1. */
  loopOfCall(call: number): number;
  /** Locations of the gathers declared in the function. */
  readonly gatherLocations: readonly Term[];
  /** Locations of parameters whose value was handed to somebody unknown. */
  readonly escapedAtoms: Set<Term>;
  /** Values of the caller that were stored outside, and whether the caller knows the object. */
  readonly kept: Map<Term, 'caller' | 'somebody'>;
  /** Values that say whether one of several things holds, or all of them: `ok = a || b`. */
  readonly junctions: Set<Term>;
  /** A recursion was met that may release what it finds. */
  metItself: boolean;
  /** Locations of the variables, by index. */
  readonly locations: readonly Term[];
  /** Told about every state before a node is run, and about every state that comes out of it. */
  readonly observe?: (when: 'before' | 'after', node: CfgNode, state: State) => void;
}

/** Locations of the variables of a function; shadowed names get distinct terms. */
export function variableLocations(table: TermTable, variables: readonly Variable[]): Term[] {
  const seen = new Map<string, number>();
  return variables.map((variable) => {
    const count = seen.get(variable.name) ?? 0;
    seen.set(variable.name, count + 1);
    const name = count === 0 ? variable.name : `${variable.name}#${count}`;
    const space =
      variable.kind === 'parameter'
        ? spaces.parameter
        : variable.kind === 'static'
          ? spaces.global
          : spaces.local;
    return table.variable(name, space);
  });
}

/** The code's own spelling of an expression, on one line. */
export function spelling(run: Run, expr: { readonly start: number; readonly end: number }): string {
  return run.source.text.slice(expr.start, expr.end).replace(/\s+/g, ' ').trim();
}
