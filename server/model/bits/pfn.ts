import { INV_POW2, POW2 } from './pow2.ts';

/**
 * A 64-bit byte address or length, split where pages begin.
 * A double holds every page frame number exactly, but not every 64-bit byte address.
 */
export interface Addr {
  /** Page frame number. Range: 0 to 2^52-1. */
  readonly pfn: number;
  /** Bytes within the 4 KiB page. Range: 0 to 4095. */
  readonly offset: number;
}

/** log2 of the CPU page size. Unit: lg2 bytes. Kernel: PAGE_SHIFT of x86 and of arm64 with 4K pages. */
export const PAGE_LG2 = 12;

// A shift, not a power from the table: V8 keeps what it computes from doubles as a double, in every address.
const PAGE_BYTES = 1 << PAGE_LG2;
const PAGE_MASK = PAGE_BYTES - 1;
const PFNS = POW2[64 - PAGE_LG2]!;
const HEX_DIGITS_OF_OFFSET = PAGE_LG2 / 4;

/** The address or length 0. */
export const ZERO: Addr = Object.freeze({ pfn: 0, offset: 0 });

/** An address made of its two parts. */
export function addr(pfn: number, offset = 0): Addr {
  return { pfn, offset };
}

/** An address from a byte count. Range: 0 to 2^53-1; page-aligned values are exact up to 2^64. */
export function bytes(value: number): Addr {
  const pfn = Math.floor(value * INV_POW2[PAGE_LG2]!);
  return { pfn, offset: (value - pfn * PAGE_BYTES) | 0 };
}

/** Reads `0x…` or decimal. Gives `undefined` for anything else, and for values past 64 bits. */
export function parseAddr(text: string): Addr | undefined {
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return undefined;
  const digits = BigInt(text).toString(16);
  if (digits.length > 16) return undefined;
  const cut = digits.length - HEX_DIGITS_OF_OFFSET;
  return {
    pfn: cut > 0 ? parseInt(digits.slice(0, cut), 16) : 0,
    offset: parseInt(digits.slice(Math.max(0, cut)), 16),
  };
}

/** Prints as the kernel's `%#llx` and the vectors do: lower case, no padding, zero as `0x0`. */
export function formatAddr({ pfn, offset }: Addr): string {
  if (pfn === 0) return `0x${offset.toString(16)}`;
  return `0x${pfn.toString(16)}${offset.toString(16).padStart(HEX_DIGITS_OF_OFFSET, '0')}`;
}

/** Sum modulo 2^64, as unsigned long wraps in C. */
export function addAddr(a: Addr, b: Addr): Addr {
  const offset = a.offset + b.offset;
  const pfn = a.pfn + b.pfn + (offset >= PAGE_BYTES ? 1 : 0);
  return { pfn: pfn >= PFNS ? pfn - PFNS : pfn, offset: offset & PAGE_MASK };
}

/** Difference modulo 2^64, as unsigned long wraps in C. */
export function subAddr(a: Addr, b: Addr): Addr {
  const offset = a.offset - b.offset;
  const pfn = a.pfn - b.pfn - (offset < 0 ? 1 : 0);
  return { pfn: pfn < 0 ? pfn + PFNS : pfn, offset: offset & PAGE_MASK };
}

/** The last byte of `[start, start + length)`, modulo 2^64. */
export function lastByte(start: Addr, length: Addr): Addr {
  const offset = start.offset + length.offset - 1;
  const pfn = start.pfn + length.pfn + (offset >> PAGE_LG2);
  return { pfn: pfn >= 0 && pfn < PFNS ? pfn : wrap(pfn), offset: offset & PAGE_MASK };
}

/** A page frame number modulo the 64-bit space. */
function wrap(pfn: number): number {
  return pfn < 0 ? pfn + PFNS : pfn - PFNS;
}

/** Unsigned `a < b`. */
export function isBelow(a: Addr, b: Addr): boolean {
  return a.pfn < b.pfn || (a.pfn === b.pfn && a.offset < b.offset);
}

/** Whether both name the same byte. */
export function isSame(a: Addr, b: Addr): boolean {
  return a.pfn === b.pfn && a.offset === b.offset;
}

/** Whether an address has bits at or above 2^lg2. Range of `lg2`: 0 to 64. */
export function isWiderThan(a: Addr, lg2: number): boolean {
  return lg2 < PAGE_LG2 ? isWiderThanPart(a, lg2) : a.pfn >= POW2[lg2 - PAGE_LG2]!;
}

/** The same for less than a page. */
function isWiderThanPart({ pfn, offset }: Addr, lg2: number): boolean {
  return pfn > 0 || offset >= POW2[lg2]!;
}

/** Byte value as a double. Exact below 2^53 and for page-aligned values; for sizes and messages, not for arithmetic. */
export function toBytes({ pfn, offset }: Addr): number {
  return pfn * PAGE_BYTES + offset;
}
