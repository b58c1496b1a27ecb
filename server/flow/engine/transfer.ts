import type { Call, CfgNode, Edge, Expr } from '../../program/ir.ts';
import { concludeAll, range, require } from '../facts/conditions.ts';
import { shortText } from '../record/places.ts';
import { get, remove, set } from '../state/intMap.ts';
import type { State } from '../state/state.ts';
import { follow } from '../state/trace.ts';
import { addr, deref, op, opName, sub } from '../terms/build.ts';
import type { Term } from '../terms/term.ts';
import { applySummary } from './apply.ts';
import { isDefinedBeside } from './calls.ts';
import { unknownCall } from './unknown.ts';
import { evaluateCondition } from './checks.ts';
import { settle } from './settle.ts';
import { cursorAt, demand, nextChoices, read, write, unknownAt } from './cursor.ts';
import type { Cursor } from './run.ts';
import { evaluate } from './evaluate.ts';
import { initialise, initialiserOf } from './initialise.ts';
import { release } from './release.ts';
import { isBeyond, turnsLeft, type LoopTable } from './loops.ts';
import { spelling, type Run } from './run.ts';
import { noteName, noteStore, store } from './store.ts';

/** A state on its way along an edge. */
export interface Move {
  readonly edge: Edge;
  readonly state: State;
}

/** Runs one node in one state. */
export function transfer(run: Run, loops: LoopTable, node: CfgNode, state: State): Move[] {
  const moves: Move[] = [];
  let choices: number[] | undefined = [];
  while (choices !== undefined) {
    const cursor = cursorAt(run, state, node.loop, choices);
    const made = step(cursor, loops, node);
    if (!cursor.dead) moves.push(...made);
    choices = nextChoices(cursor);
  }
  return moves;
}

function onward(cursor: Cursor, node: CfgNode): Move[] {
  if (cursor.dead) return [];
  settle(cursor, 'test');
  return node.edges.map((edge) => ({ edge, state: cursor.state }));
}

function step(cursor: Cursor, loops: LoopTable, node: CfgNode): Move[] {
  const { state } = cursor;
  switch (node.kind) {
    case 'entry':
    case 'join':
      return onward(cursor, node);
    case 'end':
    case 'stop':
      return [];
    case 'eval':
      // WARN_ON(x) as a statement tests x like a branch does.
      if (node.expr.kind === 'call' && node.expr.name !== undefined) {
        const { value, effect } = cursor.run.context.meanings.of(node.expr.name);
        let tested: Expr | undefined;
        if (value?.is === 'truth') tested = node.expr.args[value.index];
        else if (effect?.does === 'stopsIf') tested = node.expr.args[effect.argument];
        if (tested !== undefined) evaluateCondition(cursor, tested, 'test');
      }
      evaluate(cursor, node.expr);
      return onward(cursor, node);
    case 'declare':
      declare(cursor, node);
      return onward(cursor, node);
    case 'branch':
      return branch(cursor, loops, node);
    case 'switch':
      return choose(cursor, node);
    case 'return':
      state.returned = node.value === undefined ? undefined : evaluate(cursor, node.value);
      state.returnAt = { start: node.start, end: node.end };
      return onward(cursor, node);
    case 'iterate':
      return iterate(cursor, loops, node);
    case 'guard':
      for (const arg of node.args) evaluate(cursor, arg);
      if (cursor.run.context.unit.api.isAtomicGuard(node.class)) {
        const name = spelling(cursor.run, node);
        state.atomic = [...state.atomic, { name, start: node.start, end: node.end }];
      }
      return onward(cursor, node);
    case 'unguard':
      if (cursor.run.context.unit.api.isAtomicGuard(node.class))
        state.atomic = state.atomic.slice(0, -1);
      return onward(cursor, node);
    case 'cleanup':
      cleanUp(cursor, node);
      return onward(cursor, node);
    case 'asm':
      for (const output of node.outputs) {
        store(
          cursor,
          locateOutput(cursor, output),
          unknownAt(cursor, output, 'asm'),
          output,
          undefined,
        );
      }
      return onward(cursor, node);
  }
}

