import { held, heldPointer } from '../../cfront/types/integers.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { ModelResult } from './executor.ts';
import type { Value } from './values.ts';

/** A model's result in the form the machine holds values of the type in. */
export function formOf(result: ModelResult, type: Type): Value {
  if (result === undefined || type.kind === 'void') return undefined;
  const plain = typeof result === 'boolean' ? Number(result) : result;
  // A number that fits int is in the right form already.
  if (type.kind === 'integer') {
    const isHeld =
      typeof plain === 'number' && type.signed && type.size === 4 && (plain | 0) === plain;
    return isHeld ? plain : held(BigInt(plain), type);
  }
  return type.kind === 'pointer' ? heldPointer(BigInt(plain)) : plain;
}
