import type { Location } from '../lex/sourceMap.ts';
import type {
  Expr,
  FunctionSymbol,
  Initializer,
  Local,
  Statement,
  StatementsNode,
} from '../parse/ast.ts';
import { addressOf, assign, integerConstant, not } from '../parse/build.ts';
import type { Type } from '../types/type.ts';
import { INT, pointerTo } from '../types/type.ts';
import type { Exit, Step } from './lowered.ts';

/** A block under construction. */
export interface OpenBlock {
  readonly index: number;
  readonly steps: Step[];
  exit: Exit | undefined;
}

/** The cleanups that are pending at a place, innermost first. */
export interface Cleanups {
  readonly local: Local;
  readonly outer: Cleanups | undefined;
}

/**
 * Makes blocks, and pulls statements out of expressions: what an expression needs to have done before
 * becomes steps, and branches of it that need steps become blocks.
 */
export abstract class ExpressionLowering {
  readonly locals: Local[];
  protected readonly blocks: OpenBlock[] = [];
  protected current: OpenBlock;
  protected cleanups: Cleanups | undefined;

  constructor(parameters: readonly Local[]) {
    this.locals = [...parameters];
    this.current = this.open();
  }

  /** Lowers one statement into the current block. */
  protected abstract statement(statement: Statement): void;

  /** Whether everything so far went into the entry block as expressions only. */
  get isStraight(): boolean {
    return this.blocks.length === 1 && this.current.steps.length === 0;
  }

  protected open(): OpenBlock {
    const block: OpenBlock = { index: this.blocks.length, steps: [], exit: undefined };
    this.blocks.push(block);
    return block;
  }

  protected step(step: Step): void {
    this.current.steps.push(step);
  }

  protected end(exit: Exit): void {
    this.current.exit ??= exit;
  }

  protected jump(to: OpenBlock): void {
    this.end({ op: 'jump', to: to.index });
  }

  /** Ends the current block with a jump to a new one, and goes on there. */
  protected startBlock(): OpenBlock {
    const next = this.open();
    this.jump(next);
    this.current = next;
    return next;
  }

  protected temporary(type: Type, at: Location): Expr & { op: 'local' } {
    const inMemory = type.kind === 'aggregate';
    const local: Local = { kind: 'local', name: '', type, inMemory, cleanup: undefined };
    this.locals.push(local);
    return { op: 'local', type, local, at };
  }

  /** Calls the cleanups from the current scope out to `until`, which stays pending. */
  protected runCleanups(until: Cleanups | undefined, at: Location): void {
    let node = this.cleanups;
    for (; node !== undefined && node !== until; node = node.outer) {
      this.step({ op: 'evaluate', value: cleanupCall(node.local, at), at });
    }
  }

  initializer(initializer: Initializer): Initializer {
    const parts = initializer.parts.map((part) => ({ ...part, value: this.expr(part.value) }));
    return { ...initializer, parts };
  }

  /** The expression without statements in it; they become steps of the current block. */
  protected expr(expr: Expr): Expr {
    switch (expr.op) {
      case 'number':
      case 'string':
      case 'local':
      case 'object':
      case 'function':
        return expr;
      case 'deref':
        return { ...expr, pointer: this.expr(expr.pointer) };
      case 'member':
        return { ...expr, base: this.expr(expr.base) };
      case 'address':
        return { ...expr, lvalue: this.expr(expr.lvalue) };
      case 'convert':
      case 'unary':
        return { ...expr, value: this.expr(expr.value) };
      case 'binary':
      case 'compare':
      case 'pointerDiff':
        return { ...expr, left: this.expr(expr.left), right: this.expr(expr.right) };
      case 'pointerAdd':
        return { ...expr, pointer: this.expr(expr.pointer), index: this.expr(expr.index) };
      case 'assign':
      case 'update':
        return { ...expr, target: this.expr(expr.target), value: this.expr(expr.value) };
      case 'call':
        return {
          ...expr,
          callee: this.expr(expr.callee),
          args: expr.args.map((a) => this.expr(a)),
        };
      case 'intrinsic':
        return { ...expr, args: expr.args.map((arg) => this.expr(arg)) };
      case 'vaArg':
        return { ...expr, list: this.expr(expr.list) };
      case 'compound':
        this.locals.push(expr.local);
        return { ...expr, initializer: this.initializer(expr.initializer) };
      case 'comma':
        return this.comma(expr);
      case 'logical':
        return this.logical(expr);
      case 'select':
        return this.select(expr);
      case 'statements':
        return this.statements(expr);
    }
  }

