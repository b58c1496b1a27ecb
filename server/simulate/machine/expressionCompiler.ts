import type {
  CallNode,
  Expr,
  InitializerPart,
  IntrinsicNode,
  Local,
  UpdateNode,
} from '../../cfront/parse/ast.ts';
import type { IntegerType } from '../../cfront/types/type.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import { bitLoader, bitStorer, floatingPoint, loaderFor, storerFor } from './access.ts';
import type { LoadAt, StoreAt } from './access.ts';
import {
  arithmeticOperation,
  comparisonTest,
  conversion,
  reread,
  indexNumber,
  pointerPlus,
  unaryOperation,
} from './arithmetic.ts';
import type { CodeLinks, Evaluate, Frame, Locate } from './executor.ts';
import type { Strictness } from './memory.ts';
import { formOf } from './resultForm.ts';
import { typedBy } from './retyping.ts';
import { Stop } from './stop.ts';
import type { Pointer, Value } from './values.ts';

/** Where a variable of a frame is: a register, or an offset from the frame's base. */
export type Slot =
  { readonly register: number } | { readonly register: undefined; readonly offset: number };

/** Compiles typed expressions of one function to closures, which ask the frame for everything that a machine has. */
export class ExpressionCompiler {
  private readonly slots: ReadonlyMap<Local, Slot>;
  private callees = 0;
  private addresses = 0;

  constructor(slots: ReadonlyMap<Local, Slot>) {
    this.slots = slots;
  }

  /** What the code compiled so far refers to by number. */
  get links(): CodeLinks {
    const { callees, addresses } = this;
    return { callees, addresses };
  }

  /** A value that is used: what was never written ends the path here. */
  value(expr: Expr): Evaluate {
    return this.evaluate(expr, 'strict');
  }

  /** A value that is only passed on: unwritten stays `undefined`. */
  move(expr: Expr): Evaluate {
    return this.evaluate(expr, 'move');
  }

  /** An expression evaluated for what it does; its value is not looked at. */
  effect(expr: Expr): Evaluate {
    if (expr.op === 'convert') return this.effect(expr.value);
    if (expr.op === 'call') return this.call(expr, true);
    return this.move(expr);
  }

  /** An expression as a condition. */
  condition(expr: Expr): (frame: Frame) => boolean {
    switch (expr.op) {
      case 'compare': {
        const left = this.value(expr.left);
        return comparisonTest(expr.operator, expr.left.type, left, this.value(expr.right));
      }
      case 'logical': {
        // Where the right side decides alone, what the left one said leaves no other trace.
        const left = this.noted(this.condition(expr.left));
        const right = this.condition(expr.right);
        return expr.operator === '&&' ? (f) => left(f) && right(f) : (f) => left(f) || right(f);
      }
      case 'unary':
        if (expr.operator === '!') {
          const inner = this.condition(expr.value);
          return (f) => !inner(f);
        }
        break;
      case 'convert':
        // Widening does not change whether a value is zero.
        if (keepsTruth(expr)) return this.condition(expr.value);
        break;
      default:
        break;
    }
    const value = this.value(expr);
    return (f) => Boolean(value(f));
  }

  /** A test that no block of its own comes after: what it says is noted as a part of the way. */
  private noted(test: (frame: Frame) => boolean): (frame: Frame) => boolean {
    return (f) => {
      const outcome = test(f);
      f.machine.decided(outcome ? 1 : 0);
      return outcome;
    };
  }

