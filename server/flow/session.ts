import type { Call, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { visitExpressions } from '../program/walk.ts';
import {
  baseFor,
  summaryKey,
  type Dependency,
  type FlowCache,
  type FunctionResult,
} from './cache.ts';
import { fileContext, type FileContext } from './context.ts';
import { isTracked } from './contracts/contract.ts';
import { meaningsOf, type Meanings } from './contracts/meaning.ts';
import { cursorAt } from './engine/cursor.ts';
import { evaluate, locate } from './engine/evaluate.ts';
import { judgeGathers } from './engine/gathers.ts';
import {
  careful,
  ordinary,
  variableLocations,
  type Bounds,
  type Run,
  type UnitContext,
} from './engine/run.ts';
import { leftBehind } from './engine/meetings.ts';
import { judgeUnmaps } from './engine/unmaps.ts';
import { walk } from './engine/worklist.ts';
import type { CallerView } from './escape/callers.ts';
import { judgeEnd, outcomeOf } from './escape/ends.ts';
import { wayOutOf } from './escape/labels.ts';
import { boundsLists } from './listBounds.ts';
import { createRecorder } from './record/recorder.ts';
import type { State } from './state/state.ts';
import { summarise } from './summaries/summarise.ts';
import type { Summary } from './summaries/summary.ts';
import { scatterWalks } from './walks.ts';

/** One analysis of one unit. */
export interface Session {
  readonly unit: Unit;
  readonly file: FileContext;
  readonly meanings: Meanings;
  readonly cache: FlowCache;
  readonly byName: ReadonlyMap<string, UnitFunction>;
  /** Names under which the further definitions of a function are kept, in the branches of an `#if`. */
  readonly otherNames: ReadonlyMap<UnitFunction, string>;
  readonly results: Map<string, FunctionResult | 'running'>;
  /** Functions whose analysis threw, with what it said: a defect of the engine costs one function, not the file. */
  readonly failed: Map<string, string>;
  /** Functions answered from the cache. */
  reused: number;
}

/** Helpers larger than this that reach no interface are taken as unknown calls. */
const largestHelper = 80;

/** Starts the analysis of a unit. */
export function openSession(unit: Unit, cache: FlowCache): Session {
  const byName = new Map<string, UnitFunction>();
  for (const fn of unit.functions) {
    // Of a function and its stub in another branch of an #if, calls mean the function.
    const other = byName.get(fn.name);
    if (other === undefined || fn.text.length > other.text.length) byName.set(fn.name, fn);
  }
  const otherNames = new Map<UnitFunction, string>();
  for (const [i, fn] of unit.functions.entries()) {
    if (byName.get(fn.name) !== fn) otherNames.set(fn, `${fn.name}, definition ${i}`);
  }
  return {
    unit,
    file: fileContext(unit),
    meanings: meaningsOf(unit.api),
    cache,
    byName,
    otherNames,
    results: new Map(),
    failed: new Map(),
    reused: 0,
  };
}

/** Effects of a function of the file; undefined where nothing is known about them. */
export function summaryOf(session: Session, name: string): Summary | undefined {
  const fn = session.byName.get(name) ?? nearInline(session, name);
  if (fn === undefined) return undefined;
  const known = session.results.get(name);
  if (known === 'running') return undefined;
  if (known !== undefined) return known.summary;
  if (session.failed.has(name)) return undefined;
  const isWorthFollowing = (callee: string): boolean => {
    const { isOfInterest, contracts } = session.meanings.of(callee);
    return isOfInterest || contracts.some(({ effect }) => effect === 'release');
  };
  if (!session.file.reaches(name, isWorthFollowing) && !isSmall(fn)) return undefined;
  return analyzeFunction(session, fn)?.summary;
}

/** An inline of a header beside the file; those of the kernel at large have contracts or are no business of ours. */
function nearInline(session: Session, name: string): UnitFunction | undefined {
  const fn = session.unit.lookup(name);
  return fn === undefined || /^(include|arch)\//.test(fn.file) ? undefined : fn;
}

function isSmall(fn: UnitFunction): boolean {
  if (fn.text.length > 4000) return false;
  const ir = fn.lower();
  return ir.kind === 'lowered' && ir.cfg.order.length <= largestHelper;
}

/** The name of a function among the results: calls mean the longest definition of a name. */
export function keptAs(session: Session, fn: UnitFunction): string {
  return session.otherNames.get(fn) ?? fn.name;
}

/** Facts and summary of a function, computed once; undefined where it could not be lowered, or the engine failed. */
export function analyzeFunction(session: Session, fn: UnitFunction): FunctionResult | undefined {
  const name = keptAs(session, fn);
  if (session.failed.has(name)) return undefined;
  try {
    return analyzeOnce(session, fn, name);
  } catch (error) {
    session.failed.set(name, error instanceof Error ? error.message : String(error));
    session.results.delete(name);
    return undefined;
  }
}

function analyzeOnce(session: Session, fn: UnitFunction, name: string): FunctionResult | undefined {
  const known = session.results.get(name);
  if (known !== undefined && known !== 'running') return known;
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return undefined;
  session.results.set(name, 'running');
  const cached = session.cache.results.get(name);
  if (
    cached?.ir === ir &&
    cached.dependencies.every((one) => answer(session, one) === one.answer)
  ) {
    session.results.set(name, cached.result);
    session.reused++;
    return cached.result;
  }
  const dependencies = new Map<string, Dependency>();
  const context = recordingContext(session, dependencies);
  const first = runOnce(session, context, fn, ir, ordinary);
  let result = first.result;
  if (first.suspicious) {
    const second = runOnce(session, context, fn, ir, careful).result;
    const steps = result.steps + second.steps;
    result = { ...(second.capped === undefined ? second : result), steps };
  }
  session.results.set(name, result);
  session.cache.results.set(name, { ir, dependencies: [...dependencies.values()], result });
  return result;
}

/** What the file answers to a question now. */
function answer(
  session: Session,
  { question, about }: Pick<Dependency, 'question' | 'about'>,
): string {
  const { file } = session;
  switch (question) {
    case 'summary':
      return summaryKey(summaryOf(session, about));
    case 'checked':
      return String(isMemberChecked(file, about));
    case 'identity':
      return JSON.stringify(file.identities());
    case 'entry':
      return JSON.stringify(file.entryContext(about));
    case 'count':
      return file.writersKey(about);
    case 'calls': {
      const [caller = '', callee = ''] = about.split(' ');
      return String(file.calledBy(caller).has(callee));
    }
  }
}

/** A member and the structs it may be of, as one text: `dma qcap_queue`; an empty name is an unknown struct. */
function isMemberChecked(file: FileContext, about: string): boolean {
  const [member = '', ...tags] = about.split(' ');
  return file.isMemberChecked(member, new Set(tags.map((tag) => (tag === '' ? undefined : tag))));
}

/** Answers questions about the rest of the file, and remembers what was asked. */
function recordingContext(session: Session, asked: Map<string, Dependency>): UnitContext {
  const { file, unit, cache } = session;
  const note = (question: Dependency['question'], about: string): void => {
    const key = `${question} ${about}`;
    if (asked.has(key)) return;
    asked.set(key, { question, about, answer: answer(session, { question, about }) });
  };
  return {
    unit,
    table: cache.table,
    meanings: session.meanings,
    reserve: (count) => {
      const base = cache.reserved;
      cache.reserved += count;
      return base;
    },
    summaryOf: (name) => {
      const summary = summaryOf(session, name);
      note('summary', name);
      return summary;
    },
    isUnwinding: (name) =>
      session.results.get(name) === 'running' &&
      file.reaches(name, (callee) =>
        session.meanings
          .of(callee)
          .contracts.some(({ effect, family }) => effect === 'release' && isTracked(family)),
      ),
    isMemberChecked: (member, tags) => {
      const about = [member, ...[...tags].map((tag) => tag ?? '')].join(' ');
      note('checked', about);
      return isMemberChecked(file, about);
    },
    identities: () => {
      note('identity', '');
      return file.identities();
    },
    callsByName: (caller, callee) => {
      note('calls', `${caller} ${callee}`);
      return file.calledBy(caller).has(callee);
    },
    entryContext: (name) => {
      note('entry', name);
      return file.entryContext(name);
    },
    mappedCountField: (run, expr) => {
      if (expr.kind === 'field') note('count', expr.name);
      return file.mappedCountField(run, expr);
    },
  };
}

function runOnce(
  session: Session,
  context: UnitContext,
  fn: UnitFunction,
  ir: FunctionIr,
  bounds: Bounds,
): { result: FunctionResult; suspicious: boolean } {
  const run = prepare(session, context, fn, ir, bounds);
  const walked = walk(run);
  const end = ir.cfg.nodes[ir.cfg.end]!;
  for (const state of walked.ends) {
    judgeEnd(run, state);
    if (state.approximate) continue;
    judgeGathers(cursorAt(run, state, -1, []), state.returnAt ?? end);
    const outcome = outcomeOf(run, state);
    judgeUnmaps(cursorAt(run, state, -1, []), outcome);
    if (outcome !== 'error') run.recorder.left(leftBehind(run, state));
  }
  scatterWalks(run);
  if (walked.capped === undefined) findWaysOut(run, walked.ends);
  return {
    // Who ran out of steps would run out of them again.
    suspicious:
      walked.steps < bounds.steps && (run.recorder.suspicious || walked.capped !== undefined),
    result: {
      recorder: run.recorder,
      inherited: run.inherited,
      summary: summarise(run, walked),
      steps: walked.steps,
      capped: walked.capped,
    },
  };
}

/** For every `return` that leaves something behind, the label that would not. */
function findWaysOut(run: Run, ends: readonly State[]): void {
  const leaving = run.recorder.leavingAt();
  if (leaving.size === 0) return;
  for (const node of run.ir.cfg.nodes) {
    if (node.kind !== 'return' || !leaving.has(node.start)) continue;
    const way = wayOutOf(run, node, ends);
    if (way !== undefined) run.recorder.wayOut(node.start, way);
  }
}

/** Walks a function once more for somebody who wants to see its states; nothing that was found before changes. */
export function observeFunction(
  session: Session,
  fn: UnitFunction,
  ir: FunctionIr,
  observer: (run: Run) => NonNullable<Run['observe']>,
): void {
  const context = recordingContext(session, new Map());
  const run = prepare(session, context, fn, ir, ordinary);
  walk({ ...run, observe: observer(run) });
}

function prepare(
  session: Session,
  context: UnitContext,
  fn: UnitFunction,
  ir: FunctionIr,
  bounds: Bounds,
): Run {
  const { table } = session.cache;
  const calls = new Map<number, Call>();
  const loops = new Map<number, number>();
  const dropped = new Set<number>();
  visitExpressions(ir, (expr, node) => {
    if (expr.kind !== 'call') return;
    calls.set(expr.id, expr);
    loops.set(expr.id, node.loop);
    if (node.kind === 'eval' && node.expr === expr) dropped.add(expr.id);
  });
  const locations = variableLocations(table, ir.variables);
  const gatherLocations = ir.variables.flatMap((variable, i) => {
    const type = session.unit.types.resolve(variable.type, ir);
    return type.kind === 'record' && type.tag === 'iommu_iotlb_gather' ? [locations[i]!] : [];
  });
  return {
    context,
    table,
    source: fn,
    ir,
    bounds,
    recorder: createRecorder(),
    evaluator: { evaluate, locate },
    base: baseFor(session.cache, keptAs(session, fn), ir.exprCount + 2 * ir.cfg.nodes.length + 1),
    sites: new Map(),
    inherited: new Map(),
    results: new Map(),
    calls,
    dropped,
    loopOfCall: (call) => loops.get(call) ?? -1,
    gatherLocations,
    escapedAtoms: new Set(),
    kept: new Map(),
    junctions: new Set(),
    metItself: false,
    locations,
  };
}

/** How the functions of the file call each other, for leaks that a caller may undo. */
export function callerView(session: Session): CallerView {
  const result = (name: string): FunctionResult | undefined => {
    const known = session.results.get(name);
    return known === 'running' ? undefined : known;
  };
  const { api, symbols } = session.unit;
  return {
    callersOf: (name) => session.file.callersOf(name),
    inheritedBy: (name) => {
      const known = result(name);
      return known?.capped === undefined ? known?.inherited : undefined;
    },
    isEntryPoint: (name) =>
      symbols
        .opsOf(name)
        .some(({ struct, field }) => api.operation(struct ?? '', field)?.cleansUpItself === true),
    boundsLists: () => boundsLists(session.unit),
  };
}
