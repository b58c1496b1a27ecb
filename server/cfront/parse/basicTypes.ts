import type { IntegerType, Type } from '../types/type.ts';
import {
  BOOL,
  DOUBLE,
  FLOAT,
  INT,
  INT128,
  LONG,
  LONG_LONG,
  SHORT,
  SIGNED_CHAR,
  UNSIGNED_CHAR,
  UNSIGNED_INT,
  UNSIGNED_INT128,
  UNSIGNED_LONG,
  UNSIGNED_LONG_LONG,
  UNSIGNED_SHORT,
  VOID,
} from '../types/type.ts';

/** The arithmetic type that a multiset of words names, `long unsigned long int` included. */
export function arithmeticType(words: ReadonlyMap<string, number>, plainChar: IntegerType): Type {
  const has = (word: string): boolean => words.has(word);
  const unsigned = has('unsigned') || has('__uint128_t');
  if (has('void')) return VOID;
  if (has('_Bool') || has('bool')) return BOOL;
  if (has('float')) return FLOAT;
  if (has('double')) return DOUBLE;
  if (has('__int128') || has('__int128_t') || has('__uint128_t')) {
    return unsigned ? UNSIGNED_INT128 : INT128;
  }
  if (has('char')) {
    if (unsigned) return UNSIGNED_CHAR;
    return has('signed') || has('__signed__') || has('__signed') ? SIGNED_CHAR : plainChar;
  }
  if (has('short')) return unsigned ? UNSIGNED_SHORT : SHORT;
  if (words.get('long') === 2) return unsigned ? UNSIGNED_LONG_LONG : LONG_LONG;
  if (has('long')) return unsigned ? UNSIGNED_LONG : LONG;
  return unsigned ? UNSIGNED_INT : INT;
}

/** The integer type of a size in bytes. */
export function integerOfSize(size: number, signed: boolean): IntegerType {
  switch (size) {
    case 1:
      return signed ? SIGNED_CHAR : UNSIGNED_CHAR;
    case 2:
      return signed ? SHORT : UNSIGNED_SHORT;
    case 4:
      return signed ? INT : UNSIGNED_INT;
    case 16:
      return signed ? INT128 : UNSIGNED_INT128;
    default:
      return signed ? LONG : UNSIGNED_LONG;
  }
}
