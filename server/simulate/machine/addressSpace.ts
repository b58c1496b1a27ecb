import type { Unit } from '../../cfront/unit.ts';
import { pointerFromBits } from './values.ts';

/** Where things are. All addresses are signed numbers, as the machine holds pointers. */
export interface AddressSpace {
  /** Virtual address of physical address 0 in the direct map. */
  readonly directMap: number;
  /** Objects with static storage. */
  readonly image: number;
  /** Addresses that stand for functions. */
  readonly text: number;
  readonly stack: number;
  /** Physical address of the first slab object; slab memory is part of the direct map. */
  readonly slabPhysical: number;
}

const X86_DIRECT_MAP = Number(BigInt.asIntN(64, 0xffff888000000000n));

/** Address of the kernel image on x86-64; other profiles use the same, nothing depends on it. */
const IMAGE = Number(BigInt.asIntN(64, 0xffffffff82000000n));
const TEXT = Number(BigInt.asIntN(64, 0xffffffff81000000n));
const STACK = Number(BigInt.asIntN(64, 0xffffc90000000000n));

/**
 * The address space of a unit's architecture: the direct map is where the tree's own `__va()` puts
 * physical address 0, when that is a constant of the headers.
 */
export function addressSpaceOf(unit: Unit): AddressSpace {
  const shape = { image: IMAGE, text: TEXT, stack: STACK, slabPhysical: 0x10000000 };
  const offset = unit.expression('(unsigned long)PAGE_OFFSET');
  if (!(offset instanceof Error) && offset.op === 'number') {
    const directMap = pointerFromBits(BigInt(offset.value));
    if (typeof directMap === 'number') return { directMap, ...shape };
  }
  return { directMap: X86_DIRECT_MAP, ...shape };
}
