import { bitOperation } from '../../cfront/parse/builtinFolding.ts';
import { wrap } from '../../cfront/types/integers.ts';
import type { IntegerType, Type } from '../../cfront/types/type.ts';
import { loaderFor, storerFor } from '../machine/access.ts';
import { conversion } from '../machine/arithmetic.ts';
import type { IntrinsicOperation, ModelCall } from '../machine/executor.ts';
import { Stop } from '../machine/stop.ts';
import type { Pointer, Value } from '../machine/values.ts';
import { formatMessage } from './printing.ts';
import { STRINGS } from './strings.ts';

/** Operations the front end leaves to the machine: see cfront/parse/intrinsics.ts for what they stand for. */
function pointee(type: Type | undefined): Type {
  if (type?.kind !== 'pointer') throw new Stop('not-parsed', 'an atomic operation on no pointer');
  return type.to;
}

const exchange: IntrinsicOperation = ({ machine, args, argTypes }) => {
  const type = pointee(argTypes[0]);
  const at = args[0]!;
  const old = loaderFor(type, 'strict')(machine.memory, at);
  storerFor(type)(machine.memory, at, args[1]);
  return old;
};

const compareExchange: IntrinsicOperation = ({ machine, args, argTypes }) => {
  const type = pointee(argTypes[0]);
  const at = args[0]!;
  const old = loaderFor(type, 'strict')(machine.memory, at);
  if (old === args[1]) storerFor(type)(machine.memory, at, args[2]);
  return old;
};

const tryCompareExchange: IntrinsicOperation = ({ machine, args, argTypes }) => {
  const type = pointee(argTypes[0]);
  const expectedType = pointee(argTypes[1]);
  const { memory } = machine;
  const at = args[0]!;
  const current = loaderFor(type, 'strict')(memory, at);
  const stored = loaderFor(expectedType, 'strict')(memory, args[1]!);
  const widen = conversion(expectedType, type);
  if (current === (widen === undefined ? stored : widen(stored))) {
    storerFor(type)(memory, at, args[2]);
    return true;
  }
  const narrow = conversion(type, expectedType);
  storerFor(expectedType)(memory, args[1]!, narrow === undefined ? current : narrow(current));
  return false;
};

const overflowing =
  (operate: (a: bigint, b: bigint) => bigint): IntrinsicOperation =>
  ({ machine, args, argTypes }) => {
    const type = pointee(argTypes[2]) as IntegerType;
    const exact = operate(BigInt(args[0]!), BigInt(args[1]!));
    const kept = wrap(exact, type);
    const value: Value = type.size > 4 ? kept : Number(kept);
    storerFor(type)(machine.memory, args[2]!, value);
    return kept !== exact;
  };

/** Address and mask of a bit in an array of unsigned long. */
function bitPlace({ args }: ModelCall): { at: Pointer; mask: bigint } {
  const number = Number(BigInt.asIntN(64, BigInt(args[0]!)));
  const at = Number(args[1]!) + Math.floor(number / 64) * 8;
  return { at, mask: 1n << BigInt(((number % 64) + 64) % 64) };
}

const bitChange =
  (change: (word: bigint, mask: bigint) => bigint): IntrinsicOperation =>
  (call) => {
    const { at, mask } = bitPlace(call);
    const word = call.machine.memory.load64(at, false, 'strict') as bigint;
    call.machine.memory.store64(at, BigInt.asUintN(64, change(word, mask)));
    return (word & mask) !== 0n;
  };

const testBit: IntrinsicOperation = (call) => {
  const { at, mask } = bitPlace(call);
  return ((call.machine.memory.load64(at, false, 'strict') as bigint) & mask) !== 0n;
};

const set = bitChange((word, mask) => word | mask);
const clear = bitChange((word, mask) => word & ~mask);
const flip = bitChange((word, mask) => word ^ mask);

const warn: IntrinsicOperation = ({ machine, args }) => {
  const fired = Boolean(args[0]);
  if (fired) {
    machine.record({ kind: 'warn', text: `WARN in ${machine.frame?.callable.name ?? ''}()` });
  }
  return fired;
};

