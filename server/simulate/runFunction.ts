import type { LoadOptions } from '../cfront/frontEnd.ts';
import type { FunctionSymbol } from '../cfront/parse/ast.ts';
import { describeType } from '../cfront/types/type.ts';
import type { Problem } from '../text/problem.ts';
import type { LinkedFile } from './link/linkedTree.ts';
import { LinkedTree } from './link/linkedTree.ts';
import type { ListedSource } from './link/symbolFinder.ts';
import type { Budget } from './machine/budget.ts';
import type { Choice } from './machine/choices.ts';
import { alternatives, ChoiceString } from './machine/choices.ts';
import type { TraceEvent } from './machine/executor.ts';
import type { StopKind } from './machine/stop.ts';
import type { Value } from './machine/values.ts';
import { hex } from './machine/values.ts';
import type { StackEntry } from './machine/whereabouts.ts';
import { runInSituation } from './situations/run.ts';
import type { Situation, SituationProblem } from './situations/situation.ts';
import { NO_SITUATION, problemText } from './situations/situation.ts';
import { placeOf, stackOf } from './machine/whereabouts.ts';

/** One line of a trace, with its place in the C. */
export interface TraceLine {
  readonly event: TraceEvent;
  readonly place: StackEntry | undefined;
}

/** How a path ended. `assumed` is a result that rests on choices nothing in the C determined. */
export type PathOutcome =
  | { readonly kind: 'returned' | 'assumed'; readonly value: string }
  | { readonly kind: 'stopped'; readonly stop: StopKind; readonly message: string };

/** One path through a function. */
export interface PathResult {
  /** The choice string: a rerun with it takes the same path. */
  readonly choices: string;
  readonly decisions: readonly Choice[];
  readonly assumptions: readonly string[];
  readonly outcome: PathOutcome;
  /** Where a stopped path was, innermost first. */
  readonly stack: readonly StackEntry[];
  readonly steps: number;
  readonly trace: readonly TraceLine[];
}

/** All paths that were run. */
export interface FunctionRun {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly profile: string;
  readonly missingHeaders: readonly string[];
  readonly paths: readonly PathResult[];
  /** Whether every combination of choices was run. */
  readonly complete: boolean;
}

/** What to run. */
export interface RunRequest {
  readonly source: ListedSource;
  readonly file: string;
  readonly function: string;
  readonly budget: Budget;
  readonly now: () => number;
  readonly cancelled?: () => boolean;
  /** Record calls and returns too. */
  readonly traceCalls?: 'all' | 'none';
  readonly load?: LoadOptions;
  /** The environment; without one every input is chosen as it is needed. */
  readonly situation?: Situation;
}

/** A run, or why there is none. */
export type RunResult =
  | { readonly ok: true; readonly run: FunctionRun }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** What the situation names and the tree lacks. */
      readonly situation?: SituationProblem;
    };

/** Executes a function on invented inputs, once per combination of choices within the budget. */
export function runFunction(request: RunRequest): RunResult {
  const { file, source } = request;
  const opened = new LinkedTree(source).open(file, request.load);
  if (!opened.ok) return opened;
  const { unit } = opened.file;
  const symbol = unit.function(request.function);
  if (symbol?.body === undefined) {
    const reason = `no function ${request.function} is defined here under profile ${unit.report.profile.name}`;
    return { ok: false, problem: { file, reason } };
  }
  let lacking: SituationProblem | undefined;
  const { paths, complete } = explore(request, (choices) => {
    const { path, problem } = runPath(request, opened.file, symbol, choices);
    lacking ??= problem;
    return path;
  });
  if (lacking !== undefined) {
    return { ok: false, problem: { file, reason: problemText(lacking) }, situation: lacking };
  }
  const { line } = unit.place(symbol.at);
  const { profile, missingHeaders } = unit.report;
  const about = { function: symbol.name, file, line, profile: profile.name, missingHeaders };
  return { ok: true, run: { ...about, paths, complete } };
}

/** Reruns with other choice strings, depth first, until none is left or the budget of paths is used up. */
export function explore(
  { budget, cancelled }: Pick<RunRequest, 'budget' | 'cancelled'>,
  run: (choices: ChoiceString) => PathResult,
): { readonly paths: readonly PathResult[]; readonly complete: boolean } {
  const paths: PathResult[] = [];
  const waiting: number[][] = [[]];
  while (waiting.length > 0) {
    if (paths.length >= budget.paths || cancelled?.() === true) return { paths, complete: false };
    const digits = waiting.pop()!;
    const choices = new ChoiceString(digits);
    paths.push(run(choices));
    waiting.push(...alternatives(choices, digits.length));
  }
  return { paths, complete: true };
}

function runPath(
  request: RunRequest,
  file: LinkedFile,
  symbol: FunctionSymbol,
  choices: ChoiceString,
): { readonly path: PathResult; readonly problem: SituationProblem | undefined } {
  const trace: TraceLine[] = [];
  const { budget, now, cancelled, traceCalls, situation = NO_SITUATION } = request;
  const { machine, environment, result, stop, entered } = runInSituation(file, symbol, situation, {
    ...{ budget, now, choices },
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(traceCalls === undefined ? {} : { traceCalls }),
    trace: (event, frame) => {
      trace.push({ event, place: frame === undefined ? undefined : placeOf(frame) });
    },
  });
  const { assumptions, steps } = machine;
  const path = { choices: choices.text, decisions: choices.made, assumptions, steps, trace };
  const problem = environment?.problems[0];
  if (stop !== undefined) {
    const message = entered ? stop.message : `while the situation is made: ${stop.message}`;
    const outcome = { kind: 'stopped' as const, stop: stop.kind, message };
    return { path: { ...path, outcome, stack: stackOf(machine) }, problem };
  }
  const kind = assumptions.length === 0 ? 'returned' : 'assumed';
  const outcome = { kind, value: showResult(result, symbol) } as const;
  return { path: { ...path, outcome, stack: [] }, problem };
}

function showResult(value: Value, symbol: FunctionSymbol): string {
  const type = symbol.type.result;
  if (type.kind === 'void') return 'nothing';
  if (value === undefined) return 'a value that was never set';
  if (type.kind === 'pointer') return `${hex(value)} (${describeType(type)})`;
  return String(value);
}
