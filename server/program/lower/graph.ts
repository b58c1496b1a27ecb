import type { Cfg, CfgNode, Edge, Loop } from '../ir.ts';
import { CannotLower, emitCleanups, emitDetached, link } from './lowering.ts';
import type { Lowering, RawEdge } from './lowering.ts';

/** Ties gotos to their labels and the loose ends to the function's end, and orders the graph. */
export function finishGraph(
  l: Lowering,
  span: { readonly start: number; readonly end: number },
): Cfg {
  resolveGotos(l);
  const end = emitDetached(l, { kind: 'end', ...span });
  link(l, l.ends, end);
  link(l, l.pending, end);
  for (const out of l.edges) if (out[0]?.label.kind === 'false') out.sort(trueFirst);
  const postOrder = reversePostOrder(l.edges);
  const position = positionsIn(postOrder, l.nodes.length);
  const loops = findLoops(l.edges, postOrder, position);
  const innermost = innermostLoops(loops, l.nodes.length);
  const order = loopsTogether(postOrder, loops);
  const place = positionsIn(order, l.nodes.length);
  const nodes = l.nodes.map((node, id): CfgNode => {
    const edges = l.edges[id]!.map((edge): Edge => ({
      to: edge.to,
      label: edge.label,
      back: position[id]! >= 0 && position[edge.to]! <= position[id]!,
    }));
    // Object.assign keeps the discriminated union: the payload decides the kind.
    return Object.assign({ id, edges, order: place[id]!, loop: innermost[id]! }, node);
  });
  return { nodes, end, order, loops };
}

function trueFirst(a: RawEdge, b: RawEdge): number {
  return Number(a.label.kind === 'false') - Number(b.label.kind === 'false');
}

function resolveGotos(l: Lowering): void {
  for (const goto of l.gotos) {
    const label = l.labels.get(goto.label);
    if (label === undefined)
      throw new CannotLower(`the label ${goto.label} is not defined`, goto.start);
    const { pending } = l;
    l.pending = [...goto.ends];
    if (l.pending.length > 0) emitCleanups(l, goto.cleanups, label.cleanups, goto);
    link(l, l.pending, label.node);
    l.pending = pending;
  }
}

/** Reachable nodes in reverse post order from node 0. */
function reversePostOrder(edges: readonly (readonly RawEdge[])[]): number[] {
  const state = new Uint8Array(edges.length);
  const post: number[] = [];
  const stack: number[] = [0];
  const next = new Int32Array(edges.length);
  state[0] = 1;
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    const out = edges[node]!;
    // Edges are taken last to first, so that the first one comes first in the reversed order.
    const i = out.length - 1 - next[node]!;
    if (i < 0) {
      post.push(node);
      stack.pop();
      continue;
    }
    next[node]!++;
    const { to } = out[i]!;
    if (state[to] === 0) {
      state[to] = 1;
      stack.push(to);
    }
  }
  return post.reverse();
}

function positionsIn(order: readonly number[], count: number): Int32Array {
  const position = new Int32Array(count).fill(-1);
  order.forEach((node, i) => (position[node] = i));
  return position;
}

/** The same order with every loop in one piece: what follows a loop, or is jumped to from inside, comes after all of it. */
function loopsTogether(order: readonly number[], loops: readonly Loop[]): number[] {
  const headed = new Map(loops.map((loop) => [loop.head, loop]));
  const placed = new Set<number>();
  const place = (nodes: readonly number[]): void => {
    for (const node of nodes) {
      if (placed.has(node)) continue;
      placed.add(node);
      const loop = headed.get(node);
      if (loop !== undefined) place(loop.nodes);
    }
  };
  place(order);
  return [...placed];
}

/** Natural loops: for every target of a back edge, what reaches the back edge without passing the target. */
function findLoops(
  edges: readonly (readonly RawEdge[])[],
  order: readonly number[],
  position: Int32Array,
): Loop[] {
  const predecessors: number[][] = edges.map(() => []);
  const tails = new Map<number, number[]>();
  for (const node of order) {
    for (const { to } of edges[node]!) {
      predecessors[to]!.push(node);
      if (position[to]! <= position[node]!) {
        const known = tails.get(to);
        if (known === undefined) tails.set(to, [node]);
        else known.push(node);
      }
    }
  }
  const bodies: { head: number; nodes: number[]; members: Set<number> }[] = [];
  for (const [head, ends] of tails) {
    const members = new Set<number>([head]);
    const stack = ends.filter((node) => node !== head);
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (members.has(node)) continue;
      members.add(node);
      for (const before of predecessors[node]!) {
        // A jump into the middle of a loop must not drag the function's beginning in.
        if (position[before]! >= position[head]!) stack.push(before);
      }
    }
    const nodes = [...members].sort((a, b) => position[a]! - position[b]!);
    bodies.push({ head, nodes, members });
  }
  bodies.sort((a, b) => a.nodes.length - b.nodes.length);
  return bodies.map(({ head, nodes }, i) => ({
    head,
    nodes,
    parent: bodies.findIndex((other, j) => j > i && other.members.has(head)),
  }));
}

function innermostLoops(loops: readonly Loop[], count: number): Int32Array {
  const innermost = new Int32Array(count).fill(-1);
  // Loops are sorted by size, smallest first: the first one that claims a node is the innermost.
  loops.forEach((loop, i) => {
    for (const node of loop.nodes) if (innermost[node] === -1) innermost[node] = i;
  });
  return innermost;
}