const bug: IntrinsicOperation = ({ machine, args }) => {
  if (args.length > 0 && !args[0]) return undefined;
  throw new Stop('bug', `BUG in ${machine.frame?.callable.name ?? ''}()`);
};

const print: IntrinsicOperation = (call) => {
  call.machine.record({ kind: 'print', text: formatMessage(call) });
  return 0;
};

const bitCounting = (name: string): [string, IntrinsicOperation] => [
  name,
  ({ args }) => bitOperation(name, BigInt(args[0]!)),
];

/** The value without its sign, read as a signed integer of `width` bits. */
function magnitude(value: bigint, width: number): bigint {
  const signed = BigInt.asIntN(width, value);
  return signed < 0n ? -signed : signed;
}

const byModel = (name: string): [string, IntrinsicOperation] => {
  const model = STRINGS.find((candidate) => candidate.name === name)!;
  return [`__builtin_${name}`, (call) => model.run(call)];
};

/** Every operation, by the name the front end gives it. */
export const OPERATIONS: ReadonlyMap<string, IntrinsicOperation> = new Map<
  string,
  IntrinsicOperation
>([
  ['xchg', exchange],
  ['cmpxchg', compareExchange],
  ['try_cmpxchg', tryCompareExchange],
  ['__builtin_add_overflow', overflowing((a, b) => a + b)],
  ['__builtin_sub_overflow', overflowing((a, b) => a - b)],
  ['__builtin_mul_overflow', overflowing((a, b) => a * b)],
  ...[
    'set_bit',
    '__set_bit',
    'test_and_set_bit',
    '__test_and_set_bit',
    'test_and_set_bit_lock',
  ].map((name) => [name, set] as const),
  ...[
    'clear_bit',
    '__clear_bit',
    'clear_bit_unlock',
    'test_and_clear_bit',
    '__test_and_clear_bit',
  ].map((name) => [name, clear] as const),
  ...['change_bit', '__change_bit', 'test_and_change_bit', '__test_and_change_bit'].map(
    (name) => [name, flip] as const,
  ),
  ['test_bit', testBit],
  ['test_bit_acquire', testBit],
  ...['fls', 'fls64', '__fls', 'ffs', '__ffs', '__ffs64', 'ffz'].map(bitCounting),
  ...['clz', 'ctz', 'ffs', 'popcount', 'parity'].flatMap((base) =>
    ['', 'l', 'll'].map((suffix) => bitCounting(`__builtin_${base}${suffix}`)),
  ),
  ...['16', '32', '64'].map((bits) => bitCounting(`__builtin_bswap${bits}`)),
  ...['memcpy', 'memmove', 'memset', 'memcmp', 'strlen', 'strcmp', 'strncmp'].map(byModel),
  ['__builtin_abs', ({ args }) => Number(BigInt.asIntN(32, magnitude(BigInt(args[0]!), 32)))],
  ['__builtin_labs', ({ args }) => BigInt.asIntN(64, magnitude(BigInt(args[0]!), 64))],
  ['__builtin_llabs', ({ args }) => BigInt.asIntN(64, magnitude(BigInt(args[0]!), 64))],
  ['__builtin_return_address', () => 0],
  ['__builtin_frame_address', () => 0],
  ['__builtin_extract_return_addr', ({ args }) => args[0]],
  // "Not known" to gcc is the largest value; the kernel's fortify checks then step aside.
  ['__builtin_object_size', () => 0xffffffffffffffffn],
  ['__builtin_dynamic_object_size', () => 0xffffffffffffffffn],
  ['va_start', ({ machine }) => machine.startVariadic()],
  ['warn', warn],
  ['bug', bug],
  ['print', print],
  ['local_irq_restore', () => undefined],
  [
    '__builtin_unreachable',
    () => {
      throw new Stop('bug', 'reaches what the C declares unreachable');
    },
  ],
  [
    '__builtin_trap',
    () => {
      throw new Stop('bug', 'reaches a trap');
    },
  ],
]);