function locateOutput(cursor: Cursor, output: Expr): Term {
  return output.kind === 'ident' && output.binding.kind === 'variable'
    ? cursor.run.locations[output.binding.variable]!
    : deref(cursor.run.table, unknownAt(cursor, output, 'asm'));
}

function declare(cursor: Cursor, node: CfgNode & { kind: 'declare' }): void {
  const { run, state } = cursor;
  const variable = run.ir.variables[node.variable]!;
  const location = run.locations[node.variable]!;
  const type = run.context.unit.types.resolve(variable.type, run.ir);
  if (type.kind === 'record' && type.tag === 'iommu_iotlb_gather') {
    state.gathers = set(state.gathers, location, { life: 'declared', call: -1 });
  }
  if (node.init === undefined) {
    state.env = remove(state.env, location);
    return;
  }
  const list = initialiserOf(node.init);
  if (list !== undefined) {
    initialise(cursor, location, list, variable.type);
    return;
  }
  const value = evaluate(cursor, node.init);
  write(cursor, location, value);
  noteName(run, value, variable);
  let from: Expr = node.init;
  while (from.kind === 'cast') from = from.operand;
  const origin = run.results.get(value);
  if (from.kind === 'call' && origin?.call === from) {
    noteStore(run, origin.contract, from, variable, variable.type, variable.name, variable);
  }
}

function exits(loops: LoopTable, node: CfgNode): boolean {
  return loops.members.some(
    (members) =>
      members.has(node.id) &&
      node.edges.some(({ to }) => !members.has(to)) &&
      node.edges.some(({ to }) => members.has(to)),
  );
}

/** The edge leaves a loop whose body was not run. */
function leavesAtOnce(loops: LoopTable, node: CfgNode, state: State, edge: Edge): boolean {
  const loop = loops.loopOfTest[node.id]!;
  if (loop < 0 || loops.members[loop]!.has(edge.to)) return false;
  return (get(state.counters, loop) ?? 1) <= 1;
}

/** `if (dma_map_sg(…))` looks at a result as it comes: a check, even where it decides about a loop. */
function asksResult(condition: Expr): boolean {
  if (condition.kind === 'call') return true;
  return (
    condition.kind === 'binary' &&
    (condition.left.kind === 'call' || condition.right.kind === 'call')
  );
}

/** The event of a path that ends a loop by its test. */
const leaving = { kind: 'leave', start: 0, end: 0, message: '', site: -1 } as const;

function isInLoop(loops: LoopTable, loop: number, edge: Edge): boolean {
  return loop >= 0 && loops.members[loop]!.has(edge.to);
}

