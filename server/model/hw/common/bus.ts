import type { Addr } from '../../bits/pfn.ts';
import type { Word64 } from '../../bits/pte64.ts';

/** How memory answers one access of the IOMMU. */
export type BusStatus =
  | 'ok'
  /** The address is outside the machine, or a protection mechanism refuses the IOMMU. */
  | 'access-fault'
  /** The data is known to be damaged (poison, uncorrectable ECC error). */
  | 'corrupted';

/**
 * Memory as an IOMMU sees it. Whoever runs the hardware model supplies it: a scenario gives the hardware view of the
 * simulated memory, a vector gives its sparse image. Addresses are system physical and 8-byte aligned.
 */
export interface Bus {
  /**
   * Reads consecutive 64-bit words as one access, so that a context entry is either seen whole or torn exactly where
   * the hardware's access width allows it. Word n goes to `into[2n]` (low half) and `into[2n + 1]` (high half).
   */
  read(at: Addr, words: number, into: Int32Array): BusStatus;
  /**
   * Stores `next` if memory still holds `old`, as the atomic that sets A and D bits does.
   * Gives `changed` when another agent was faster; the walk then reads again.
   */
  compareAndStore(at: Addr, old: Word64, next: Word64): BusStatus | 'changed';
}

/** A bus behind which addresses end at a width: what does not fit never leaves the IOMMU. Unit of `bits`: bits. */
export function boundedBus(bus: Bus, bits: number): Bus {
  const pages = 2 ** (bits - 12);
  return {
    read: (at, words, into) => (at.pfn < pages ? bus.read(at, words, into) : 'access-fault'),
    compareAndStore: (at, old, next) =>
      at.pfn < pages ? bus.compareAndStore(at, old, next) : 'access-fault',
  };
}
