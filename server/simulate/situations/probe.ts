import type { Machine } from '../machine/machine.ts';
import type { TableFormat } from './spec.ts';
import { childOf, isPresent } from './tableEntry.ts';

/** Where a table starts now. Addresses are physical. */
export interface TableTop {
  readonly physical: number;
  readonly level: number;
}

/** The entry at which the walk of an address ends. */
export interface FoundEntry {
  readonly level: number;
  /** Physical address of the entry. */
  readonly at: number;
  readonly bits: bigint;
  /** Whether it maps something. */
  readonly present: boolean;
}

/** A page table that can be read while the C runs. */
export interface Probe {
  /** `domain 1`. */
  readonly name: string;
  readonly format: TableFormat;
  /** Address of the `struct iommu_domain` that owns it. */
  readonly domain: number;
  /** Bits of an entry that say nothing about the address: the C-bit of a host that encrypts. */
  readonly encryptionMask: bigint;
  /** The IOMMU does not snoop: it sees what was cleaned from the CPU's cache. */
  readonly incoherent?: () => boolean;
  /**
   * Whose C invalidates caches: the recording driver of the situation, or the driver under review, through a queue that
   * the situation has or in a way that nobody watches.
   */
  readonly flushes: 'recorded' | 'queued' | 'unseen';
  /** Number that commands know the domain by, and that contexts have. Absent: any. */
  readonly id?: () => number;
  /** The IOMMU caches that something is not there. */
  readonly cachesNegative?: boolean;
  readonly top: () => TableTop;
}

/** Physical addresses of the pages that a table is made of now, from the top down. */
export function tablesOf(machine: Machine, probe: Probe): number[] {
  const found: number[] = [];
  const visit = (physical: number, level: number): void => {
    found.push(physical);
    for (let index = 0; level > 0 && index < ENTRIES; index++) {
      const bits = machine.memory.peekBits(machine.directMap + physical + index * 8, 8);
      const next = bits === 0n ? undefined : childOf(probe.format, bits, probe.encryptionMask);
      if (next !== undefined) visit(next, level - 1);
    }
  };
  const { physical, level } = probe.top();
  visit(physical, level);
  return found;
}

const ENTRIES = 512;

/** The entry that decides about an address: a leaf, or where the walk ends. */
export function entryFor(machine: Machine, probe: Probe, iova: bigint): FoundEntry {
  let { physical, level } = probe.top();
  for (;;) {
    const index = Number((iova >> BigInt(12 + 9 * level)) & 511n);
    const at = physical + index * 8;
    const bits = machine.memory.peekBits(machine.directMap + at, 8);
    const next = level === 0 ? undefined : childOf(probe.format, bits, probe.encryptionMask);
    if (next === undefined) return { level, at, bits, present: isPresent(probe.format, bits) };
    physical = next;
    level--;
  }
}
