import type { Expr } from '../../../cfront/parse/ast.ts';
import type { Exit, Step } from '../../../cfront/lower/lowered.ts';
import { lowerFunction } from '../../../cfront/lower/lower.ts';
import { ParseError } from '../../../cfront/parse/parseError.ts';
import type { Location } from '../../../cfront/lex/sourceMap.ts';
import type { Type } from '../../../cfront/types/type.ts';
import { sizeOf } from '../../../cfront/types/layout.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { Callable, Evaluate, Frame } from '../../machine/executor.ts';
import { ExpressionCompiler } from '../../machine/expressionCompiler.ts';
import { assignSlots } from '../../machine/functionCompiler.ts';
import type { StepObserver } from '../../machine/stepObserver.ts';
import { Stop } from '../../machine/stop.ts';
import type { Value } from '../../machine/values.ts';
import { isAddress } from '../../machine/values.ts';
import { isError, toldError } from '../../toldResult.ts';
import { lvalueText } from './lvalueText.ts';
import type { Side } from '../change/side.ts';

/** Executions of changed statements that a run tells of: what a loop does again is no news. */
const MOST_TOLD = 48;

/** What is known of the steps and exits of a function that changed. */
interface KnownFunction {
  readonly blocks: readonly { readonly steps: readonly Step[]; readonly exit: Exit }[];
  readonly targets: Map<Step, Target | undefined>;
  readonly expressions: ExpressionCompiler;
}

/** What a statement assigns to. */
interface Target {
  readonly text: string;
  readonly type: Type;
  /** What it holds; undefined where that is not known without asking for it. */
  readonly value: Evaluate;
}

/** Hears of a changed statement that was executed, in the frame that did. */
export type ToldStatement = (text: string) => void;

/**
 * Tells, of a run that is shown, when the changed statements of a file are executed, what they assign and how its
 * conditions come out. Looks only at what is there already, so that the run stays the one that it shows.
 */
export function changedSteps(
  { unit, file: changedFile }: Pick<Side, 'unit' | 'file'>,
  lines: ReadonlySet<number>,
  told: ToldStatement,
): StepObserver {
  const functions = new Map<Callable, KnownFunction | undefined>();
  const changed = new Map<Location, boolean>();
  let count = 0;
  const isChanged = (at: Location): boolean => {
    let known = changed.get(at);
    if (known === undefined) {
      const { file, line } = unit.place(at);
      known = file === changedFile && lines.has(line);
      changed.set(at, known);
    }
    return known;
  };
  const functionOf = (callable: Callable): KnownFunction | undefined => {
    if (!functions.has(callable)) functions.set(callable, knownFunction(callable));
    return functions.get(callable);
  };
  const tell = (text: string): void => {
    if (count++ < MOST_TOLD) told(text);
  };
  return {
    step: (frame, block, index, run) => {
      const { callable } = frame;
      if (callable.unit !== unit || !isChanged(frame.at) || count >= MOST_TOLD) {
        run();
        return;
      }
      const known = functionOf(callable);
      const step = known?.blocks[block]?.steps[index];
      if (step !== undefined && isMade(step)) {
        run();
        return;
      }
      const target = known === undefined || step === undefined ? undefined : targetOf(known, step);
      const old = target === undefined ? undefined : look(target, frame);
      run();
      if (target === undefined) tell('runs');
      else tell(assignedText(unit, target, old, look(target, frame)));
    },
    left: (frame, block, next) => {
      const { callable } = frame;
      if (callable.unit !== unit || !isChanged(frame.at)) return;
      const exit = functionOf(callable)?.blocks[block]?.exit;
      if (exit?.op === 'branch') tell(`the condition is ${next === exit.then ? 'true' : 'false'}`);
    },
  };
}

/** Whether a step only keeps something on the way, in a variable that nobody wrote. */
function isMade(step: Step): boolean {
  if (step.op === 'initialize' || step.op === 'forget') return step.local.name === '';
  if (step.op !== 'evaluate') return false;
  const expr = withoutConversion(step.value);
  return expr.op === 'assign' && expr.target.op === 'local' && expr.target.local.name === '';
}

function knownFunction({ unit, symbol }: Callable): KnownFunction | undefined {
  const body = symbol === undefined ? undefined : unit.bodyOf(symbol);
  if (body === undefined || body instanceof ParseError) return undefined;
  const { blocks, locals } = lowerFunction(body);
  const expressions = new ExpressionCompiler(assignSlots(locals).slots);
  return { blocks, targets: new Map(), expressions };
}

function targetOf({ targets, expressions }: KnownFunction, step: Step): Target | undefined {
  if (!targets.has(step)) targets.set(step, targetIn(expressions, step));
  return targets.get(step);
}

function targetIn(expressions: ExpressionCompiler, step: Step): Target | undefined {
  if (step.op === 'initialize' && step.local.type.kind !== 'aggregate') {
    const { local, at } = step;
    const { name: text, type } = local;
    return { text, type, value: expressions.move({ op: 'local', local, type, at }) };
  }
  if (step.op !== 'evaluate') return undefined;
  const expr = withoutConversion(step.value);
  if (expr.op !== 'assign' && expr.op !== 'update') return undefined;
  const { target } = expr;
  const { type } = target;
  const text = lvalueText(target);
  if (text === undefined || (type.kind !== 'integer' && type.kind !== 'pointer')) return undefined;
  const load = expressions.move(target);
  if (target.op === 'local') return { text, type, value: load };
  const address = expressions.address(target);
  const size = sizeOf(type);
  return {
    ...{ text, type },
    value: (frame) => (frame.memory.isPlain(Number(address(frame)), size) ? load(frame) : undefined), // prettier-ignore
  };
}

function withoutConversion(expr: Expr): Expr {
  return expr.op === 'convert' ? withoutConversion(expr.value) : expr;
}

/** What a target holds; undefined where looking would end the run. */
function look({ value }: Target, frame: Frame): Value {
  try {
    return value(frame);
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

function assignedText(unit: Unit, { text, type }: Target, old: Value, now: Value): string {
  const to = toldValue(unit, type, now);
  if (old === undefined) return `${text} = ${to}`;
  const from = toldValue(unit, type, old);
  return from === to ? `${text} stays ${to}` : `${text}: ${from} -> ${to}`;
}

/** Below this, numbers are as good in decimal. */
const HEXADECIMAL_FROM = 10;

/** A value as one reads it in a debugger; addresses are invented, and only NULL says something. */
function toldValue(unit: Unit, type: Type, value: Value): string {
  if (value === undefined) return 'what is not known';
  if (type.kind === 'pointer') {
    if (value === 0) return 'NULL';
    return typeof value === 'number' && isError(value) ? `ERR_PTR(${toldError(unit, value)})` : 'an object'; // prettier-ignore
  }
  if (typeof value === 'number' && isError(value)) return toldError(unit, value);
  if (isAddress(value)) return 'an address';
  return value >= HEXADECIMAL_FROM ? `0x${value.toString(16)}` : String(value);
}
