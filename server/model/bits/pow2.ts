/**
 * Powers of two as exact doubles, 2^0 to 2^64.
 * Addresses are kept as page or granule numbers below 2^53, so products and quotients by these are exact.
 */
export const POW2: Float64Array = Float64Array.from({ length: 65 }, (_, lg2) => 2 ** lg2);

/** Exact reciprocals, 2^0 to 2^-64: multiplying by one is a shift to the right before truncation. */
export const INV_POW2: Float64Array = Float64Array.from({ length: 65 }, (_, lg2) => 2 ** -lg2);

/** Number of low zero bits. Range of `n`: 1 to 2^53-1; zero gives 64, as the kernel's guarded __ffs(). */
export function ctz(n: number): number {
  const low = n | 0;
  return low === 0 ? ctzOfHigh(n) : 31 - Math.clz32(low & -low);
}

/** The rare case apart: what is small is compiled into its callers. */
function ctzOfHigh(n: number): number {
  if (n === 0) return 64;
  const high = (n * INV_POW2[32]!) | 0;
  return 63 - Math.clz32(high & -high);
}

/** Number of low zero bits that two numbers share: what both are multiples of. Range: as for `ctz`. */
export function commonCtz(a: number, b: number): number {
  const low = a | b;
  return low === 0 ? Math.min(ctz(a), ctz(b)) : 31 - Math.clz32(low & -low);
}

/** Position of the highest set bit. Range of `n`: 1 to 2^53-1. Kernel: __fls(). */
export function log2Floor(n: number): number {
  return n > LARGEST_HALF ? log2OfHigh(n) : 31 - Math.clz32(n);
}

function log2OfHigh(n: number): number {
  return 63 - Math.clz32(n * INV_POW2[32]!);
}

const LARGEST_HALF = 0xffff_ffff;

/** `n` mod 2^lg2. Kernel: log2_mod(). */
export function modPow2(n: number, lg2: number): number {
  return n - Math.floor(n * INV_POW2[lg2]!) * POW2[lg2]!;
}

/** `n` / 2^lg2, rounded down. Kernel: log2_div(). */
export function divPow2(n: number, lg2: number): number {
  return Math.floor(n * INV_POW2[lg2]!);
}

/** Bitwise or of two numbers below 2^53. */
export function or53(a: number, b: number): number {
  const high = (a * INV_POW2[32]!) | (b * INV_POW2[32]!);
  return (high >>> 0) * POW2[32]! + ((a | b) >>> 0);
}
