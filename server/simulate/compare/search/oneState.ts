import type { Expr } from '../../../cfront/parse/ast.ts';
import type { Exit, Step } from '../../../cfront/lower/lowered.ts';
import { lowerFunction } from '../../../cfront/lower/lower.ts';
import { ParseError } from '../../../cfront/parse/parseError.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { ChangedStatements } from '../change/changedFunctions.ts';
import { functionsOf } from '../change/changedFunctions.ts';
import type { Side } from '../change/side.ts';
import type { SimulatedFunction } from '../result/simulation.ts';

/** Both sides of a file with the statements that a change touches in the function of a result. */
export interface ChangedWays {
  readonly before: Pick<Side, 'unit' | 'file'>;
  readonly after: Pick<Side, 'unit' | 'file'>;
  readonly statements: ChangedStatements;
}

/**
 * A driver that runs as a whole is in one state, on one processor: a changed condition has ways that it does not take
 * there, of which equal runs say nothing.
 */
export function inOneState(
  result: SimulatedFunction,
  { before, after, statements }: ChangedWays,
): SimulatedFunction {
  if (result.verdict !== 'unchanged') return result;
  const names = [...statements.functions];
  const decides = names.some((name) => {
    const old = waysOf(before, name, statements.before);
    const made = waysOf(after, name, statements.after);
    return old.decides || made.decides || old.shape !== made.shape;
  });
  if (!decides) return result;
  const reason = `no difference, but ${result.situation} takes one way where a changed condition has more`;
  return { ...result, verdict: 'unknown', reason };
}

/** Where a function goes, and whether a changed statement has a say in it. */
interface Ways {
  /** Which block leads to which. */
  readonly shape: string;
  readonly decides: boolean;
}

function waysOf(
  { unit, file }: ChangedWays['before'],
  name: string,
  lines: ReadonlySet<number>,
): Ways {
  const symbol = functionsOf(unit, file).get(name);
  const body = symbol?.body === undefined ? undefined : unit.bodyOf(symbol);
  if (body === undefined || body instanceof ParseError) return { shape: '', decides: false };
  const { blocks } = lowerFunction(body);
  const isChanged = ({ at }: { readonly at: number }): boolean => isIn(unit, file, lines, at);
  return {
    shape: blocks.map(({ exit }) => targetsOf(exit)).join('; '),
    decides: blocks.some(
      ({ steps, exit }) =>
        ((exit.op === 'branch' || exit.op === 'switch') && isChanged(exit)) ||
        (exit.op === 'return' &&
          exit.value !== undefined &&
          isChanged(exit) &&
          hasWays(exit.value)) || // prettier-ignore
        steps.some((step) => isChanged(step) && hasWaysInStep(step)),
    ),
  };
}

function isIn(unit: Unit, file: string, lines: ReadonlySet<number>, at: number): boolean {
  const place = unit.place(at);
  return place.file === file && lines.has(place.line);
}

function targetsOf(exit: Exit): string {
  switch (exit.op) {
    case 'jump':
      return String(exit.to);
    case 'branch':
      return `${exit.then} ${exit.otherwise}`;
    case 'switch':
      return [...exit.cases.map(({ low, high, to }) => `${low}-${high} ${to}`), exit.otherwise].join(' '); // prettier-ignore
    case 'return':
      return 'return';
  }
}

function hasWaysInStep(step: Step): boolean {
  if (step.op === 'evaluate') return hasWays(step.value);
  return step.op === 'initialize' && step.initializer.parts.some(({ value }) => hasWays(value));
}

/** Whether an expression evaluates some of its parts only under a condition. */
function hasWays(expr: Expr): boolean {
  switch (expr.op) {
    case 'logical':
    case 'select':
    case 'statements':
      return true;
    case 'deref':
      return hasWays(expr.pointer);
    case 'member':
      return hasWays(expr.base);
    case 'address':
      return hasWays(expr.lvalue);
    case 'convert':
    case 'unary':
      return hasWays(expr.value);
    case 'binary':
    case 'compare':
    case 'comma':
    case 'pointerDiff':
      return hasWays(expr.left) || hasWays(expr.right);
    case 'pointerAdd':
      return hasWays(expr.pointer) || hasWays(expr.index);
    case 'assign':
    case 'update':
      return hasWays(expr.target) || hasWays(expr.value);
    case 'call':
      return expr.args.some(hasWays);
    case 'intrinsic':
      return expr.args.some(hasWays);
    case 'compound':
      return expr.initializer.parts.some(({ value }) => hasWays(value));
    case 'number':
    case 'string':
    case 'local':
    case 'object':
    case 'function':
    case 'vaArg':
      return false;
  }
}
