import type { Addr } from '../../model/bits/pfn.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';

/** A 64-bit argument of a step. */
export function bits(op: VectorOp, name: string): bigint {
  return optionalBits(op, name) ?? 0n;
}

/** A 64-bit argument that may be absent. */
export function optionalBits(op: VectorOp, name: string): bigint | undefined {
  const value = op.args[name] as Addr | undefined;
  return value === undefined ? undefined : BigInt(value.pfn) * 4096n + BigInt(value.offset);
}

/** A small integer argument; absent ones have a fallback. */
export function small(op: VectorOp, name: string, fallback = 0): number {
  return (op.args[name] as number | undefined) ?? fallback;
}

/** A small integer argument that may be absent. */
export function optionalSmall(op: VectorOp, name: string): number | undefined {
  return op.args[name] as number | undefined;
}
