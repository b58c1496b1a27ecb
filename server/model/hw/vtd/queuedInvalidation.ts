import { modPow2, POW2 } from '../../bits/pow2.ts';
import { bits, spanLg2, type RecordSet } from '../common/record.ts';

/*
 * Source of every bit in this file: Intel VT-d, "Queued Invalidation Interface" and "Fault Recording Registers".
 * Kernel: intel/iommu.h, QI_*, dma_frcd_*().
 */

const granularity = bits(0, 5, 4);
const did = bits(0, 31, 16);
const pasid = bits(0, 51, 32);
const page = bits(1, 63, 12);
/** The physical function behind a virtual one, in two places. Kernel: QI_DEV_IOTLB_PFSID. */
const pfsid = [bits(0, 15, 12), bits(0, 59, 52)];
/** Range of one page-selective invalidation: 2^am pages; ih keeps pointers to tables. */
const range = { page, am: bits(1, 5, 0), ih: bits(1, 6) };

/** What an IOTLB or PASID-IOTLB descriptor drops. Kernel: DMA_TLB_*_FLUSH, QI_GRAN_*. */
export const Granularity = { global: 1, domain: 2, page: 3, pasid: 2, pasidPage: 3 } as const;

/**
 * Invalidation descriptors: the first 128 bits; the rest is 0.
 * Source: Intel VT-d, "Queued Invalidation Interface". Kernel: drivers/iommu/intel/iommu.h, QI_* and qi_desc_*().
 */
export const VTD_DESCRIPTORS: RecordSet = {
  words: 2,
  code: bits(0, 3, 0),
  forms: [
    { name: 'context-cache invalidation', code: 1, fields: { granularity, did, sid: bits(0, 47, 32), fm: bits(0, 49, 48) } }, // prettier-ignore
    { name: 'IOTLB invalidation', code: 2, fields: { granularity, dw: bits(0, 6), dr: bits(0, 7), did, ...range } }, // prettier-ignore
    { name: 'device-TLB invalidation', code: 3, fields: { pfsid, qdep: bits(0, 20, 16), sid: bits(0, 47, 32), page, s: bits(1, 0) } }, // prettier-ignore
    { name: 'interrupt-entry-cache invalidation', code: 4, fields: { selective: bits(0, 4), im: bits(0, 31, 27), index: bits(0, 47, 32) } }, // prettier-ignore
    { name: 'invalidation wait', code: 5, fields: { interrupt: bits(0, 4), statusWrite: bits(0, 5), fence: bits(0, 6), drain: bits(0, 7), data: bits(0, 63, 32), statusPage: page, statusWord: bits(1, 11, 2) } }, // prettier-ignore
    { name: 'PASID-IOTLB invalidation', code: 6, fields: { granularity, did, pasid, ...range } },
    { name: 'PASID-cache invalidation', code: 7, fields: { granularity, did, pasid } },
    { name: 'PASID-device-TLB invalidation', code: 8, fields: { pfsid, qdep: bits(0, 8, 4), sid: bits(0, 31, 16), pasid, page, s: bits(1, 11), global: bits(1, 0) } }, // prettier-ignore
    { name: 'page-group response', code: 9, fields: { pasidPresent: bits(0, 4), response: bits(0, 15, 12), rid: bits(0, 31, 16), pasid, index: bits(1, 11, 3) } }, // prettier-ignore
  ],
};

/**
 * A fault recording register, 128 bits. Its one form has no code of its own: F (bit 127) marks a record.
 * Source: Intel VT-d, "Fault Recording Registers". Kernel: intel/iommu.h, dma_frcd_*().
 */
export const VTD_FAULTS: RecordSet = {
  words: 2,
  code: bits(1, 63),
  forms: [
    {
      name: 'fault record',
      code: 1,
      fields: {
        page: bits(0, 63, 12),
        sid: bits(1, 15, 0),
        pasidPresent: bits(1, 31),
        reason: bits(1, 39, 32),
        pasid: bits(1, 59, 40),
        isRead: bits(1, 62),
      },
    },
  ],
};

/**
 * Address and mask of a page-selective invalidation; undefined where the range is larger than `maxMask` allows, and the
 * driver invalidates the domain. Kernel: intel/cache.c:calculate_psi_aligned_address(), cap_max_amask_val().
 */
export function codePsi(
  first: number,
  last: number,
  maxMask: number,
): { readonly page: number; readonly am: number } | undefined {
  const am = spanLg2(first, last);
  return am > maxMask ? undefined : { page: first - modPow2(first, am), am };
}

/**
 * Address and S of a device-TLB invalidation: the lowest zero bit gives the size. Range of `lg2`: 0 to 51 pages.
 * Kernel: intel/iommu.h:qi_desc_dev_iotlb().
 */
export function codeDeviceTlb(
  first: number,
  lg2: number,
): { readonly page: number; readonly s: 0 | 1 } {
  if (lg2 === 0) return { page: first, s: 0 };
  return { page: first - modPow2(first, lg2) + POW2[lg2 - 1]! - 1, s: 1 };
}