function branch(cursor: Cursor, loops: LoopTable, node: CfgNode & { kind: 'branch' }): Move[] {
  const { run } = cursor;
  const { table } = run;
  const isLoopTest =
    loops.loopOfTest[node.id] !== -1 ||
    // `do … while (x)`; in a loop that tests at its top this is the last `if (err) return err;` of the body.
    (node.loop >= 0 &&
      loops.testsAtTop[node.loop] !== true &&
      exits(loops, node) &&
      node.edges.some((edge) => edge.back));
  const by = isLoopTest && !asksResult(node.condition) ? 'loop' : 'test';
  const condition = evaluateCondition(cursor, node.condition, by);
  if (cursor.dead) return [];
  const wanted = node.edges.filter((edge) => !isBeyond(loops, cursor.state, node.id, edge));
  const known = new Map(
    node.edges.map((edge) => {
      const wants = edge.label.kind === 'true' ? 'nonzero' : 'zero';
      const after = require(table, cursor.state.known, condition, wants);
      return [edge, after && concludeAll(table, after, run.junctions)];
    }),
  );
  const feasible = wanted.filter((edge) => known.get(edge) !== undefined);
  const bothPossible = node.edges.every((edge) => known.get(edge) !== undefined);
  if (feasible.length === 0 && wanted.length < node.edges.length) {
    // The bound of the loop, not the code, ends it here.
    return wanted.map((edge) => ({ edge, state: { ...cursor.state, approximate: true } }));
  }
  return feasible.map((edge) => {
    const next: Cursor = { ...cursor, state: { ...cursor.state, known: known.get(edge)! } };
    const atOnce = isLoopTest && leavesAtOnce(loops, node, cursor.state, edge);
    const parting = { node: node.id, taken: edge.to, condition, atOnce };
    if (bothPossible && !isLoopTest) {
      next.state.trace = follow(next.state.trace, {
        kind: 'branch',
        start: node.condition.start,
        end: node.condition.end,
        message: `${shortText(run, node.condition)} is ${edge.label.kind} here`,
        site: -1,
        parting,
      });
    } else if (bothPossible && !isInLoop(loops, node.loop, edge)) {
      next.state.trace = follow(next.state.trace, { ...leaving, parting });
    }
    settle(next, by);
    if (bothPossible && atOnce) next.state.skipped = true;
    return { edge, state: next.state };
  });
}

function choose(cursor: Cursor, node: CfgNode & { kind: 'switch' }): Move[] {
  const { run } = cursor;
  const { table } = run;
  const value = evaluate(cursor, node.value);
  const moves: Move[] = [];
  const text = shortText(run, node.value);
  for (const edge of node.edges) {
    const next: Cursor = { ...cursor, state: { ...cursor.state }, dead: false };
    let label: string;
    if (edge.label.kind === 'case') {
      const low = evaluate(next, edge.label.low);
      if (edge.label.high === undefined) demand(next, sub(table, value, low), 'zero');
      else {
        demand(next, sub(table, value, low), 'not-negative');
        demand(next, sub(table, value, evaluate(next, edge.label.high)), 'not-positive');
      }
      label = `${text} is ${shortText(run, edge.label.low)} here`;
    } else {
      for (const other of node.edges) {
        if (other.label.kind !== 'case' || other.label.high !== undefined) continue;
        const low = evaluate(next, other.label.low);
        if (table.constant(low) !== undefined) demand(next, sub(table, value, low), 'nonzero');
      }
      label = `${text} is none of the cases here`;
    }
    if (next.dead) continue;
    next.state.trace = follow(next.state.trace, {
      kind: 'branch',
      start: node.value.start,
      end: node.value.end,
      message: label,
      site: -1,
    });
    settle(next, 'test');
    moves.push({ edge, state: next.state });
  }
  return moves;
}