  private evaluate(expr: Expr, mode: Strictness): Evaluate {
    if (expr.type.kind === 'floating') return floatingPoint;
    switch (expr.op) {
      case 'number': {
        const { value } = expr;
        return () => value;
      }
      case 'local': {
        const slot = this.slots.get(expr.local)!;
        if (slot.register !== undefined) return registerReader(slot.register, expr.local, mode);
        const load = loaderFor(expr.type, mode);
        const { offset } = slot;
        return (f) => load(f.memory, f.base + offset);
      }
      case 'object':
      case 'deref':
      case 'string':
      case 'compound': {
        const locate = this.address(expr);
        const load = loaderFor(expr.type, mode);
        return (f) => load(f.memory, locate(f));
      }
      case 'function':
        return this.address(expr);
      case 'member': {
        const locate = this.memberAddress(expr);
        const { bits } = expr.member;
        const load: LoadAt =
          bits === undefined ? loaderFor(expr.type, mode) : bitLoader(expr.member.type, bits);
        return (f) => load(f.memory, locate(f));
      }
      case 'address':
        return this.address(expr.lvalue);
      case 'convert':
        return this.convert(expr, mode);
      case 'unary': {
        if (expr.operator === '!') {
          const inner = this.noted(this.condition(expr.value));
          return (f) => (inner(f) ? 0 : 1);
        }
        return unaryOperation(expr.operator, expr.type as IntegerType, this.value(expr.value));
      }
      case 'binary': {
        const left = this.value(expr.left);
        const right = this.value(expr.right);
        return arithmeticOperation(expr.operator, expr.type as IntegerType, left, right);
      }
      case 'compare': {
        const left = this.value(expr.left);
        const right = this.value(expr.right);
        const test = this.noted(comparisonTest(expr.operator, expr.left.type, left, right));
        return (f) => (test(f) ? 1 : 0);
      }
      case 'pointerAdd':
        return this.pointerAdd(expr);
      case 'pointerDiff': {
        const left = this.value(expr.left);
        const right = this.value(expr.right);
        const scale = BigInt(expr.scale);
        return (f) => BigInt.asIntN(64, BigInt(left(f)!) - BigInt(right(f)!)) / scale;
      }
      case 'logical': {
        const test = this.noted(this.condition(expr));
        return (f) => (test(f) ? 1 : 0);
      }
      case 'select':
        return this.select(expr, mode);
      case 'comma': {
        const left = this.effect(expr.left);
        const right = this.evaluate(expr.right, mode);
        return (f) => {
          left(f);
          return right(f);
        };
      }
      case 'assign':
        return this.assign(expr);
      case 'update':
        return this.update(expr);
      case 'call':
        return mode === 'strict' ? checked(this.call(expr, false)) : this.call(expr, false);
      case 'intrinsic':
        return this.intrinsic(expr);
      case 'vaArg':
        return this.vaArg(expr);
      case 'statements':
        throw new Stop('not-parsed', 'a statement expression where a constant is needed');
    }
  }

  /** Address of an lvalue, of a function, or of a struct value. */
  address(expr: Expr): Locate {
    switch (expr.op) {
      case 'local': {
        const slot = this.slots.get(expr.local)!;
        if (slot.register !== undefined) {
          throw new Stop('not-parsed', `address of register variable ${expr.local.name}`);
        }
        const { offset } = slot;
        return (f) => f.base + offset;
      }
      case 'object': {
        const { object } = expr;
        const n = this.addresses++;
        return ({ code, machine, callable }) =>
          (code.addresses[n] ??= machine.addressOfObject(callable.unit, object));
      }
      case 'function': {
        const symbol = expr.function;
        const n = this.addresses++;
        return ({ code, machine, callable }) =>
          (code.addresses[n] ??= machine.addressOfFunction(
            machine.callableFor(callable.unit, symbol),
          ));
      }
      case 'string': {
        const { bytes } = expr;
        const n = this.addresses++;
        return ({ code, machine }) => (code.addresses[n] ??= machine.addressOfString(bytes));
      }
      case 'deref':
        return this.value(expr.pointer) as Locate;
      case 'member':
        return this.memberAddress(expr);
      case 'compound':
        return this.compound(expr);
      case 'convert':
        return this.address(expr.value);
      default:
        // A struct value is its address already.
        return this.evaluate(expr, 'strict') as Locate;
    }
  }

  private memberAddress(expr: Expr & { op: 'member' }): Locate {
    const base = this.address(expr.base);
    const { offset } = expr.member;
    if (offset === 0) return base;
    return (f) => {
      const address = base(f);
      return typeof address === 'number' ? address + offset : pointerPlus(address, offset, 1);
    };
  }

  private compound(expr: Expr & { op: 'compound' }): Locate {
    const slot = this.slots.get(expr.local)!;
    const offset = slot.register === undefined ? slot.offset : 0;
    const fill = this.initialize(
      expr.initializer.parts,
      sizeOf(expr.type),
      expr.initializer.zeroFill,
    );
    return (f) => {
      const address = f.base + offset;
      fill(f, address);
      return address;
    };
  }

