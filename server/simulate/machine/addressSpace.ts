/** Where things are. All addresses are signed numbers, as the machine holds pointers. */
export interface AddressSpace {
  /** Direct map of a tree whose headers do not say where it is. */
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

/** Where the machine puts things. Only the direct map depends on the architecture; see Machine.directMap. */
export const ADDRESS_SPACE: AddressSpace = {
  directMap: X86_DIRECT_MAP,
  image: IMAGE,
  text: TEXT,
  stack: STACK,
  slabPhysical: 0x10000000,
};
