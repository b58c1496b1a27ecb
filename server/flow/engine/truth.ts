import type { Expr } from '../../program/ir.ts';
import { require } from '../facts/conditions.ts';
import { shortText } from '../record/places.ts';
import { opName } from '../terms/build.ts';
import type { Term } from '../terms/term.ts';
import { choose, demand, remember } from './cursor.ts';
import type { Cursor } from './run.ts';

/**
 * The value that a variable is set to. `ok = a || b` is decided here, with a path for each way to get there: what the
 * path knows of a and b could not be had from the variable later.
 */
export function evaluateDecided(cursor: Cursor, expr: Expr): Term {
  const { run } = cursor;
  const value = run.evaluator.evaluate(cursor, expr);
  if (cursor.dead || !isJunction(expr) || run.table.constant(value) !== undefined) return value;
  const before = cursor.state.known;
  const outcome = choose(cursor, 2);
  if (outcome === undefined) return value;
  const holds = outcome === 0;
  decide(cursor, value, holds);
  if (isPossible(cursor, before, value, !holds)) {
    const { start, end } = expr;
    const message = `${shortText(run, expr)} is ${String(holds)} here`;
    remember(cursor, { kind: 'branch', start, end, message, site: -1 });
  }
  return run.table.num(holds ? 1 : 0);
}

/** `a || b`, `!(a && b)`. */
function isJunction(expr: Expr): boolean {
  if (expr.kind === 'cast' || (expr.kind === 'unary' && expr.op === '!'))
    return isJunction(expr.operand);
  return expr.kind === 'binary' && (expr.op === '||' || expr.op === '&&');
}

function isPossible(
  { run }: Cursor,
  known: Parameters<typeof require>[1],
  value: Term,
  holds: boolean,
): boolean {
  return require(run.table, known, value, holds ? 'nonzero' : 'zero') !== undefined;
}

/** Adds that a term is true, or that it is not; of several ways to that, each has its own path. */
function decide(cursor: Cursor, term: Term, holds: boolean): void {
  const { table } = cursor.run;
  const name = opName(table, term);
  if (name === 'eq0') {
    decide(cursor, table.part(term, 1), !holds);
    return;
  }
  const isSplit = (name === '||' && holds) || (name === '&&' && !holds);
  const way = isSplit ? choose(cursor, 2) : undefined;
  if (way === undefined) {
    demand(cursor, term, holds ? 'nonzero' : 'zero');
    return;
  }
  if (way === 1) decide(cursor, table.part(term, 1), !holds);
  if (!cursor.dead) decide(cursor, table.part(term, way + 1), holds);
}
