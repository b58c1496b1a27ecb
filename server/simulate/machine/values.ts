/**
 * A value in the machine: integers up to 32 bits and pointers as numbers, wider integers as bigints,
 * structs as their address. A pointer that no number holds exactly is a bigint (see heldPointer in
 * cfront). `undefined` is a value that was never written; only moves may handle it.
 */
export type Value = number | bigint | undefined;

/** A pointer: the signed 64-bit address. */
export type Pointer = number | bigint;

/** The 64 bits of a pointer. */
export function pointerBits(pointer: Pointer): bigint {
  return BigInt.asUintN(64, BigInt(pointer));
}

/** The pointer that 64 bits make. */
export function pointerFromBits(bits: bigint): Pointer {
  const signed = BigInt.asIntN(64, bits);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

/** Order of addresses as unsigned numbers. */
export function pointerBelow(a: Pointer, b: Pointer): boolean {
  if (a < 0 === b < 0) return a < b;
  return b < 0;
}

/** An address in hexadecimal. */
export function hex(pointer: Pointer): string {
  return `0x${pointerBits(pointer).toString(16)}`;
}

/** Whether a number is an address of the kernel: those lie far below every number that C counts with. */
export function isAddress(value: Value): boolean {
  return typeof value === 'number' && value < -0x100000000;
}
