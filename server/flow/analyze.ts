import type { Call, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import { lineIndex, type LineIndex } from '../text/lineIndex.ts';
import type { Problem } from '../text/problem.ts';
import { isOfInterest } from './contracts/contract.ts';
import { calledNames, fileContext, type FileContext } from './context.ts';
import { judgeGathers } from './engine/gathers.ts';
import { evaluate, locate } from './engine/evaluate.ts';
import { cursorAt } from './engine/cursor.ts';
import {
  careful,
  ordinary,
  variableLocations,
  type Bounds,
  type Inherited,
  type Run,
  type UnitContext,
} from './engine/run.ts';
import { walk, type Walk } from './engine/worklist.ts';
import { judgeByCallers, type CallerView } from './escape/callers.ts';
import { judgeEnd } from './escape/ends.ts';
import { visitExpressions } from '../program/walk.ts';
import type { Facts, UnitFacts } from './facts.ts';
import { absolute, joinFacts, type Locate } from './record/assemble.ts';
import { createRecorder, type Recorder } from './record/recorder.ts';
import { summarise } from './summaries/summarise.ts';
import type { Summary } from './summaries/summary.ts';
import { TermTable } from './terms/term.ts';
import { scatterWalks } from './walks.ts';

/** What the engine needs besides the unit. */
export interface FlowOptions {
  /** Text of the unit's file: positions become lines through it. */
  readonly text: string;
  /** Results of earlier runs; entries whose functions did not change are used again. */
  readonly cache?: FlowCache;
}

/** Results of functions by everything they depend on. Owned by the caller; safe to drop at any time. */
export type FlowCache = Map<string, FunctionResult>;

/** What one function gave. Positions are relative to the function. */
export interface FunctionResult {
  readonly recorder: Recorder;
  readonly inherited: ReadonlyMap<number, Inherited>;
  readonly summary: Summary | undefined;
  readonly steps: number;
  readonly capped: string | undefined;
}

interface Session {
  readonly unit: Unit;
  readonly table: TermTable;
  readonly file: FileContext;
  readonly byName: ReadonlyMap<string, UnitFunction>;
  readonly results: Map<string, FunctionResult | 'running'>;
  readonly context: UnitContext;
  /** Steps left for second looks. */
  second: number;
}

/** Steps that all second looks of one unit may take together. */
const secondLooks = 30000;

/** Helpers larger than this that reach no interface are taken as unknown calls. */
const largestHelper = 80;

/** Finds the facts of one unit. Pure: the same unit gives the same facts. */
export function analyzeUnit(unit: Unit, options: FlowOptions): UnitFacts {
  const session = open(unit);
  const own = unit.functions.filter((fn) => fn.file === unit.file || unit.build !== undefined);
  const problems: Problem[] = [];
  const wanted = functionsOfInterest(session, own);
  const facts: Facts[] = [];
  const index = lineIndex(options.text);
  let steps = 0;
  let capped = 0;
  for (const fn of wanted) analyzeFunction(session, fn);
  const view = callerView(session);
  for (const fn of wanted) {
    const result = analyzeFunction(session, fn);
    if (result === undefined) {
      problems.push(notLowered(fn, index));
      continue;
    }
    steps += result.steps;
    const found = result.recorder.finish((leak, site) =>
      judgeByCallers(view, fn.name, leak, site.released !== undefined),
    );
    facts.push(absolute(found, placesOf(session, index)));
    if (result.capped === undefined) continue;
    capped++;
    problems.push({
      file: fn.file,
      line: index.position(fn.itemStart).line,
      function: fn.name,
      reason: result.capped,
    });
  }
  return {
    file: unit.file,
    facts: joinFacts(facts),
    problems,
    counts: {
      functions: own.length,
      analysed: wanted.length,
      capped,
      steps,
      reused: 0,
    },
  };
}

function notLowered(fn: UnitFunction, index: LineIndex): Problem {
  const ir = fn.lower();
  return {
    file: fn.file,
    line: index.position(fn.itemStart + (ir.kind === 'notLowered' ? ir.start : 0)).line,
    function: fn.name,
    reason: ir.kind === 'notLowered' ? ir.reason : 'not analysed',
  };
}

/** Turns a place relative to a function into one in its file. */
function placesOf(session: Session, index: LineIndex): Locate {
  return (name) => {
    const fn = session.byName.get(name);
    const inFile = fn?.file === session.unit.file;
    return {
      offset: fn?.itemStart ?? 0,
      line: (offset) => (inFile ? index.position(offset).line : 0),
    };
  };
}

/** Functions that call an interface with a contract, and those that get a resource from a function of the file. */
function functionsOfInterest(session: Session, own: readonly UnitFunction[]): UnitFunction[] {
  const called = new Map(own.map((fn) => [fn.name, calledNames(fn.text)]));
  const chosen = new Set<string>();
  const queue: string[] = [];
  for (const fn of own) {
    if ([...called.get(fn.name)!].some(isOfInterest)) {
      chosen.add(fn.name);
      queue.push(fn.name);
    }
  }
  const callers = new Map<string, string[]>();
  for (const [name, names] of called) {
    for (const callee of names) {
      const list = callers.get(callee);
      if (list === undefined) callers.set(callee, [name]);
      else list.push(name);
    }
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const above = (callers.get(name) ?? []).filter((caller) => !chosen.has(caller));
    if (above.length === 0) continue;
    const summary = session.context.summaryOf(name);
    if (
      summary?.outcomes.some(({ acquires }) =>
        acquires.some(({ contract }) => contract.family !== 'memory'),
      ) !== true
    )
      continue;
    for (const caller of above) {
      chosen.add(caller);
      queue.push(caller);
    }
  }
  return own.filter((fn) => chosen.has(fn.name));
}

function open(unit: Unit): Session {
  const table = new TermTable();
  const file = fileContext(unit);
  const byName = new Map(unit.functions.map((fn) => [fn.name, fn]));
  let reserved = 0;
  const reaches = new Map<string, boolean>();
  const reachesInterface = (name: string, depth: number): boolean => {
    const known = reaches.get(name);
    if (known !== undefined) return known;
    reaches.set(name, false);
    const names = calledNames(byName.get(name)?.text ?? '');
    let found = false;
    for (const callee of names) {
      found = isOfInterest(callee) || callee.startsWith('kfree');
      found ||= depth > 0 && byName.has(callee) && reachesInterface(callee, depth - 1);
      if (found) break;
    }
    reaches.set(name, found);
    return found;
  };
  const session: Session = {
    unit,
    table,
    file,
    byName,
    results: new Map(),
    second: secondLooks,
    context: {
      unit,
      table,
      reserve: (count) => {
        const base = reserved;
        reserved += count;
        return base;
      },
      mappedCountField: (run, expr) => file.mappedCountField(run, expr),
      entryContext: (name) => file.entryContext(name),
      assumesIdentity: () => file.assumesIdentity(),
      isMemberChecked: (member) => file.isMemberChecked(member),
      summaryOf: (name) => {
        const fn = byName.get(name);
        if (fn === undefined) return undefined;
        const known = session.results.get(name);
        if (known === 'running') return undefined;
        if (known !== undefined) return known.summary;
        if (!reachesInterface(name, 6) && !isSmall(fn)) return undefined;
        return analyzeFunction(session, fn)?.summary;
      },
    },
  };
  return session;
}

function isSmall(fn: UnitFunction): boolean {
  if (fn.text.length > 4000) return false;
  const ir = fn.lower();
  return ir.kind === 'lowered' && ir.cfg.order.length <= largestHelper;
}

/** Facts and summary of a function, computed once; undefined where it could not be lowered. */
function analyzeFunction(session: Session, fn: UnitFunction): FunctionResult | undefined {
  const known = session.results.get(fn.name);
  if (known !== undefined && known !== 'running') return known;
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return undefined;
  session.results.set(fn.name, 'running');
  const first = runOnce(session, fn, ir, ordinary);
  let result = first.result;
  let steps = first.result.steps;
  if (first.suspicious && session.second > 0) {
    const second = runOnce(session, fn, ir, careful).result;
    steps += second.steps;
    session.second -= second.steps;
    if (second.capped === undefined) result = second;
  }
  result = { ...result, steps };
  session.results.set(fn.name, result);
  return result;
}

function runOnce(
  session: Session,
  fn: UnitFunction,
  ir: FunctionIr,
  bounds: Bounds,
): { result: FunctionResult; suspicious: boolean } {
  const run = prepare(session, fn, ir, bounds);
  const walked: Walk = walk(run);
  const end = ir.cfg.nodes[ir.cfg.end]!;
  for (const state of walked.ends) {
    judgeEnd(run, state);
    if (!state.approximate) judgeGathers(cursorAt(run, state, -1, []), state.returnAt ?? end);
  }
  scatterWalks(run);
  return {
    suspicious: run.recorder.suspicious || walked.capped !== undefined,
    result: {
      recorder: run.recorder,
      inherited: run.inherited,
      summary: summarise(run, walked),
      steps: walked.steps,
      capped: walked.capped,
    },
  };
}

/** How the functions of the file call each other, for leaks that a caller may undo. */
function callerView(session: Session): CallerView {
  const result = (name: string): FunctionResult | undefined => {
    const known = session.results.get(name);
    return known === 'running' ? undefined : known;
  };
  return {
    callersOf: (name) => session.file.callersOf(name),
    inheritedBy: (name) => {
      const known = result(name);
      return known?.capped === undefined ? known?.inherited : undefined;
    },
    isEntryPoint: (name) =>
      session.unit.symbols.opsOf(name).length > 0 ||
      session.unit.symbols.registrationsOf(name).length > 0,
    isCapped: (name) => result(name)?.capped !== undefined,
  };
}

function prepare(session: Session, fn: UnitFunction, ir: FunctionIr, bounds: Bounds): Run {
  const calls = new Map<number, Call>();
  const loops = new Map<number, number>();
  const dropped = new Set<number>();
  visitExpressions(ir, (expr, node) => {
    if (expr.kind !== 'call') return;
    calls.set(expr.id, expr);
    loops.set(expr.id, node.loop);
    if (node.kind === 'eval' && node.expr === expr) dropped.add(expr.id);
  });
  const locations = variableLocations(session.table, ir.variables);
  const gatherLocations = ir.variables.flatMap((variable, i) => {
    const type = session.unit.types.resolve(variable.type, ir);
    return type.kind === 'record' && type.tag === 'iommu_iotlb_gather' ? [locations[i]!] : [];
  });
  return {
    context: session.context,
    table: session.table,
    source: fn,
    ir,
    bounds,
    recorder: createRecorder(),
    evaluator: { evaluate, locate },
    base: session.context.reserve(ir.exprCount + ir.cfg.nodes.length + 1),
    sites: new Map(),
    inherited: new Map(),
    results: new Map(),
    calls,
    dropped,
    loopOfCall: (call) => loops.get(call) ?? -1,
    gatherLocations,
    escapedAtoms: new Set(),
    locations,
  };
}