/** The next element of an iterator macro: elements have names, so that two walks over one list agree. */
function iterate(cursor: Cursor, loops: LoopTable, node: CfgNode & { kind: 'iterate' }): Move[] {
  const { run, state } = cursor;
  const { table } = run;
  const { roles, args } = node;
  const loop = loops.loopOfHead[node.id]!;
  const arrival = get(state.counters, loop) ?? 1;
  const argument = (index: number | undefined): Expr | undefined =>
    index === undefined ? undefined : args[index];
  const containerExpr = argument(roles.container);
  const list =
    containerExpr === undefined
      ? table.variable(`${node.macro} ${spelling(run, node).slice(0, 60)}`, 1)
      : evaluate(cursor, containerExpr);
  const boundExpr = argument(roles.bound);
  const bound = boundExpr === undefined ? undefined : evaluate(cursor, boundExpr);
  const elementExpr = argument(roles.element);
  const index = elementIndex(cursor, node, elementExpr, arrival);
  const count = op(table, 'count', [list]);
  const limit = bound ?? count;
  const rest = range(table, state.known, sub(table, limit, table.num(index.at)));
  const isOpen = index.kind === 'forwards' && rest.low <= 0 && rest.high > 0;
  const moves: Move[] = [];
  for (const edge of node.edges) {
    const next: Cursor = { ...cursor, state: { ...cursor.state }, dead: false };
    const isBody = edge.label.kind === 'body';
    if (isBody && isBeyond(loops, state, node.id, edge)) continue;
    if (index.kind === 'backwards') {
      if (isBody !== index.at >= 0) continue;
    } else {
      demand(next, sub(table, limit, table.num(index.at)), isBody ? 'positive' : 'not-positive');
    }
    if (next.dead) {
      if (isBody || arrival <= turnsLeft(loops, state, loop)) continue;
      next.state.approximate = true;
    }
    if (isBody) assignElement(next, node, list, index.at);
    else {
      const atOnce = arrival <= 1;
      if (atOnce) next.state.skipped = true;
      const parting = { node: node.id, taken: edge.to, condition: limit, atOnce };
      if (isOpen) next.state.trace = follow(next.state.trace, { ...leaving, parting });
    }
    settle(next, 'loop');
    moves.push({ edge, state: next.state });
  }
  return moves;
}

function elementIndex(
  cursor: Cursor,
  node: CfgNode & { kind: 'iterate' },
  element: Expr | undefined,
  arrival: number,
): { kind: 'forwards' | 'backwards'; at: number } {
  const { table } = cursor.run;
  if (node.roles.from !== 'start' && element !== undefined) {
    const current = evaluate(cursor, element);
    if (opName(table, current) === 'elem') {
      const at = table.constant(table.part(current, 2)) ?? 0;
      const first = arrival === 1 && node.roles.from === 'current' ? 0 : 1;
      return node.roles.direction === 'reverse'
        ? { kind: 'backwards', at: at - first }
        : { kind: 'forwards', at: at + first };
    }
  }
  return { kind: 'forwards', at: arrival - 1 };
}

function assignElement(
  cursor: Cursor,
  node: CfgNode & { kind: 'iterate' },
  list: Term,
  at: number,
): void {
  const { table } = cursor.run;
  for (const index of node.roles.assigned) {
    const target = node.args[index];
    if (target?.kind !== 'ident' || target.binding.kind !== 'variable') continue;
    const location = cursor.run.locations[target.binding.variable]!;
    let value: Term;
    if (index === node.roles.element) value = op(table, 'elem', [list, table.num(at)]);
    else if (index === node.roles.counter) value = table.num(at);
    else value = unknownAt(cursor, target, spelling(cursor.run, target));
    write(cursor, location, value);
  }
}

/** A variable with a clean-up attribute goes out of scope. */
function cleanUp(cursor: Cursor, node: CfgNode & { kind: 'cleanup' }): void {
  const { run } = cursor;
  const location = run.locations[node.variable]!;
  const value = node.argument === 'value' ? read(cursor, location) : addr(run.table, location);
  const { start, end, function: name } = node;
  // Numbers after those of the function's expressions; the call itself is nowhere written.
  const first = run.ir.exprCount + 2 * node.id;
  const at = { start, end, macro: undefined };
  const callee: Expr = { ...at, id: first, kind: 'unknown', reason: 'clean-up' };
  const argument: Expr = { ...at, id: first + 1, kind: 'unknown', reason: 'what is cleaned up' };
  const call: Call = { ...at, id: first, kind: 'call', name, args: [argument], callee };
  const contract = isDefinedBeside(run, name) ? undefined : run.context.meanings.contractOf(name);
  if (contract?.effect === 'release') {
    release(
      cursor,
      contract,
      call,
      contract.roles.map(() => value),
      undefined,
    );
    return;
  }
  const summary = run.context.summaryOf(name);
  if (summary !== undefined) applySummary(cursor, call, summary, [value]);
  else unknownCall(cursor, call, `free_${name}`, [value]);
}
