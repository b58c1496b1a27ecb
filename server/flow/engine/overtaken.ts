import type { Expr, FunctionIr } from '../../program/ir.ts';
import { childExpressions, nodeExpressions } from '../../program/walk.ts';
import { get } from '../state/intMap.ts';
import { isOwnStorage, mentions } from '../terms/roots.ts';
import type { Term } from '../terms/term.ts';
import { markKept } from './release.ts';
import type { Cursor } from './run.ts';
import { turnOf } from './turns.ts';

/**
 * An element of a ring takes a handle where another turn's handle of the same kind still lies: the index came round, so this
 * path has fewer elements than it uses. That there is room is what the owner of the ring sees to before, and no path of this
 * function; what was there is followed no more.
 */
export function noteOvertaken(
  cursor: Cursor,
  location: Term,
  value: Term,
  place: readonly Expr[],
): void {
  const { run, state } = cursor;
  const { table } = run;
  if (cursor.dead || state.resources.length < 2 || isOwnStorage(table, location)) return;
  const before = get(state.env, location);
  if (before === undefined || before === value) return;
  const taking = state.resources.find(({ handle }) => mentions(table, value, handle));
  if (taking === undefined) return;
  const gone = state.resources.filter(
    (held) =>
      held.site.contract.family === taking.site.contract.family &&
      held.turn !== turnOf(state) &&
      mentions(table, before, held.handle) &&
      !mentions(table, value, held.handle),
  );
  if (gone.length === 0 || !place.some((expr) => isElement(run.ir, expr))) return;
  for (const held of gone) markKept(run, held);
  state.resources = state.resources.filter((held) => !gone.includes(held));
}

/** A place that an index decides about, spelled here or when the pointer to it was set. */
function isElement(ir: FunctionIr, expr: Expr): boolean {
  switch (expr.kind) {
    case 'index':
      return expr.index.kind !== 'int' || isElement(ir, expr.base);
    case 'field':
      return isElement(ir, expr.base);
    case 'deref':
    case 'addressOf':
    case 'cast':
      return isElement(ir, expr.operand);
    case 'ident':
      return expr.binding.kind === 'variable' && elementPointers(ir).has(expr.binding.variable);
    default:
      return false;
  }
}

const known = new WeakMap<FunctionIr, ReadonlySet<number>>();

/** The variables that somewhere in the function point to `&array[index]`. */
function elementPointers(ir: FunctionIr): ReadonlySet<number> {
  const pointers = known.get(ir);
  if (pointers !== undefined) return pointers;
  const found = new Set<number>();
  // Reading `x = x->next` must not ask about x again.
  known.set(ir, found);
  const note = (variable: number, value: Expr): void => {
    if (isElement(ir, value)) found.add(variable);
  };
  const visit = (expr: Expr): void => {
    if (expr.kind === 'assign' && expr.target.kind === 'ident') {
      const { binding } = expr.target;
      if (binding.kind === 'variable') note(binding.variable, expr.value);
    }
    childExpressions(expr).forEach(visit);
  };
  for (const node of ir.cfg.nodes) {
    if (node.kind === 'declare' && node.init !== undefined && node.init.kind !== 'initList')
      note(node.variable, node.init);
    nodeExpressions(node).forEach(visit);
  }
  return found;
}
