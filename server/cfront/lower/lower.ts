import type { Location } from '../lex/sourceMap.ts';
import type {
  BlockStatement,
  Expr,
  FunctionBody,
  FunctionSymbol,
  Initializer,
  Label,
  Local,
  LoopStatement,
  Statement,
  StatementsNode,
  SwitchStatement,
} from '../parse/ast.ts';
import { addressOf, assign, integerConstant, not } from '../parse/build.ts';
import type { Type } from '../types/type.ts';
import { INT, pointerTo } from '../types/type.ts';
import type { Block, Exit, LoweredFunction, Step, SwitchCase } from './lowered.ts';

/** A block under construction. */
interface OpenBlock {
  readonly index: number;
  readonly steps: Step[];
  exit: Exit | undefined;
}

/** The cleanups that are pending at a place, innermost first. */
interface Cleanups {
  readonly local: Local;
  readonly outer: Cleanups | undefined;
}

interface JumpTarget {
  readonly block: OpenBlock;
  readonly cleanups: Cleanups | undefined;
}

interface SwitchContext {
  readonly cases: SwitchCase[];
  otherwise: number | undefined;
}

interface PendingGoto {
  readonly from: OpenBlock;
  readonly label: Label;
  readonly cleanups: Cleanups | undefined;
  readonly at: Location;
}

/**
 * Turns a function body into blocks: statements become steps and jumps, scope ends become calls of
 * their cleanup functions, and statement expressions are pulled out of the expressions around them.
 */
export function lowerFunction(body: FunctionBody): LoweredFunction {
  const lowering = new Lowering(body.parameters);
  const blocks = lowering.run(body.body);
  const { locals } = lowering;
  const { function: symbol, parameters, variadic } = body;
  return { function: symbol, parameters, locals, blocks, variadic };
}

/** Lowers a single initialiser, as the body of a nameless function that fills one object. */
export function lowerInitializer(initializer: Initializer): {
  readonly locals: readonly Local[];
  readonly initializer: Initializer;
  readonly simple: boolean;
} {
  const lowering = new Lowering([]);
  const lowered = lowering.initializer(initializer);
  return { locals: lowering.locals, initializer: lowered, simple: lowering.isStraight };
}

class Lowering {
  readonly locals: Local[];
  private readonly blocks: OpenBlock[] = [];
  private readonly labels = new Map<Label, JumpTarget>();
  private readonly gotos: PendingGoto[] = [];
  private current: OpenBlock;
  private cleanups: Cleanups | undefined;
  private breakTo: JumpTarget | undefined;
  private continueTo: JumpTarget | undefined;
  private inSwitch: SwitchContext | undefined;

  constructor(parameters: readonly Local[]) {
    this.locals = [...parameters];
    this.current = this.open();
  }

  /** Whether everything so far went into the entry block as expressions only. */
  get isStraight(): boolean {
    return this.blocks.length === 1 && this.current.steps.length === 0;
  }

  run(body: BlockStatement): Block[] {
    this.block(body);
    this.current.exit ??= { op: 'return', value: undefined, at: body.at };
    this.resolveGotos();
    return this.blocks.map(({ steps, exit }) => ({
      steps,
      // Only code after a return or goto has no exit of its own; nothing reaches it.
      exit: exit ?? { op: 'return', value: undefined, at: body.at },
    }));
  }

  private open(): OpenBlock {
    const block: OpenBlock = { index: this.blocks.length, steps: [], exit: undefined };
    this.blocks.push(block);
    return block;
  }

  private step(step: Step): void {
    this.current.steps.push(step);
  }

  private end(exit: Exit): void {
    this.current.exit ??= exit;
  }

  private jump(to: OpenBlock): void {
    this.end({ op: 'jump', to: to.index });
  }

  /** Ends the current block with a jump to a new one, and goes on there. */
  private startBlock(): OpenBlock {
    const next = this.open();
    this.jump(next);
    this.current = next;
    return next;
  }

  private temporary(type: Type, at: Location): Expr & { op: 'local' } {
    const inMemory = type.kind === 'aggregate';
    const local: Local = { kind: 'local', name: '', type, inMemory, cleanup: undefined };
    this.locals.push(local);
    return { op: 'local', type, local, at };
  }

