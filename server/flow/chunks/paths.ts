import type { Cfg } from '../../program/ir.ts';

/** Whether some path from the entry to the end of a function leaves a node out. */
export function reachesEndWithout(cfg: Cfg, node: number): boolean {
  return reaches(cfg, 0, cfg.end, new Set([node]), undefined);
}

/** Whether a path leads from one node of a loop's turn to another without passing any of some nodes. */
export function reachesInTurn(
  cfg: Cfg,
  loop: number,
  to: number,
  without: ReadonlySet<number>,
): boolean {
  const { head, nodes } = cfg.loops[loop]!;
  return reaches(cfg, head, to, without, new Set(nodes));
}

/** Whether a loop is another one, or lies inside of it. */
export function isWithin(cfg: Cfg, loop: number, outer: number): boolean {
  for (let at = loop; at >= 0; at = cfg.loops[at]!.parent) if (at === outer) return true;
  return false;
}

function reaches(
  cfg: Cfg,
  from: number,
  to: number,
  without: ReadonlySet<number>,
  inside: ReadonlySet<number> | undefined,
): boolean {
  const seen = new Set([from]);
  const stack = [from];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (without.has(at)) continue;
    if (at === to) return true;
    for (const edge of cfg.nodes[at]!.edges) {
      if (seen.has(edge.to) || inside?.has(edge.to) === false) continue;
      seen.add(edge.to);
      stack.push(edge.to);
    }
  }
  return false;
}
