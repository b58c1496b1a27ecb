import type { CfgNode, Expr, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import type { FlowCache } from './cache.ts';
import { cursorAt } from './engine/cursor.ts';
import { describe } from './engine/describe.ts';
import { evaluate } from './engine/evaluate.ts';
import type { Value } from './facts.ts';
import { observeFunction, openSession } from './session.ts';

/** Which value of which function is asked for. */
export interface ValueQuestion {
  readonly fn: UnitFunction;
  readonly ir: FunctionIr;
  readonly node: CfgNode;
  /** A variable or member: something that is read without an effect. */
  readonly expr: Expr;
  /** Before the node, or, for what it assigns, after it. */
  readonly when: 'before' | 'after';
}

/** Values that are kept apart; with more, no list would be read. */
const mostValues = 8;

/**
 * The values that an expression has on the paths that reach a node, without repetition.
 * Paths that the engine cut short are not among them.
 */
export function valuesAt(unit: Unit, cache: FlowCache, question: ValueQuestion): readonly Value[] {
  const { fn, ir, node, expr, when } = question;
  const found = new Map<string, Value>();
  observeFunction(openSession(unit, cache), fn, ir, (run) => (at, here, state) => {
    if (at !== when || here.id !== node.id || found.size >= mostValues) return;
    const cursor = cursorAt(run, state, node.loop, []);
    const term = evaluate(cursor, expr);
    if (cursor.dead) return;
    const value = describe(run, cursor.state, term, expr, expr);
    const key = `${value.canonical} ${value.range.join()} ${value.provenance}`;
    if (!found.has(key)) found.set(key, value);
  });
  return [...found.values()];
}