  /**
   * Lowers an expression that may not be evaluated at all. When it needs steps of its own they are in
   * blocks that start at `entry` and end in the current block; otherwise nothing was emitted.
   */
  private conditionally(expr: Expr): { value: Expr; entry: OpenBlock | undefined } {
    const before = this.current;
    const entry = this.open();
    this.current = entry;
    const value = this.expr(expr);
    if (this.current !== entry || entry.steps.length > 0) return { value, entry };
    this.blocks.pop();
    this.current = before;
    return { value, entry: undefined };
  }

  private comma(expr: Expr & { op: 'comma' }): Expr {
    const left = this.expr(expr.left);
    const before = this.current;
    const { value, entry } = this.conditionally(expr.right);
    if (entry === undefined) return { ...expr, left, right: value };
    before.steps.push({ op: 'evaluate', value: left, at: expr.at });
    before.exit ??= { op: 'jump', to: entry.index };
    return value;
  }

  private logical(expr: Expr & { op: 'logical' }): Expr {
    const { at } = expr;
    const left = this.expr(expr.left);
    const before = this.current;
    const { value, entry } = this.conditionally(expr.right);
    if (entry === undefined) return { ...expr, left, right: value };
    const result = this.temporary(INT, at);
    const truth = (operand: Expr): Expr => assign(result, not(not(operand, at), at), at);
    this.step({ op: 'evaluate', value: truth(value), at });
    const join = this.startBlock();
    before.steps.push({ op: 'evaluate', value: truth(left), at });
    const [then, otherwise] = expr.operator === '&&' ? [entry, join] : [join, entry];
    before.exit ??= {
      ...{ op: 'branch', condition: result, then: then.index, otherwise: otherwise.index, at },
    };
    return result;
  }

  private select(expr: Expr & { op: 'select' }): Expr {
    const { at, type } = expr;
    let condition = this.expr(expr.condition);
    const before = this.current;
    const thenSide = expr.then === undefined ? undefined : this.conditionally(expr.then);
    const thenEnd = this.current;
    this.current = before;
    const otherSide = this.conditionally(expr.otherwise);
    const otherEnd = this.current;
    this.current = before;
    if (thenSide?.entry === undefined && otherSide.entry === undefined) {
      return { ...expr, condition, then: thenSide?.value, otherwise: otherSide.value };
    }
    if (thenSide === undefined) {
      const kept = this.temporary(condition.type, at);
      this.step({ op: 'evaluate', value: assign(kept, condition, at), at });
      condition = kept;
    }
    const isVoid = type.kind === 'void';
    const result = isVoid ? undefined : this.temporary(type, at);
    const sides = [
      { entry: thenSide?.entry, end: thenEnd, value: thenSide?.value ?? condition },
      { entry: otherSide.entry, end: otherEnd, value: otherSide.value },
    ].map(({ entry, end, value }) => {
      const first = entry ?? this.open();
      const last = entry === undefined ? first : end;
      const step = result === undefined ? value : assign(result, value, at);
      last.steps.push({ op: 'evaluate', value: step, at });
      return { first, last };
    });
    const join = this.open();
    for (const { last } of sides) last.exit ??= { op: 'jump', to: join.index };
    const [then, otherwise] = sides.map(({ first }) => first.index) as [number, number];
    before.exit ??= { op: 'branch', condition, then, otherwise, at };
    this.current = join;
    return result ?? { op: 'convert', type, value: integerConstant(0n, INT, at), at };
  }

  private statements(expr: StatementsNode): Expr {
    const { at } = expr;
    const outer = this.cleanups;
    for (const statement of expr.body.body) this.statement(statement);
    let result: Expr = { op: 'convert', type: expr.type, value: integerConstant(0n, INT, at), at };
    if (expr.value !== undefined) {
      const value = this.expr(expr.value);
      if (value.type.kind === 'void') this.step({ op: 'evaluate', value, at });
      else if (value.op === 'number' || (value.op === 'local' && !value.local.inMemory))
        result = value;
      else {
        const kept = this.temporary(value.type, at);
        this.step({ op: 'evaluate', value: assign(kept, value, at), at });
        result = kept;
      }
    }
    this.runCleanups(outer, at);
    this.cleanups = outer;
    return result;
  }
}

function cleanupCall(local: Local, at: Location): Expr {
  const cleanup: FunctionSymbol = local.cleanup!;
  const variable: Expr = { op: 'local', type: local.type, local, at };
  const argument = addressOf(variable, pointerTo(local.type));
  const callee: Expr = { op: 'function', type: cleanup.type, function: cleanup, at };
  return { op: 'call', type: cleanup.type.result, callee, args: [argument], at };
}
