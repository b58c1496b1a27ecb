import type { Word64 } from '../../model/bits/pte64.ts';
import type { RegisterDevice } from '../kernel/registerDevices.ts';

/** Where an IOMMU begins to read contexts: device table, root table, stream table, device directory. */
export interface ContextRoot {
  /** Page frame number. */
  readonly page: number;
  /** VT-d: the mode of the root table. */
  readonly mode: 'legacy' | 'scalable' | undefined;
}

/** What the hardware behind registers may do. Addresses are physical. */
export interface HardwarePort {
  /** The 64-bit word of memory at an address. */
  readonly load: (physical: number) => Word64;
  /** Stores so many bytes, at most 8. */
  readonly store: (physical: number, bytes: number, value: bigint) => void;
  /** Contexts are read from here on. */
  readonly useContexts: (root: ContextRoot) => void;
  /** A command was taken from the queue. */
  readonly take: (words: readonly Word64[]) => void;
}

/** The registers of a kind of IOMMU, over a port; `reset`: what they tell of it, by offset. */
export type MakeRegisters = (
  port: HardwarePort,
  reset: ReadonlyMap<number, bigint>,
) => Omit<RegisterDevice, 'start'>;
