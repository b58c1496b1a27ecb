import type { Executor, Model } from '../machine/executor.ts';
import type { Pointer } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { alike, family } from './model.ts';

/** Longest string that is followed. Unit: bytes. */
const MAX_STRING = 1 << 16;

/** Bytes of a C string, without the zero; no byte past the `limit` is looked at. */
export function readString(machine: Executor, at: Pointer, limit: number = MAX_STRING): string {
  let text = '';
  for (let i = 0; i < Math.min(limit, MAX_STRING); i++) {
    const byte = machine.memory.loadSmall(Number(at) + i, 1, false, 'strict') as number;
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return text;
}

function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const copy: ModelBody = (machine, args) => {
  machine.memory.copy(args.pointer(0), args.pointer(1), args.number(2));
  return args.pointer(0);
};

const fill: ModelBody = (machine, args) => {
  machine.memory.set(args.pointer(0), args.number(1) & 255, args.number(2));
  return args.pointer(0);
};

const fillWords =
  (size: 2 | 4 | 8): ModelBody =>
  (machine, args) => {
    const start = Number(args.pointer(0));
    for (let i = 0; i < args.number(2); i++) {
      machine.memory.storeBits(start + i * size, size, args.bits(1));
    }
    return start;
  };

const facts = {
  reads: 'the source bytes',
  writes: 'the destination bytes',
  shadows: 'the C is assembly or word tricks that read past the end of the string',
};

/** memcpy(), strlen() and their relatives. */
export const STRINGS: readonly Model[] = family(facts, {
  ...alike('memcpy memmove __memcpy __memmove memcpy_flushcache __builtin_memcpy', copy),
  ...alike('memset __memset', fill),
  memset16: fillWords(2),
  memset32: fillWords(4),
  memset64: fillWords(8),
  ...alike('memcmp bcmp', (machine, args) =>
    machine.memory.compare(args.pointer(0), args.pointer(1), args.number(2)),
  ),
  memchr_inv: (machine, args) => {
    const start = Number(args.pointer(0));
    for (let i = 0; i < args.number(2); i++) {
      const byte = machine.memory.loadSmall(start + i, 1, false, 'strict');
      if (byte !== (args.number(1) & 255)) return start + i;
    }
    return 0;
  },
  strlen: (machine, args) => readString(machine, args.pointer(0)).length,
  strnlen: (machine, args) => readString(machine, args.pointer(0), args.number(1)).length,
  strcmp: (machine, args) =>
    compareStrings(readString(machine, args.pointer(0)), readString(machine, args.pointer(1))),
  strncmp: (machine, args) => {
    const count = args.number(2);
    const left = readString(machine, args.pointer(0), count);
    return compareStrings(left, readString(machine, args.pointer(1), count));
  },
  strchr: (machine, args) => {
    // The zero at the end counts as part of the string (C11 7.24.5.2).
    const text = `${readString(machine, args.pointer(0))}\0`;
    const at = text.indexOf(String.fromCharCode(args.number(1) & 255));
    return at < 0 ? 0 : Number(args.pointer(0)) + at;
  },
});
