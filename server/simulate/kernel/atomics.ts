import type { Executor, Model, ModelResult } from '../machine/executor.ts';
import type { Pointer } from '../machine/values.ts';
import type { Arguments, ModelBody } from './model.ts';
import { family } from './model.ts';

/** A width of atomic_t: how its counter is read and written. */
interface Width {
  readonly prefix: string;
  /** Unit: bytes. */
  readonly size: 4 | 8;
}

const WIDTHS: readonly Width[] = [
  { prefix: 'atomic', size: 4 },
  { prefix: 'atomic64', size: 8 },
  { prefix: 'atomic_long', size: 8 },
];

type Operator = (old: bigint, operand: bigint) => bigint;

const OPERATORS: Readonly<Record<string, Operator>> = {
  add: (old, operand) => old + operand,
  sub: (old, operand) => old - operand,
  and: (old, operand) => old & operand,
  or: (old, operand) => old | operand,
  xor: (old, operand) => old ^ operand,
  andnot: (old, operand) => old & ~operand,
};
const ORDERS = ['', '_relaxed', '_acquire', '_release'];

function read(machine: Executor, { size }: Width, at: Pointer): bigint {
  const { memory } = machine;
  return size === 4
    ? BigInt(memory.loadSmall(at, 4, true, 'strict')!)
    : (memory.load64(at, true, 'strict') as bigint);
}

function write(machine: Executor, { size }: Width, at: Pointer, value: bigint): void {
  machine.memory.storeBits(at, size, value);
}

/** Applies an operator to the counter at an address; gives the old and the new value. */
function apply(
  machine: Executor,
  width: Width,
  at: Pointer,
  operator: Operator,
  operand: bigint,
): { readonly before: bigint; readonly after: bigint } {
  const before = read(machine, width, at);
  const after = BigInt.asIntN(width.size * 8, operator(before, operand));
  write(machine, width, at, after);
  return { before, after };
}

function bodiesOf(width: Width): Record<string, ModelBody> {
  const bodies: Record<string, ModelBody> = {};
  const { prefix } = width;
  const define = (name: string, body: ModelBody): void => {
    for (const order of ORDERS) bodies[`${prefix}_${name}${order}`] = body;
  };
  const value =
    (pick: 'before' | 'after', operator: Operator, fixed?: bigint): ModelBody =>
    (machine, args) => {
      const at = args.pointer(fixed === undefined ? 1 : 0);
      return apply(machine, width, at, operator, fixed ?? args.bits(0))[pick];
    };
  for (const [name, operator] of Object.entries(OPERATORS)) {
    define(name, value('after', operator));
    define(`${name}_return`, value('after', operator));
    define(`fetch_${name}`, value('before', operator));
  }
  const { add } = OPERATORS as { add: Operator };
  for (const [name, step] of [
    ['inc', 1n],
    ['dec', -1n],
  ] as const) {
    define(name, value('after', add, step));
    define(`${name}_return`, value('after', add, step));
    define(`fetch_${name}`, value('before', add, step));
    define(
      `${name}_and_test`,
      (machine, args) => apply(machine, width, args.pointer(0), add, step).after === 0n,
    );
  }
  define(
    'sub_and_test',
    (machine, args) => apply(machine, width, args.pointer(1), add, -args.bits(0)).after === 0n,
  );
  define(
    'add_negative',
    (machine, args) => apply(machine, width, args.pointer(1), add, args.bits(0)).after < 0n,
  );
  define(
    'xchg',
    (machine, args) => apply(machine, width, args.pointer(0), (_, v) => v, args.bits(1)).before,
  );
  define('cmpxchg', (machine, args) => {
    const old = read(machine, width, args.pointer(0));
    if (old === args.bits(1)) write(machine, width, args.pointer(0), args.bits(2));
    return old;
  });
  define('try_cmpxchg', (machine, args) => tryExchange(machine, width, args));
  define('fetch_add_unless', (machine, args) =>
    addUnless(machine, width, args.pointer(0), args.bits(1), args.bits(2)),
  );
  define(
    'add_unless',
    (machine, args) =>
      addUnless(machine, width, args.pointer(0), args.bits(1), args.bits(2)) !== args.bits(2),
  );
  define(
    'inc_not_zero',
    (machine, args) => addUnless(machine, width, args.pointer(0), 1n, 0n) !== 0n,
  );
  define('dec_if_positive', (machine, args) => {
    const next = read(machine, width, args.pointer(0)) - 1n;
    if (next >= 0n) write(machine, width, args.pointer(0), next);
    return next;
  });
  return bodies;
}

function tryExchange(machine: Executor, width: Width, args: Arguments): ModelResult {
  const current = read(machine, width, args.pointer(0));
  const expected = read(machine, width, args.pointer(1));
  if (current === expected) {
    write(machine, width, args.pointer(0), args.bits(2));
    return true;
  }
  write(machine, width, args.pointer(1), current);
  return false;
}

function addUnless(
  machine: Executor,
  width: Width,
  at: Pointer,
  operand: bigint,
  unless: bigint,
): bigint {
  const old = read(machine, width, at);
  if (old !== unless) write(machine, width, at, old + operand);
  return old;
}

/**
 * The kernel's atomic_t operations. One thread runs, so each is a plain read and write; reads and
 * plain sets are C in every tree and are executed as such.
 */
export const ATOMICS: readonly Model[] = WIDTHS.flatMap((width) =>
  family(
    {
      reads: 'the counter',
      writes: 'the counter',
      shadows: 'its C ends in inline assembly on every architecture',
    },
    bodiesOf(width),
  ),
);
