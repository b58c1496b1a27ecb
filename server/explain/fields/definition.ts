/** How one tree defines a name. */
export interface TreeDefinition {
  /** Path relative to the tree. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** What the name evaluates to; undefined where it is no constant. */
  readonly value: bigint | undefined;
}

/** Highest and lowest bit of a mask; undefined where its bits are not together. */
export function bitsOfMask(
  mask: bigint,
): { readonly high: number; readonly low: number } | undefined {
  if (mask <= 0n) return undefined;
  const low = mask & -mask;
  const run = mask / low;
  if ((run & (run + 1n)) !== 0n) return undefined;
  const lowBit = low.toString(2).length - 1;
  return { high: lowBit + run.toString(2).length - 1, low: lowBit };
}
