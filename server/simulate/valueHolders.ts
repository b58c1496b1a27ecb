import type { Expr, Local } from '../cfront/parse/ast.ts';

/** Something that has a value: a member or result by its name, a variable, or what one points to. */
export type Holder = string | Local | Pointee;

/** The number that a variable points to. */
interface Pointee {
  readonly pointer: Local;
}

const POINTEES = new WeakMap<Local, Pointee>();

/** The number that a variable points to. */
export function pointeeHolder(pointer: Local): Holder {
  let holder = POINTEES.get(pointer);
  if (holder === undefined) POINTEES.set(pointer, (holder = { pointer }));
  return holder;
}

/** What a pointer leads to: the number behind a variable, or a variable of which it is the address. */
export function pointeeOf(pointer: Expr): Holder | undefined {
  switch (pointer.op) {
    case 'convert':
      return pointeeOf(pointer.value);
    case 'local':
      return pointer.type.kind === 'pointer' && pointer.type.to.kind === 'integer'
        ? pointeeHolder(pointer.local)
        : undefined;
    case 'address':
      return holderOf(pointer.lvalue);
    default:
      return undefined;
  }
}

/** A member of a struct, whatever object has it. */
export function memberHolder(tag: string, name: string): string {
  return `${tag}.${name}`;
}

/** What a function returns. */
export function resultHolder(name: string): string {
  return `${name}()`;
}

/** Where the values are that an expression is made of. */
export function holdersOf(expr: Expr): readonly Holder[] {
  if (expr.op === 'convert') return holdersOf(expr.value);
  if (expr.op === 'binary') return [...holdersOf(expr.left), ...holdersOf(expr.right)];
  const holder = holderOf(expr);
  return holder === undefined ? [] : [holder];
}

/** Where the bytes are that an expression adds up or chooses from; what is multiplied is a count of something. */
export function bytesIn(expr: Expr): readonly Holder[] {
  switch (expr.op) {
    case 'convert':
      return bytesIn(expr.value);
    case 'statements':
      return expr.value === undefined ? [] : bytesIn(expr.value);
    case 'select':
      return [...(expr.then === undefined ? [] : bytesIn(expr.then)), ...bytesIn(expr.otherwise)];
    case 'binary': {
      if (!ADDING.has(expr.operator)) return [];
      return [...bytesIn(expr.left), ...bytesIn(expr.right)];
    }
    case 'update':
      return bytesIn(expr.target);
    case 'deref': {
      const pointee = pointeeOf(expr.pointer);
      return pointee === undefined ? [] : [pointee];
    }
    default: {
      const holder = holderOf(expr);
      return holder === undefined ? [] : [holder];
    }
  }
}

/** Operators that leave bytes bytes: sums, and rounding to what is aligned. */
const ADDING: ReadonlySet<string> = new Set(['+', '-', '&', '|']);

/** Where the value of an expression is. */
export function holderOf(expr: Expr): Holder | undefined {
  switch (expr.op) {
    case 'convert':
      return holderOf(expr.value);
    case 'intrinsic':
      return expr.args[0] === undefined ? undefined : holderOf(expr.args[0]);
    case 'statements':
      return expr.value === undefined ? undefined : holderOf(expr.value);
    case 'local':
      return expr.local;
    case 'member': {
      const { type } = expr.base;
      const tag = type.kind === 'aggregate' ? (type.tag ?? '') : '';
      return expr.member.name === undefined ? undefined : memberHolder(tag, expr.member.name);
    }
    case 'call':
      return expr.callee.op === 'function' ? resultHolder(expr.callee.function.name) : undefined;
    default:
      return undefined;
  }
}
