import type { BitField, Type } from '../../cfront/types/type.ts';
import { wrap } from '../../cfront/types/integers.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import type { Memory, Strictness } from './memory.ts';
import { Stop } from './stop.ts';
import type { Pointer, Value } from './values.ts';

/** Stores a value of the right form at an address. */
export type StoreAt = (memory: Memory, address: Pointer, value: Value) => void;
/** Loads a value from an address. */
export type LoadAt = (memory: Memory, address: Pointer) => Value;

/** How values of a type are read from memory. Structs and arrays are their own address. */
export function loaderFor(type: Type, mode: Strictness): LoadAt {
  switch (type.kind) {
    case 'integer': {
      const { size, signed } = type;
      if (size <= 4)
        return (memory, address) => memory.loadSmall(address, size, signed, mode, type);
      if (size === 8) return (memory, address) => memory.load64(address, signed, mode, type);
      return (memory, address) => {
        const bits = memory.loadBits(address, size, mode, type);
        return bits === undefined ? undefined : wrap(bits, type);
      };
    }
    case 'pointer':
      return (memory, address) => memory.loadPointer(address, mode, type);
    case 'floating':
      return floatingPoint;
    case 'aggregate':
    case 'array':
    case 'function':
      return (_, address) => address;
    case 'void':
    case 'auto':
      return () => undefined;
  }
}

/** Floating point is not executed: the path ends where it is reached. */
export function floatingPoint(): never {
  throw new Stop('builtin', 'floating point is not executed');
}

/** How values of a type are written to memory. An unwritten value makes the target unwritten. */
export function storerFor(type: Type): StoreAt {
  switch (type.kind) {
    case 'integer': {
      const { size } = type;
      if (size <= 4) {
        return (memory, address, value) => {
          if (value === undefined) forget(memory, address, size);
          else memory.storeSmall(address, size, value as number);
        };
      }
      if (size === 8) {
        return (memory, address, value) => {
          if (value === undefined) forget(memory, address, size);
          else memory.store64(address, value as bigint);
        };
      }
      return (memory, address, value) => {
        if (value === undefined) forget(memory, address, size);
        else memory.storeBits(address, size, value as bigint);
      };
    }
    case 'pointer':
      return (memory, address, value) => {
        if (value === undefined) forget(memory, address, 8);
        else memory.storePointer(address, value);
      };
    case 'aggregate':
    case 'array': {
      const size = sizeOf(type);
      return (memory, address, value) => {
        if (value === undefined) forget(memory, address, size);
        else memory.copy(address, value, size);
      };
    }
    case 'floating':
      return floatingPoint;
    case 'function':
    case 'void':
    case 'auto':
      return () => undefined;
  }
}

function forget(memory: Memory, address: Pointer, size: number): void {
  // A store to a bad address must be found even when the value is unwritten.
  memory.peekBits(address, Math.min(size, 1));
  memory.forget(Number(address), size);
}

/** Reads a bit-field out of its storage unit. */
export function bitLoader(type: Type, bits: BitField): LoadAt {
  if (type.kind !== 'integer') throw new Stop('not-parsed', 'a bit-field that is no integer');
  const { shift, width, unitSize } = bits;
  const field = { ...type, width };
  const isWide = type.size > 4;
  return (memory, address) => {
    const unit = memory.loadBits(address, unitSize, 'strict')!;
    const value = wrapField(unit >> BigInt(shift), field);
    return isWide ? value : Number(value);
  };
}

function wrapField(value: bigint, field: { signed: boolean; width: number }): bigint {
  return field.signed ? BigInt.asIntN(field.width, value) : BigInt.asUintN(field.width, value);
}

/** Writes a bit-field; the whole storage unit counts as written afterwards. */
export function bitStorer(bits: BitField): StoreAt {
  const { shift, width, unitSize } = bits;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
  return (memory, address, value) => {
    if (value === undefined)
      throw new Stop('uninitialised', 'stores an unwritten value in a bit-field');
    // The neighbours in the unit may be inputs that nobody read yet.
    memory.loadBits(address, unitSize, 'move');
    const unit = memory.peekBits(address, unitSize);
    const field = (BigInt(value) << BigInt(shift)) & mask;
    memory.storeBits(address, unitSize, (unit & ~mask) | field);
  };
}
