import type { Cfg, CfgNode, Expr, FunctionIr } from '../../program/ir.ts';
import { childExpressions, nodeExpressions, visitExpressions } from '../../program/walk.ts';
import type { Run } from '../engine/run.ts';
import type { Resource, State } from '../state/state.ts';
import type { Parting } from '../state/trace.ts';
import { linearForm, opName } from '../terms/build.ts';
import { kinds, type Term, type TermTable } from '../terms/term.ts';

/** Nodes of a conditional stretch that are looked at. */
const longest = 60;

/**
 * True when the path came by a release of this resource, and a condition of which nothing was known let it pass:
 * `if (table.nents) unmap(&table);`, `for (i = 0; i < obj->count; i++) unmap(obj->dma[i]);`.
 * The code asks there whether something is held, and this path cannot answer for it.
 * Where what is passed by also decides what the function returns, the question is another one: `if (len > MAX) goto out;` past
 * the unmap and `ret = 0` leaves work undone, and what was mapped for it.
 */
export function passedRelease(run: Run, state: State, resource: Resource): boolean {
  const releases = run.recorder.releasesOf(resource.site.id);
  if (releases.length === 0) return false;
  const returned = returnedVariable(run, state);
  for (let at = state.trace; at !== undefined; at = at.parent) {
    if (at.kind === 'acquire' && at.site === resource.site.id && at.turn === resource.turn) break;
    const { parting } = at;
    if (parting === undefined) continue;
    // What tells success from failure says nothing about what is held: `if (ret) goto out;` is no such question.
    if (asksResult(run, parting)) continue;
    const stretch = conditionalStretch(run.ir.cfg, parting);
    const isInside = (node: CfgNode): boolean =>
      releases.some(({ span }) => node.start <= span.start && span.end <= node.end);
    if (!stretch.some(isInside)) continue;
    if (returned === undefined || !stretch.some((node) => assigns(node, returned))) return true;
  }
  return false;
}

/** The variable in the return statement that the path took. */
function returnedVariable({ ir }: Run, { returnAt }: State): number | undefined {
  const node = ir.cfg.nodes.find(
    ({ kind, start }) => kind === 'return' && start === returnAt?.start,
  );
  let value = node?.kind === 'return' ? node.value : undefined;
  while (value?.kind === 'cast') value = value.operand;
  return value?.kind === 'ident' && value.binding.kind === 'variable'
    ? value.binding.variable
    : undefined;
}

/** Whether a node of the graph gives a variable another value. */
function assigns(node: CfgNode, variable: number): boolean {
  const inside = (expr: Expr): boolean =>
    (expr.kind === 'assign' &&
      expr.target.kind === 'ident' &&
      expr.target.binding.kind === 'variable' &&
      expr.target.binding.variable === variable) ||
    childExpressions(expr).some(inside);
  return nodeExpressions(node).some(inside);
}

/** True for the result of a call itself; not for a member that a call may have changed, nor for what joined paths left open. */
function asksResult({ table, base, ir }: Run, { condition }: Parting): boolean {
  const { form } = linearForm(table, unfold(table, condition));
  if (form === undefined) return false;
  const atoms =
    table.kind(form) === kinds.lin
      ? Array.from({ length: (table.arity(form) - 1) / 2 }, (_, i) => table.part(form, 2 * i + 1))
      : [form];
  const calls = callNumbers(ir);
  return atoms.some(
    (atom) => table.kind(atom) === kinds.fresh && calls.has(table.part(atom, 0) - base),
  );
}

const numbers = new WeakMap<FunctionIr, ReadonlySet<number>>();

/** The numbers of the calls of a function: what an unknown value is called by that a call returned. */
function callNumbers(ir: FunctionIr): ReadonlySet<number> {
  let known = numbers.get(ir);
  if (known === undefined) {
    const found = new Set<number>();
    visitExpressions(ir, (expr) => {
      if (expr.kind === 'call') found.add(expr.id);
    });
    known = found;
    numbers.set(ir, known);
  }
  return known;
}

/** The difference that a comparison is about. */
export function unfold(table: TermTable, condition: Term): Term {
  const name = opName(table, condition);
  return name === 'eq0' || name === 'lt0' ? unfold(table, table.part(condition, 1)) : condition;
}

/** The nodes between a condition and the point where the path that skipped them goes on; empty where the ways do not meet there. */
function conditionalStretch(cfg: Cfg, { node, taken }: Parting): CfgNode[] {
  const stretch: CfgNode[] = [];
  const seen = new Set<number>([taken, node]);
  const queue = cfg.nodes[node]!.edges.flatMap(({ to }) => (to === taken ? [] : [to]));
  let meets = false;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (seen.has(at)) {
      meets = true;
      continue;
    }
    seen.add(at);
    const next = cfg.nodes[at]!;
    if (stretch.push(next) > longest || next.edges.length === 0) return [];
    if (next.kind === 'return') return [];
    queue.push(...next.edges.map(({ to }) => to));
  }
  return meets ? stretch : [];
}