  // Statements.

  private block(block: BlockStatement): void {
    const outer = this.cleanups;
    for (const statement of block.body) this.statement(statement);
    this.runCleanups(outer, block.at);
    this.cleanups = outer;
  }

  private statement(statement: Statement): void {
    switch (statement.op) {
      case 'block':
        this.block(statement);
        break;
      case 'expression':
        this.evaluate(statement.value, statement.at);
        break;
      case 'declare':
        this.declare(statement.local, statement.initializer, statement.at);
        break;
      case 'if':
        this.ifStatement(statement);
        break;
      case 'loop':
        this.loop(statement);
        break;
      case 'switch':
        this.switchStatement(statement);
        break;
      case 'case':
      case 'default': {
        const to = this.startBlock().index;
        if (this.inSwitch === undefined) break;
        if (statement.op === 'default') this.inSwitch.otherwise = to;
        else this.inSwitch.cases.push({ low: statement.low, high: statement.high, to });
        break;
      }
      case 'label':
        this.labels.set(statement.label, { block: this.startBlock(), cleanups: this.cleanups });
        break;
      case 'goto': {
        const { label, at } = statement;
        this.gotos.push({ from: this.current, label, cleanups: this.cleanups, at });
        this.unreachable();
        break;
      }
      case 'break':
        this.leaveTo(this.breakTo, statement.at);
        break;
      case 'continue':
        this.leaveTo(this.continueTo, statement.at);
        break;
      case 'return':
        this.returnStatement(statement.value, statement.at);
        break;
      case 'asm':
        this.asm(statement);
        break;
    }
  }

  /** What follows a jump starts a block that nothing enters, unless a label makes it reachable. */
  private unreachable(): void {
    this.current = this.open();
  }

  private evaluate(value: Expr, at: Location): void {
    const lowered = this.expr(value);
    if (lowered.op === 'number' || lowered.op === 'local') return;
    this.step({ op: 'evaluate', value: lowered, at });
  }

  private declare(local: Local, initializer: Initializer | undefined, at: Location): void {
    this.locals.push(local);
    if (initializer === undefined) this.step({ op: 'forget', local, at });
    else this.step({ op: 'initialize', local, initializer: this.initializer(initializer), at });
    if (local.cleanup !== undefined) this.cleanups = { local, outer: this.cleanups };
  }

  private ifStatement(statement: Statement & { op: 'if' }): void {
    const condition = this.expr(statement.condition);
    const before = this.current;
    const then = this.open();
    this.current = then;
    this.statement(statement.then);
    const thenEnd = this.current;
    let otherwise: OpenBlock | undefined;
    let otherwiseEnd: OpenBlock | undefined;
    if (statement.otherwise !== undefined) {
      otherwise = this.open();
      this.current = otherwise;
      this.statement(statement.otherwise);
      otherwiseEnd = this.current;
    }
    const join = this.open();
    before.exit ??= {
      ...{ op: 'branch', condition, then: then.index, at: statement.at },
      otherwise: (otherwise ?? join).index,
    };
    for (const end of [thenEnd, otherwiseEnd]) {
      if (end !== undefined) end.exit ??= { op: 'jump', to: join.index };
    }
    this.current = join;
  }

  private loop(statement: LoopStatement): void {
    const outerCleanups = this.cleanups;
    for (const init of statement.init) this.statement(init);
    const exit = this.open();
    const next = this.open();
    const saved = [this.breakTo, this.continueTo] as const;
    this.breakTo = { block: exit, cleanups: this.cleanups };
    this.continueTo = { block: next, cleanups: this.cleanups };
    if (statement.testFirst) {
      const test = this.startBlock();
      const body = this.loopTest(statement, exit);
      if (body !== undefined) this.current = body;
      this.statement(statement.body);
      this.jump(next);
      this.current = next;
      if (statement.step !== undefined) this.evaluate(statement.step, statement.at);
      this.jump(test);
    } else {
      const body = this.startBlock();
      this.statement(statement.body);
      this.jump(next);
      this.current = next;
      const condition = this.expr(statement.condition!);
      const at = statement.at;
      this.end({ op: 'branch', condition, then: body.index, otherwise: exit.index, at });
    }
    [this.breakTo, this.continueTo] = saved;
    this.current = exit;
    this.runCleanups(outerCleanups, statement.at);
    this.cleanups = outerCleanups;
  }

