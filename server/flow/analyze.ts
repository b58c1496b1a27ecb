import type { Unit, UnitFunction } from '../program/unit.ts';
import { visitExpressions } from '../program/walk.ts';
import { lineIndex, type LineIndex } from '../text/lineIndex.ts';
import type { Problem } from '../text/problem.ts';
import { runSlices, type Slices } from '../text/slices.ts';
import { asksForNone } from './askedForNone.ts';
import { createFlowCache, trim, type FlowCache } from './cache.ts';
import { chunkAttributes } from './chunks/chunkAttributes.ts';
import { judgeByCallers } from './escape/callers.ts';
import type { FunctionFacts, UnitFacts } from './facts.ts';
import type { LeftThere, TakenThere } from './facts/meetings.ts';
import { meet } from './meetings.ts';
import { absolute, joinFacts, type Locate } from './record/assemble.ts';
import {
  analyzeFunction,
  callerView,
  keptAs,
  openSession,
  summaryOf,
  type Session,
} from './session.ts';

/** What the engine needs besides the unit. */
export interface FlowOptions {
  /** Text of the unit's file: positions become lines through it. */
  readonly text: string;
  /** Results of earlier runs; functions that did not change, and whose callees did not, are not analysed again. */
  readonly cache?: FlowCache;
}

/** Finds the facts of one unit. Pure but for the cache: the same unit gives the same facts. */
export function analyzeUnit(unit: Unit, options: FlowOptions): UnitFacts {
  return runSlices(analyzeInSlices(unit, options));
}

/** {@link analyzeUnit}, one function at a time. Dropped half way, the cache keeps the functions that were done. */
export function* analyzeInSlices(unit: Unit, options: FlowOptions): Slices<UnitFacts> {
  const cache = options.cache ?? createFlowCache();
  trim(cache);
  const session = openSession(unit, cache);
  const wanted = functionsOfInterest(session);
  for (const [i, fn] of wanted.entries()) {
    analyzeFunction(session, fn);
    yield (i + 1) / wanted.length;
  }
  const view = callerView(session);
  const index = lineIndex(options.text);
  const locate = locator(session, index);
  const problems: Problem[] = [];
  const facts: FunctionFacts[] = [];
  let steps = 0;
  let capped = 0;
  for (const fn of wanted) {
    const result = analyzeFunction(session, fn);
    if (result === undefined) {
      problems.push(notAnalysed(session, fn, index));
      continue;
    }
    steps += result.steps;
    const { capped: bound } = result;
    const found = result.recorder.finish(
      (leak, site) =>
        judgeByCallers(view, { name: fn.name, capped: bound }, leak, site.releases[0]),
      () => isNoneAsked(session, fn.name),
    );
    facts.push(absolute(found, locator(session, index, fn)));
    if (bound === undefined) continue;
    capped++;
    const { line } = index.position(fn.itemStart);
    problems.push({ file: fn.file, line, function: fn.name, reason: bound });
  }
  return {
    file: unit.file,
    facts: joinFacts(pairsAcross(session, wanted, facts, locate), {
      attributes: absolute(chunkAttributes(unit, session.meanings), locate),
    }),
    problems,
    counts: {
      functions: unit.functions.length,
      analysed: wanted.length,
      capped,
      steps,
      reused: session.reused,
    },
  };
}

/** Whether a function of the file calls this one and asks if it returned 0. */
function isNoneAsked({ file, byName }: Session, name: string): boolean {
  return file.callersOf(name).some((caller) => {
    const ir = byName.get(caller)?.lower();
    return ir?.kind === 'lowered' && asksForNone(ir, name);
  });
}

/** The facts with the pairs that meet only in a member of an object. */
function pairsAcross(
  session: Session,
  wanted: readonly UnitFunction[],
  facts: readonly FunctionFacts[],
  locate: Locate,
): readonly FunctionFacts[] {
  const left: LeftThere[] = [];
  const taken: TakenThere[] = [];
  for (const fn of wanted) {
    // What one branch of an #if leaves, another never takes.
    if (session.otherNames.has(fn)) continue;
    const meetings = analyzeFunction(session, fn)?.recorder.meetings;
    if (meetings === undefined) continue;
    left.push(...meetings.left);
    taken.push(...meetings.taken);
  }
  const [first, ...others] = facts;
  if (first === undefined || left.length === 0 || taken.length === 0) return facts;
  const placed = taken.map((one) => ({
    ...one,
    ...absolute({ call: one.call, steps: one.steps }, locate),
  }));
  const resources = new Map(
    facts.flatMap((each) => each.resources.map((resource) => [resource.id, resource] as const)),
  );
  const writersOf = (member: string, tag: string): readonly string[] =>
    session.file.writersOf(member, tag);
  const pairings = meet(session.cache.table, left, placed, resources, writersOf);
  return [{ ...first, pairings: [...first.pairings, ...pairings] }, ...others];
}

function notAnalysed(session: Session, fn: UnitFunction, index: LineIndex): Problem {
  const { file, name } = fn;
  const failure = session.failed.get(keptAs(session, fn));
  if (failure !== undefined) {
    const { line } = index.position(fn.itemStart);
    return { file, line, function: name, reason: `internal error: ${failure}` };
  }
  const ir = fn.lower();
  const at = fn.itemStart + (ir.kind === 'notLowered' ? ir.start : 0);
  const reason = ir.kind === 'notLowered' ? ir.reason : 'not analysed';
  return { file, line: index.position(at).line, function: name, reason };
}

/** Turns places relative to a function into places of its file; `own` is meant by its name. */
function locator(session: Session, index: LineIndex, own?: UnitFunction): Locate {
  return (name) => {
    const fn = name === own?.name ? own : session.byName.get(name);
    const inFile = fn?.file === session.unit.file;
    return {
      offset: fn?.itemStart ?? 0,
      line: (offset) => (inFile ? index.position(offset).line : 0),
    };
  };
}

/** Functions that call an interface with a contract, and those that get a resource from a function of the file. */
function functionsOfInterest(session: Session): UnitFunction[] {
  const { file, unit } = session;
  const chosen = new Set<string>();
  const queue: string[] = [];
  for (const fn of unit.functions) {
    for (const name of file.calledBy(fn.name)) {
      if (!session.meanings.of(name).isOfInterest) continue;
      chosen.add(fn.name);
      queue.push(fn.name);
      break;
    }
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const above = file.callersOf(name).filter((caller) => !chosen.has(caller));
    if (above.length === 0) continue;
    const taken = summaryOf(session, name)?.outcomes.flatMap(({ acquires }) => acquires) ?? [];
    if (taken.every(({ contract }) => contract.family === 'memory')) continue;
    for (const caller of above) {
      chosen.add(caller);
      queue.push(caller);
    }
  }
  return unit.functions.filter(
    (fn) =>
      chosen.has(fn.name) && (session.byName.get(fn.name) === fn || callsInterface(session, fn)),
  );
}

/** Whether a function itself calls an interface with a contract: a stub in another #if branch does not. */
function callsInterface(session: Session, fn: UnitFunction): boolean {
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return true;
  let found = false;
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'call' || expr.name === undefined) return;
    if (session.meanings.of(expr.name).isOfInterest) found = true;
  });
  return found;
}
