import type { Cfg, CfgNode, Edge, Expr } from '../../program/ir.ts';
import { childExpressions, nodeExpressions } from '../../program/walk.ts';
import { get } from '../state/intMap.ts';
import type { State } from '../state/state.ts';
import type { Run } from './run.ts';
import { arrive, leave } from './turns.ts';

/** What the engine needs to know about the loops of a graph. */
export interface LoopTable {
  /** Loop of each head node, or -1. */
  readonly loopOfHead: readonly number[];
  /** Loop whose test at the top a node is, or -1. */
  readonly loopOfTest: readonly number[];
  readonly parents: readonly number[];
  readonly members: readonly ReadonlySet<number>[];
  /** The loop decides at its head whether to go round: a `while`, `for` or iterator. */
  readonly testsAtTop: readonly boolean[];
  /** Nodes on the way from the head to the end of the test at the top: `while (a && b)` has two branches. */
  readonly tests: readonly ReadonlySet<number>[];
  /** Bodies of each loop that are run. */
  readonly turns: readonly number[];
}

/** Looks at the loops of a function. */
export function loopsOf(run: Run): LoopTable {
  const { cfg } = run.ir;
  const loopOfHead = new Array<number>(cfg.nodes.length).fill(-1);
  const members = cfg.loops.map(({ nodes }) => new Set(nodes));
  cfg.loops.forEach(({ head }, loop) => {
    loopOfHead[head] = loop;
  });
  const loopOfTest = new Array<number>(cfg.nodes.length).fill(-1);
  const testsAtTop = cfg.loops.map(({ head }, loop) => {
    const test = firstBranch(cfg, head, members[loop]!);
    if (test?.edges.some(({ to }) => !members[loop]!.has(to)) !== true) return false;
    loopOfTest[test.id] = loop;
    return true;
  });
  const tests = cfg.loops.map(({ head }, loop) => testNodes(cfg, head, members[loop]!));
  const depthOf = (loop: number): number => (loop < 0 ? 0 : 1 + depthOf(cfg.loops[loop]!.parent));
  const turns = cfg.loops.map(({ nodes, parent }) =>
    turnsOf(
      run,
      nodes.map((node) => cfg.nodes[node]!),
      depthOf(parent),
    ),
  );
  const parents = cfg.loops.map(({ parent }) => parent);
  return { loopOfHead, loopOfTest, parents, members, testsAtTop, tests, turns };
}

/** The node at which paths from a loop's head part before anything happens. */
function firstBranch(cfg: Cfg, head: number, members: ReadonlySet<number>): CfgNode | undefined {
  let at = cfg.nodes[head]!;
  while (at.kind === 'join') {
    const [edge] = at.edges;
    if (edge === undefined || !members.has(edge.to) || edge.to === head) return undefined;
    at = cfg.nodes[edge.to]!;
  }
  return at.edges.length > 1 ? at : undefined;
}

/** One body is enough of an inner loop that takes and gives back nothing. */
function turnsOf(run: Run, nodes: readonly CfgNode[], depth: number): number {
  const { bounds, context } = run;
  if (depth === 0) return bounds.turns;
  const isBusy = (expr: Expr): boolean => {
    if (expr.kind === 'call') {
      const name = expr.name ?? (expr.callee.kind === 'field' ? expr.callee.name : '');
      const { contracts, mayGiveBack } = context.meanings.of(name);
      if (contracts.length > 0 || mayGiveBack || context.unit.lookup(name) !== undefined)
        return true;
    }
    return childExpressions(expr).some(isBusy);
  };
  return nodes.some((node) => nodeExpressions(node).some(isBusy)) ? bounds.turns : 1;
}

/** From the head on: joins, and branches that may leave the loop and call nothing. */
function testNodes(cfg: Cfg, head: number, members: ReadonlySet<number>): ReadonlySet<number> {
  const tests = new Set<number>();
  const queue = [head];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const node = cfg.nodes[at]!;
    if (tests.has(at) || !members.has(at)) continue;
    const isTest = node.kind === 'branch' && node.edges.some(({ to }) => !members.has(to));
    const isFirst = at === head || isAfterJoins(cfg, head, at);
    if (!isFirst && !(isTest && isQuiet(node.condition))) continue;
    tests.add(at);
    if (node.kind === 'join' || isTest) queue.push(...node.edges.map(({ to }) => to));
  }
  return tests;
}

/** The first node after the joins at the head. */
function isAfterJoins(cfg: Cfg, head: number, node: number): boolean {
  let at = head;
  while (cfg.nodes[at]!.kind === 'join' && cfg.nodes[at]!.edges.length === 1) {
    at = cfg.nodes[at]!.edges[0]!.to;
    if (at === node) return true;
    if (at === head) return false;
  }
  return false;
}

function isQuiet(expr: Expr): boolean {
  return expr.kind !== 'call' && expr.kind !== 'assign' && childExpressions(expr).every(isQuiet);
}

/** True when taking this edge would run one body more than the bound allows. */
export function isBeyond(loops: LoopTable, state: State, from: number, edge: Edge): boolean {
  const target = loops.loopOfHead[edge.to]!;
  if (edge.back && target >= 0) {
    const turns = turnsLeft(loops, state, target);
    const most = loops.testsAtTop[target] === true ? turns + 1 : turns;
    return (get(state.counters, target) ?? 0) >= most;
  }
  return staysInSpentLoop(loops, state, from, edge);
}

/** Bodies of a loop that are run: in a later turn of the loop around it one, for the first told the difference. */
export function turnsLeft(loops: LoopTable, state: State, loop: number): number {
  const parent = loops.parents[loop]!;
  const isLater = parent >= 0 && (get(state.counters, parent) ?? 0) > 1;
  return isLater ? 1 : loops.turns[loop]!;
}

function staysInSpentLoop(loops: LoopTable, state: State, from: number, edge: Edge): boolean {
  for (let loop = 0; loop < loops.members.length; loop++) {
    if (loops.testsAtTop[loop] !== true) continue;
    if ((get(state.counters, loop) ?? 0) <= turnsLeft(loops, state, loop)) continue;
    const isInBody = (node: number): boolean =>
      loops.members[loop]!.has(node) && !loops.tests[loop]!.has(node);
    if (loops.members[loop]!.has(from) && isInBody(edge.to)) return true;
  }
  return false;
}

/** Keeps the turn counters of a state that moves along an edge. */
export function moveAlong(loops: LoopTable, state: State, from: number, edge: Edge): void {
  for (let loop = 0; loop < loops.members.length; loop++) {
    if (loops.members[loop]!.has(from) && !loops.members[loop]!.has(edge.to)) leave(state, loop);
  }
  const target = loops.loopOfHead[edge.to]!;
  if (target >= 0) arrive(state, target, edge.back ? 'back edge' : 'entry');
}
