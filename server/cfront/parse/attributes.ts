import type { Atom } from '../lex/atoms.ts';
import { identifier } from '../lex/atoms.ts';

/** What the attributes of one declaration say, as far as execution depends on it. */
export interface Attributes {
  packed: boolean;
  /** Unit: bytes. */
  aligned: number | undefined;
  /** Name of a cleanup function. */
  cleanup: Atom | undefined;
  /** Machine mode: the size in bytes it stands for. */
  modeSize: number | undefined;
}

/** No attribute at all. */
export function noAttributes(): Attributes {
  return { packed: false, aligned: undefined, cleanup: undefined, modeSize: undefined };
}

/** Names with and without the surrounding underscores. */
const spellings = (name: string): Atom[] => [identifier(name), identifier(`__${name}__`)];

export const PACKED: readonly Atom[] = spellings('packed');
export const ALIGNED: readonly Atom[] = spellings('aligned');
export const CLEANUP: readonly Atom[] = spellings('cleanup');
export const MODE: readonly Atom[] = spellings('mode');

/** Sizes of machine modes, in bytes. */
export const MODE_SIZES: ReadonlyMap<Atom, number> = new Map([
  ...spellings('QI').map((a) => [a, 1] as const),
  ...spellings('HI').map((a) => [a, 2] as const),
  ...spellings('SI').map((a) => [a, 4] as const),
  ...spellings('DI').map((a) => [a, 8] as const),
  ...spellings('TI').map((a) => [a, 16] as const),
  ...spellings('word').map((a) => [a, 8] as const),
  ...spellings('pointer').map((a) => [a, 8] as const),
]);
