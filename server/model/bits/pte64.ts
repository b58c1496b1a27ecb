import { POW2 } from './pow2.ts';

/**
 * A 64-bit word as two 32-bit halves.
 * Both halves are kept as signed integers (`| 0`), the form that V8 stores without allocation.
 */
export interface Word64 {
  readonly lo: number;
  readonly hi: number;
}

/** A word that format functions fill in, so that the hot path allocates nothing. */
export interface MutableWord64 {
  lo: number;
  hi: number;
}

const HALF_BITS = 32;
const HALF_HEX_DIGITS = HALF_BITS / 4;

/** A word made of its halves. */
export function word(lo: number, hi = 0): Word64 {
  return { lo: lo | 0, hi: hi | 0 };
}

/** The word with only bit `n` set. Range: 0 to 63. Kernel: BIT_ULL(). */
export function bit(n: number): Word64 {
  return n < HALF_BITS ? word(1 << n) : word(0, 1 << (n - HALF_BITS));
}

/** Bits `last` down to `first` set. Kernel: GENMASK_ULL(last, first). */
export function mask(last: number, first: number): Word64 {
  let lo = 0;
  let hi = 0;
  for (let n = first; n <= last; n++) {
    if (n < HALF_BITS) lo |= 1 << n;
    else hi |= 1 << (n - HALF_BITS);
  }
  return word(lo, hi);
}

/** Bitwise or of all words. */
export function or(...words: readonly Word64[]): Word64 {
  let lo = 0;
  let hi = 0;
  for (const w of words) {
    lo |= w.lo;
    hi |= w.hi;
  }
  return word(lo, hi);
}

/** Bitwise and. */
export function and(a: Word64, b: Word64): Word64 {
  return word(a.lo & b.lo, a.hi & b.hi);
}

/** `a` with the bits of `b` cleared. */
export function without(a: Word64, b: Word64): Word64 {
  return word(a.lo & ~b.lo, a.hi & ~b.hi);
}

/** Whether bit `n` is set. Range: 0 to 63. */
export function hasBit(w: Word64, n: number): boolean {
  return n < HALF_BITS ? (w.lo & (1 << n)) !== 0 : (w.hi & (1 << (n - HALF_BITS))) !== 0;
}

/** Whether no bit is set. */
export function isZero(w: Word64): boolean {
  return (w.lo | w.hi) === 0;
}

/** Whether both words hold the same bits. */
export function isEqual(a: Word64, b: Word64): boolean {
  return (a.lo | 0) === (b.lo | 0) && (a.hi | 0) === (b.hi | 0);
}

/** Value of bits `last` down to `first`, as a number. Range of the width: 1 to 53 bits. Kernel: FIELD_GET(). */
export function getField(w: Word64, last: number, first: number): number {
  // Walkers read many fields of every entry: no mask is built, and nothing is allocated.
  if (first >= HALF_BITS) return lowBits(w.hi >>> (first - HALF_BITS), last - first + 1);
  const low = w.lo >>> first;
  if (last < HALF_BITS) return lowBits(low, last - first + 1);
  return lowBits(w.hi, last - HALF_BITS + 1) * POW2[HALF_BITS - first]! + low;
}

/** The lowest bits of a 32-bit half, unsigned. Range of `count`: 1 to 32. */
function lowBits(half: number, count: number): number {
  return count >= HALF_BITS ? half >>> 0 : half & ((1 << count) - 1);
}

/** Reads `0x…` or decimal. Gives `undefined` for anything else, and for values past 64 bits. */
export function parseWord(text: string): Word64 | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return undefined;
  const digits = BigInt(text).toString(16);
  if (digits.length > 2 * HALF_HEX_DIGITS) return undefined;
  const cut = Math.max(0, digits.length - HALF_HEX_DIGITS);
  return word(parseInt(digits.slice(cut), 16), cut > 0 ? parseInt(digits.slice(0, cut), 16) : 0);
}

/** Prints as the kernel's `%#llx` and the vectors do: lower case, no padding. */
export function formatWord(w: Word64): string {
  const lo = (w.lo >>> 0).toString(16);
  if (w.hi === 0) return `0x${lo}`;
  return `0x${(w.hi >>> 0).toString(16)}${lo.padStart(HALF_HEX_DIGITS, '0')}`;
}

/** Low 32 bits of `w >> shift`. Range of `shift`: 0 to 63. */
export function shiftRight32(lo: number, hi: number, shift: number): number {
  if (shift === 0) return lo | 0;
  if (shift >= HALF_BITS) return hi >>> (shift - HALF_BITS);
  return (lo >>> shift) | (hi << (HALF_BITS - shift));
}

/** Sum modulo 2^64. */
export function addWords(a: Word64, b: Word64): Word64 {
  const lo = (a.lo >>> 0) + (b.lo >>> 0);
  return word(lo, a.hi + b.hi + (lo >= POW2[HALF_BITS]! ? 1 : 0));
}
