import type { CfgNode, Expr } from '../program/ir.ts';
import { childExpressions, nodeExpressions } from '../program/walk.ts';
import { initialState } from './state/state.ts';
import { cursorAt } from './engine/cursor.ts';
import { describe } from './engine/describe.ts';
import { evaluate } from './engine/evaluate.ts';
import type { Run } from './engine/run.ts';
import type { FlowPlace } from './facts.ts';
import { placeIn } from './record/places.ts';

/** Finds the walks over scatter lists and what their bodies read of an entry. */
export function scatterWalks(run: Run): void {
  const { cfg } = run.ir;
  for (const loop of cfg.loops) {
    const node = cfg.nodes[loop.head]!;
    if (node.kind !== 'iterate' || node.macro !== 'for_each_sg') continue;
    const [list, entry, count] = node.args;
    if (list === undefined || entry?.kind !== 'ident' || count === undefined) continue;
    const cpuReads: FlowPlace[] = [];
    const dmaReads: FlowPlace[] = [];
    for (const index of loop.nodes) {
      const member = cfg.nodes[index]!;
      if (member !== node) readsOf(run, member, entry.name, cpuReads, dmaReads);
    }
    const cursor = cursorAt(run, initialState(), node.loop, []);
    const value = (expr: Expr): ReturnType<typeof describe> =>
      describe(run, cursor.state, evaluate(cursor, expr), expr, expr);
    run.recorder.walk(node.id, () => ({
      macro: node.macro,
      place: placeIn(run, node),
      list: value(list),
      count: value(count),
      cpuReads,
      dmaReads,
      mappedHere: isMappedBefore(run, node),
    }));
  }
}

/** Some call on the way to the walk maps a list: until then both counts of a table are equal. */
function isMappedBefore(run: Run, walk: CfgNode): boolean {
  const { nodes, order } = run.ir.cfg;
  const mapping = new Set<number>();
  for (const { contract, call } of run.sites.values())
    if (contract.family.startsWith('dma-sg')) mapping.add(call);
  if (mapping.size === 0) return false;
  const maps = (expr: Expr): boolean =>
    (expr.kind === 'call' && mapping.has(expr.id)) || childExpressions(expr).some(maps);
  const reached = new Set<number>();
  const queue = order.filter((id) => nodeExpressions(nodes[id]!).some(maps));
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const { to } of nodes[id]!.edges) {
      if (to === walk.id) return true;
      if (reached.has(to)) continue;
      reached.add(to);
      queue.push(to);
    }
  }
  return false;
}

function readsOf(run: Run, node: CfgNode, entry: string, cpu: FlowPlace[], dma: FlowPlace[]): void {
  const isEntry = (expr: Expr | undefined): boolean =>
    expr?.kind === 'ident' && expr.name === entry;
  const visit = (expr: Expr): void => {
    if (expr.kind === 'call' && isEntry(expr.args[0])) {
      const side = run.context.meanings.of(expr.name ?? '').entrySide;
      if (side !== undefined) (side === 'cpu' ? cpu : dma).push(placeIn(run, expr));
    }
    if (expr.kind === 'field' && isEntry(expr.base)) {
      if (expr.name === 'length' || expr.name === 'offset') cpu.push(placeIn(run, expr));
      if (expr.name === 'dma_address' || expr.name === 'dma_length') dma.push(placeIn(run, expr));
    }
    for (const child of childExpressions(expr)) visit(child);
  };
  for (const expr of nodeExpressions(node)) visit(expr);
}