  /** Fills the object at an address as an initialiser says. */
  initialize(
    parts: readonly InitializerPart[],
    size: number,
    zeroFill: boolean,
  ): (frame: Frame, address: number) => void {
    const stores = parts.map((part) => {
      const store: StoreAt = part.bits === undefined ? storerFor(part.type) : bitStorer(part.bits);
      return { offset: part.offset, store, value: this.move(part.value) };
    });
    return (frame, address) => {
      // All values first: an initialiser may read what the object held before.
      const values = stores.map(({ value }) => value(frame));
      if (zeroFill) frame.memory.set(address, 0, size);
      stores.forEach(({ offset, store }, i) => {
        store(frame.memory, address + offset, values[i]);
      });
    };
  }

  private convert(expr: Expr & { op: 'convert' }, mode: Strictness): Evaluate {
    if (expr.type.kind === 'void') {
      const effect = this.effect(expr.value);
      return (f) => {
        effect(f);
        return undefined;
      };
    }
    const change = conversion(expr.value.type, expr.type);
    if (change === undefined) {
      const same = this.evaluate(expr.value, mode);
      return typedBy(expr, same);
    }
    const value = this.evaluate(expr.value, mode);
    if (mode === 'strict') return (f) => change(value(f));
    return (f) => {
      const from = value(f);
      return from === undefined ? undefined : change(from);
    };
  }

  private pointerAdd(expr: Expr & { op: 'pointerAdd' }): Evaluate {
    const pointer = this.value(expr.pointer) as Locate;
    const { scale, index } = expr;
    if (index.op === 'number') {
      // An unsigned index counts as the signed word of the same bits: addresses wrap.
      const bytes = Number(BigInt.asIntN(64, BigInt(index.value))) * scale;
      return (f) => {
        const base = pointer(f);
        const sum = typeof base === 'number' ? base + bytes : NaN;
        return Number.isSafeInteger(sum) ? sum : pointerPlus(base, bytes, 1);
      };
    }
    // An int index was widened for the type's sake only: as a number it is cheaper.
    if (
      index.op === 'convert' &&
      index.value.type.kind === 'integer' &&
      index.value.type.size <= 4
    ) {
      const small = this.value(index.value) as (f: Frame) => number;
      return (f) => pointerPlus(pointer(f), small(f), scale);
    }
    const wide = this.value(index) as (f: Frame) => bigint;
    return (f) => pointerPlus(pointer(f), indexNumber(wide(f)), scale);
  }

  private select(expr: Expr & { op: 'select' }, mode: Strictness): Evaluate {
    const otherwise = this.evaluate(expr.otherwise, mode);
    if (expr.then === undefined) {
      const condition = this.value(expr.condition);
      const change = conversion(expr.condition.type, expr.type);
      return (f) => {
        const value = condition(f);
        f.machine.decided(value ? 1 : 0);
        if (!value) return otherwise(f);
        return change === undefined ? value : change(value);
      };
    }
    const condition = this.noted(this.condition(expr.condition));
    const then = this.evaluate(expr.then, mode);
    return (f) => (condition(f) ? then(f) : otherwise(f));
  }

  private assign(expr: Expr & { op: 'assign' }): Evaluate {
    const { target } = expr;
    const value = this.move(expr.value);
    if (target.op === 'local') {
      const slot = this.slots.get(target.local)!;
      if (slot.register !== undefined) {
        const { register } = slot;
        return (f) => (f.registers[register] = value(f));
      }
    }
    const locate = this.address(target);
    const store = this.storer(target);
    return (f) => {
      const stored = value(f);
      store(f.memory, locate(f), stored);
      return stored;
    };
  }

  private storer(target: Expr): StoreAt {
    if (target.op === 'member' && target.member.bits !== undefined) {
      return bitStorer(target.member.bits);
    }
    return storerFor(target.type);
  }

  private loader(target: Expr): LoadAt {
    if (target.op === 'member' && target.member.bits !== undefined) {
      return bitLoader(target.member.type, target.member.bits);
    }
    return loaderFor(target.type, 'strict');
  }

  private update(expr: UpdateNode): Evaluate {
    const operate = this.updateOperation(expr);
    const wantsNew = expr.result === 'new';
    if (expr.target.op === 'local') {
      const { local } = expr.target;
      const slot = this.slots.get(local)!;
      if (slot.register !== undefined) {
        const { register } = slot;
        const read = registerReader(register, local, 'strict');
        return (f) => {
          const old = read(f);
          const made = operate(f, old);
          f.registers[register] = made;
          return wantsNew ? made : old;
        };
      }
    }
    const locate = this.address(expr.target);
    const load = this.loader(expr.target);
    const store = this.storer(expr.target);
    return (f) => {
      const address = locate(f);
      const old = load(f.memory, address);
      const made = operate(f, old);
      store(f.memory, address, made);
      return wantsNew ? made : old;
    };
  }