  private loopTest(statement: LoopStatement, exit: OpenBlock): OpenBlock | undefined {
    if (statement.condition === undefined) return undefined;
    const condition = this.expr(statement.condition);
    const body = this.open();
    const at = statement.at;
    this.end({ op: 'branch', condition, then: body.index, otherwise: exit.index, at });
    return body;
  }

  private switchStatement(statement: SwitchStatement): void {
    const value = this.expr(statement.value);
    const head = this.current;
    const exit = this.open();
    const context: SwitchContext = { cases: [], otherwise: undefined };
    const saved = [this.breakTo, this.inSwitch] as const;
    this.breakTo = { block: exit, cleanups: this.cleanups };
    this.inSwitch = context;
    this.unreachable();
    this.statement(statement.body);
    this.jump(exit);
    [this.breakTo, this.inSwitch] = saved;
    head.exit ??= {
      ...{ op: 'switch', value, cases: context.cases, at: statement.at },
      otherwise: context.otherwise ?? exit.index,
    };
    this.current = exit;
  }

  private leaveTo(target: JumpTarget | undefined, at: Location): void {
    if (target !== undefined) {
      this.runCleanups(target.cleanups, at);
      this.jump(target.block);
    }
    this.unreachable();
  }

  private returnStatement(value: Expr | undefined, at: Location): void {
    let result = value === undefined ? undefined : this.expr(value);
    if (result !== undefined && result.type.kind === 'void') {
      this.step({ op: 'evaluate', value: result, at });
      result = undefined;
    }
    if (result !== undefined && this.cleanups !== undefined) {
      // The value is computed before the scopes end.
      const kept = this.temporary(result.type, at);
      this.step({ op: 'evaluate', value: assign(kept, result, at), at });
      result = kept;
    }
    this.runCleanups(undefined, at);
    this.end({ op: 'return', value: result, at });
    this.unreachable();
  }

  private asm(statement: Statement & { op: 'asm' }): void {
    const outputs = statement.outputs.map((o) => ({ ...o, value: this.expr(o.value) }));
    const inputs = statement.inputs.map((i) => ({ ...i, value: this.expr(i.value) }));
    this.step({ op: 'asm', statement: { ...statement, outputs, inputs }, at: statement.at });
  }

  /** Calls the cleanups from the current scope out to `until`, which stays pending. */
  private runCleanups(until: Cleanups | undefined, at: Location): void {
    let node = this.cleanups;
    for (; node !== undefined && node !== until; node = node.outer) {
      this.step({ op: 'evaluate', value: cleanupCall(node.local, at), at });
    }
  }

  private resolveGotos(): void {
    for (const { from, label, cleanups, at } of this.gotos) {
      const target = this.labels.get(label);
      if (target === undefined) {
        const value = {
          op: 'intrinsic',
          type: INT,
          name: `label ${label.name}`,
          args: [],
          at,
        } as const;
        from.steps.push({ op: 'evaluate', value, at });
        continue;
      }
      this.current = from;
      this.cleanups = cleanups;
      this.runCleanups(commonCleanups(cleanups, target.cleanups), at);
      from.exit = { op: 'jump', to: target.block.index };
    }
  }

  // Expressions.

  initializer(initializer: Initializer): Initializer {
    const parts = initializer.parts.map((part) => ({ ...part, value: this.expr(part.value) }));
    return { ...initializer, parts };
  }

  /** The expression without statements in it; they become steps of the current block. */
  private expr(expr: Expr): Expr {
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

/** The cleanups pending at both places: those of the scopes that a jump does not leave. */
function commonCleanups(
  from: Cleanups | undefined,
  to: Cleanups | undefined,
): Cleanups | undefined {
  const kept = new Set<Cleanups>();
  for (let node = to; node !== undefined; node = node.outer) kept.add(node);
  let node = from;
  while (node !== undefined && !kept.has(node)) node = node.outer;
  return node;
}
