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
  if (low !== 0) return 31 - Math.clz32(low & -low);
  if (n === 0) return 64;
  const high = (n * INV_POW2[32]!) | 0;
  return 63 - Math.clz32(high & -high);
}

/** Position of the highest set bit. Range of `n`: 1 to 2^53-1. Kernel: __fls(). */
export function log2Floor(n: number): number {
  return n >= POW2[32]! ? 63 - Math.clz32(n * INV_POW2[32]!) : 31 - Math.clz32(n);
}

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
