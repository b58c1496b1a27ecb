import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "Device Table Entry Format". Kernel:
 * amd_iommu_types.h, DTE_*.
 */

/**
 * A device table entry: 256 bits that the IOMMU reads at once.
 * Source: AMD I/O Virtualization Technology (IOMMU) Specification 48882, "Device Table Entry Format".
 * Kernel: drivers/iommu/amd/amd_iommu_types.h, struct dev_table_entry and DTE_*.
 */
export interface Dte {
  readonly v: boolean;
  /** Translation information is valid. */
  readonly tv: boolean;
  /** Levels of the host page table. Range: 0 (no translation) to 6; 7 is reserved. */
  readonly mode: number;
  /** Host page table root, as page number; an encryption bit is part of it. */
  readonly hostRoot: number;
  /** Guest translation is on. */
  readonly gv: boolean;
  /** Requests without PASID use PASID 0 of the guest tables. */
  readonly giov: boolean;
  /** Levels of the GCR3 table less one. Range: 0 to 2; 3 is reserved. */
  readonly glx: number;
  /** GCR3 table root, as page number: guest-physical when there is a host table. */
  readonly gcr3Root: number;
  readonly ir: boolean;
  readonly iw: boolean;
  /** Range: 16 bits. */
  readonly domainId: number;
  /** Guest paging levels: 0 for four, 1 for five. */
  readonly guestPagingMode: number;
  /** Suppresses the events of page faults. */
  readonly sa: boolean;
}

/** 64-bit words of a device table entry. */
export const DTE_WORDS = 4;

/** Decodes a device table entry. */
export function decodeDte(words: readonly Word64[]): Dte {
  const [w0, w1, w2] = words as readonly [Word64, Word64, Word64, Word64];
  return {
    v: hasBit(w0, 0),
    tv: hasBit(w0, 1),
    mode: getField(w0, 11, 9),
    hostRoot: getField(w0, 51, 12),
    gv: hasBit(w0, 55),
    giov: hasBit(w0, 54),
    glx: getField(w0, 57, 56),
    // The root is scattered over bits 14:12, 30:15 and 51:31.
    gcr3Root: getField(w0, 60, 58) + getField(w1, 31, 16) * 2 ** 3 + getField(w1, 63, 43) * 2 ** 19,
    ir: hasBit(w0, 61),
    iw: hasBit(w0, 62),
    domainId: getField(w1, 15, 0),
    guestPagingMode: getField(w2, 55, 54),
    sa: hasBit(w1, 34),
  };
}