  /** The new value of `target operator= value`, from the old one. */
  private updateOperation(expr: UpdateNode): (frame: Frame, old: Value) => Value {
    const { compute, operator } = expr;
    const operand = this.value(expr.value);
    if (compute.kind === 'pointer') {
      const sign = operator === '-' ? -1 : 1;
      return (f, old) => pointerPlus(old as Pointer, indexNumber(operand(f) as bigint), sign);
    }
    const type = compute as IntegerType;
    const widen = conversion(expr.target.type, type);
    const narrow = conversion(type, expr.target.type);
    let held: Value;
    const left: Evaluate = () => held;
    // The right side is evaluated first, so a nested update cannot disturb `held`.
    let right: Value;
    const operation = arithmeticOperation(operator, type, left, () => right);
    return (f, old) => {
      const value = operand(f);
      right = value;
      held = widen === undefined ? old : widen(old);
      const made = operation(f);
      return narrow === undefined ? made : narrow(made);
    };
  }

  private call(expr: CallNode, discarded: boolean): Evaluate {
    const args = expr.args.map((arg) => this.move(arg));
    const count = args.length;
    const { callee, at } = expr;
    const node: CallNode = discarded ? { ...expr, type: { kind: 'void' } } : expr;
    const collect = (f: Frame): Value[] => {
      const values = new Array<Value>(count);
      for (let i = 0; i < count; i++) values[i] = args[i]!(f);
      f.at = at;
      return values;
    };
    if (callee.op === 'function') {
      const symbol = callee.function;
      const n = this.callees++;
      return (f) => {
        const values = collect(f);
        const { machine, code, callable } = f;
        const target = (code.callees[n] ??= machine.callableFor(callable.unit, symbol));
        return machine.invoke(target, values, node);
      };
    }
    const pointer = this.value(callee) as Locate;
    return (f) => {
      const to = pointer(f);
      return f.machine.invokePointer(to, collect(f), node);
    };
  }

  private intrinsic(expr: IntrinsicNode): Evaluate {
    const { name, at } = expr;
    const args = expr.args.map((arg) => this.value(arg));
    const argTypes = expr.args.map((arg) => arg.type);
    const resultType = expr.type;
    return (f) => {
      const { machine } = f;
      const { unit } = f.callable;
      const operation = machine.operation(name);
      if (operation === undefined) {
        f.at = at;
        throw new Stop('builtin', `${name}() has no model`);
      }
      const values = args.map((arg) => arg(f));
      f.at = at;
      const call = { machine, name, args: values, argTypes, resultType, unit };
      const result = operation(call);
      return formOf(result, resultType);
    };
  }

  private vaArg(expr: Expr & { op: 'vaArg' }): Evaluate {
    const locate = this.address(expr.list);
    const { type } = expr;
    return (f) => {
      const { machine, memory } = f;
      const list = locate(f);
      const token = memory.loadPointer(list, 'strict') as number;
      const value = machine.variadicArgument(token);
      if (value === undefined) throw new Stop('uninitialised', 'va_arg beyond the last argument');
      memory.storePointer(list, token + 1);
      return type.kind === 'integer' ? reread(value, type) : value;
    };
  }
}

function registerReader(register: number, local: Local, mode: Strictness): Evaluate {
  if (mode === 'move') return (f) => f.registers[register];
  return (f) => {
    const value = f.registers[register];
    if (value === undefined) {
      throw new Stop('uninitialised', `reads ${local.name || 'a value'}, which was never set`);
    }
    return value;
  };
}

function checked(call: Evaluate): Evaluate {
  return (f) => {
    const value = call(f);
    if (value === undefined) throw new Stop('uninitialised', 'uses a result that was never set');
    return value;
  };
}

function keepsTruth(expr: Expr & { op: 'convert' }): boolean {
  const from = expr.value.type;
  const to = expr.type;
  if (to.kind === 'integer' && to.rank === 0) return true;
  return from.kind === 'integer' && to.kind === 'integer' && to.width >= from.width;
}
