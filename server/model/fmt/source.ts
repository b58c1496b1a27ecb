import { mask, type Word64 } from '../bits/pte64.ts';

/** Where a constant was read: a file of the kernel tree and the symbol there. */
export interface Source {
  /** Path relative to the kernel tree. */
  readonly path: string;
  /** Name of the constant, macro or function that holds the value. */
  readonly symbol: string;
}

/**
 * A number that a kernel source states. The revision read is 7.3-rc7.
 * The citation is for readers and for the test that refuses bare numbers in this folder; the value passes through.
 */
export function cited<const N extends number>(value: N, _path: string, _symbol: string): N {
  return value;
}

/** A named bit field of an entry. */
export interface Field {
  readonly name: string;
  /** Lowest bit. Range: 0 to 63. */
  readonly first: number;
  /** Highest bit. Range: `first` to 63. */
  readonly last: number;
  /** All its bits set. */
  readonly mask: Word64;
  readonly source: Source;
}

/** A bit field `last:first`. Kernel: GENMASK_ULL(last, first). */
export function field(
  name: string,
  last: number,
  first: number,
  path: string,
  symbol: string,
): Field {
  return { name, first, last, mask: mask(last, first), source: { path, symbol } };
}

/** A single-bit field. Kernel: BIT_ULL(n). */
export function flag(name: string, n: number, path: string, symbol: string): Field {
  return field(name, n, n, path, symbol);
}
