import type { Location } from '../lex/sourceMap.ts';
import type {
  BlockStatement,
  Expr,
  FunctionBody,
  Initializer,
  Label,
  Local,
  LoopStatement,
  Statement,
  SwitchStatement,
} from '../parse/ast.ts';
import { assign } from '../parse/build.ts';
import { INT } from '../types/type.ts';
import type { Cleanups, OpenBlock } from './expressionLowering.ts';
import { ExpressionLowering } from './expressionLowering.ts';
import type { Block, LoweredFunction, SwitchCase } from './lowered.ts';

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

class Lowering extends ExpressionLowering {
  private readonly labels = new Map<Label, JumpTarget>();
  private readonly gotos: PendingGoto[] = [];
  private breakTo: JumpTarget | undefined;
  private continueTo: JumpTarget | undefined;
  private inSwitch: SwitchContext | undefined;

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

  private block(block: BlockStatement): void {
    const outer = this.cleanups;
    for (const statement of block.body) this.statement(statement);
    this.runCleanups(outer, block.at);
    this.cleanups = outer;
  }

  protected statement(statement: Statement): void {
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
      case 'not-parsed':
        this.step(statement);
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
