import type { Cfg } from '../../program/ir.ts';
import { printTerm } from '../terms/print.ts';
import type { State } from '../state/state.ts';
import { initialState } from '../state/state.ts';
import { merge, sameSignature, sameState, signature } from '../state/merge.ts';
import { isBeyond, loopsOf, moveAlong } from './loops.ts';
import type { Run } from './run.ts';
import { transfer } from './transfer.ts';
import { turnOf } from './turns.ts';

/** What came out of walking one function. */
export interface Walk {
  /** States at the function's end, one for each way to get there that is worth telling apart. */
  readonly ends: readonly State[];
  /** Pairs of node and state that were run. */
  readonly steps: number;
  /** The bound that was hit, by name. */
  readonly capped: string | undefined;
}

/** Walks all paths of a function: nodes in order, every turn of a loop to its end, states merged where they agree. */
export function walk(run: Run): Walk {
  const { cfg } = run.ir;
  const loops = loopsOf(run);
  const waiting: State[][] = cfg.order.map(() => []);
  // States that go round again wait at the end of their loop until the turn is done on all ways through its body.
  const turning: State[][] = cfg.loops.map(() => []);
  const endingAt = loopsByEnd(cfg);
  const ends: State[] = [];
  let steps = 0;
  let capped: string | undefined;
  let next = 0;
  waiting[0]!.push(initialState());
  while (next < waiting.length) {
    const states = waiting[next]!;
    if (states.length === 0) {
      const again = endingAt[next]!.find((loop) => turning[loop]!.length > 0);
      if (again === undefined) next++;
      else {
        next = cfg.nodes[cfg.loops[again]!.head]!.order;
        waiting[next] = turning[again]!;
        turning[again] = [];
      }
      continue;
    }
    waiting[next] = [];
    const node = cfg.nodes[cfg.order[next]!]!;
    // Halfway to the bound, or with more states than a node may have, each signature keeps fewer.
    let most = steps > run.bounds.steps / 2 ? 1 : run.bounds.merge;
    let kept = states.length === 1 ? states : join(run, states, node.id, most);
    while (kept.length > run.bounds.statesPerNode && most > 1) {
      most = Math.floor(most / 2);
      kept = join(run, kept, node.id, most);
    }
    if (kept.length > run.bounds.statesPerNode) {
      capped ??= 'too many states';
      kept = kept
        .slice(0, run.bounds.statesPerNode)
        .map((state) => ({ ...state, approximate: true }));
    }
    if (node.kind === 'end') {
      ends.push(...kept);
      continue;
    }
    let earliest = next;
    for (const state of kept) {
      if (++steps > run.bounds.steps) {
        capped = 'too many states';
        break;
      }
      run.observe?.('before', node, state);
      for (const { edge, state: moved } of transfer(run, loops, node, state)) {
        run.observe?.('after', node, moved);
        if (isBeyond(loops, moved, node.id, edge) && node.edges.length === 1) {
          continue;
        }
        const arriving = { ...moved };
        moveAlong(loops, arriving, node.id, edge);
        const loop = edge.back ? loops.loopOfHead[edge.to]! : -1;
        const { order } = cfg.nodes[edge.to]!;
        if (loop >= 0) turning[loop]!.push(arriving);
        else waiting[order]!.push(arriving);
        // Only a jump into the middle of another loop leads to an earlier place without closing a loop.
        if (loop < 0 && order < earliest) earliest = order;
      }
    }
    if (capped !== undefined && steps > run.bounds.steps) break;
    next = earliest;
  }
  return { ends, steps, capped };
}

/** The loops whose last node stands at a position, the innermost first. */
function loopsByEnd(cfg: Cfg): number[][] {
  const ending: number[][] = cfg.order.map(() => []);
  cfg.loops.forEach(({ nodes }, loop) => {
    ending[Math.max(...nodes.map((node) => cfg.nodes[node]!.order))]!.push(loop);
  });
  return ending;
}

/** Reduces the states that meet at a node: equal ones become one, and each signature keeps at most a few. */
function join(run: Run, states: readonly State[], node: number, most: number): State[] {
  const { table } = run;
  const groups: { words: number[]; states: State[] }[] = [];
  for (const state of states) {
    const words = signature(table, state);
    const group = groups.find((other) => sameSignature(other.words, words));
    if (group === undefined) {
      groups.push({ words, states: [state] });
      continue;
    }
    if (group.states.some((other) => sameState(other, state))) continue;
    if (group.states.length < most) {
      group.states.push(state);
      continue;
    }
    const last = group.states.length - 1;
    const turn = turnOf(state);
    group.states[last] = merge(table, group.states[last]!, state, (location) =>
      table.freshAt(
        -2 - run.base - node,
        (Math.imul(turn, 31) + location) | 0,
        printTerm(table, location),
      ),
    );
  }
  return groups.flatMap((group) => group.states);
}
