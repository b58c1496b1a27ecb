import type { Arch } from './space.ts';

/** A device behind an IOMMU, and what its context points to. */
export interface Device {
  readonly name: string;
  readonly arch: Arch;
  /** Requester or stream id. */
  readonly requester: number;
  readonly pasid: number | undefined;
  /** Name of the space of the first stage, where there is one. */
  readonly first: string | undefined;
  /** Name of the space of the second stage, where there is one. */
  readonly second: string | undefined;
  readonly ats: boolean;
  /** SMMUv3: its faulting transactions wait for software's answer. */
  readonly stall?: boolean;
  /** Guest or realm that trusts the device (T=1); undefined for T=0. */
  readonly trustedBy: number | undefined;
  /** Page of the table that the IOMMU starts at: device table, root table, stream table, device directory. */
  readonly contextRoot: number;
  /** The contexts are those that C wrote, read in the mode that it told the IOMMU; absent: the model made them. */
  readonly own?: OwnContexts | undefined;
}

/** How the IOMMU reads contexts that C wrote. */
export interface OwnContexts {
  /** VT-d: the mode of the root table. */
  readonly mode: 'legacy' | 'scalable' | undefined;
}

/** What stands for the device's own cache: it knows no domains, and keeps what it got until it is told. */
export function atcTag({ name }: Device): string {
  return `device cache of ${name}`;
}

/** What the context cache tags the entry of a device with. */
export function contextTag({ name }: Device): string {
  return `context of ${name}`;
}
