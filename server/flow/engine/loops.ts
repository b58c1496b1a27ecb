import type { Cfg, CfgNode, Edge } from '../../program/ir.ts';
import { get } from '../state/intMap.ts';
import type { State } from '../state/state.ts';
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
}

/** Looks at the loops of a graph. */
export function loopTable(cfg: Cfg): LoopTable {
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
  const parents = cfg.loops.map(({ parent }) => parent);
  return { loopOfHead, loopOfTest, parents, members, testsAtTop };
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

/** True when taking this edge would run one body more than the bound allows. */
export function isBeyond(
  loops: LoopTable,
  state: State,
  from: number,
  edge: Edge,
  turns: number,
): boolean {
  const target = loops.loopOfHead[edge.to]!;
  if (edge.back && target >= 0) {
    const most = loops.testsAtTop[target] === true ? turns + 1 : turns;
    return (get(state.counters, target) ?? 0) >= most;
  }
  return staysInSpentLoop(loops, state, from, edge, turns);
}

function staysInSpentLoop(
  loops: LoopTable,
  state: State,
  from: number,
  edge: Edge,
  turns: number,
): boolean {
  for (let loop = 0; loop < loops.members.length; loop++) {
    if (loops.testsAtTop[loop] !== true || (get(state.counters, loop) ?? 0) <= turns) continue;
    if (loops.members[loop]!.has(from) && loops.members[loop]!.has(edge.to)) return true;
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
