import { modPow2, POW2 } from '../../bits/pow2.ts';
import { bits, spanLg2, type RecordSet } from '../common/record.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "Commands" and "Event Log". Kernel:
 * amd_iommu_types.h, CMD_* and EVENT_*.
 */

const device = bits(0, 15, 0);

/**
 * Commands, 128 bits each.
 * Source: AMD IOMMU Specification 48882, "Commands". Kernel: drivers/iommu/amd/amd_iommu_types.h, CMD_*;
 * amd/iommu.c:build_completion_wait(), build_inv_dte(), build_inv_iommu_pages(), build_inv_iotlb_pages(),
 * build_complete_ppr(), build_inv_all().
 */
export const AMD_COMMANDS: RecordSet = {
  words: 2,
  code: bits(0, 63, 60),
  forms: [
    {
      name: 'COMPLETION_WAIT',
      code: 1,
      fields: {
        s: bits(0, 0),
        i: bits(0, 1),
        f: bits(0, 2),
        storePage: bits(0, 51, 12),
        storeWord: bits(0, 11, 3),
        dataLow: bits(1, 31, 0),
        dataHigh: bits(1, 63, 32),
      },
    },
    { name: 'INVALIDATE_DEVTAB_ENTRY', code: 2, fields: { device } },
    {
      name: 'INVALIDATE_IOMMU_PAGES',
      code: 3,
      fields: {
        pasid: bits(0, 19, 0),
        domain: bits(0, 47, 32),
        page: bits(1, 63, 12),
        s: bits(1, 0),
        pde: bits(1, 1),
        gn: bits(1, 2),
      },
    },
    {
      name: 'INVALIDATE_IOTLB_PAGES',
      code: 4,
      fields: {
        device,
        // Only the low 16 bits of a PASID are coded by the kernel.
        pasid: [bits(0, 55, 48), bits(0, 23, 16)],
        maxPend: bits(0, 31, 24),
        queue: bits(0, 47, 32),
        page: bits(1, 63, 12),
        s: bits(1, 0),
        gn: bits(1, 2),
      },
    },
    { name: 'INVALIDATE_INTERRUPT_TABLE', code: 5, fields: { device } },
    {
      name: 'COMPLETE_PPR_REQUEST',
      code: 7,
      fields: {
        device,
        pasid: bits(0, 51, 32),
        gn: bits(1, 2),
        tag: bits(1, 40, 32),
        status: bits(1, 47, 44),
      },
    },
    { name: 'INVALIDATE_IOMMU_ALL', code: 8, fields: {} },
  ],
};

const fault = {
  device,
  // PASID with GN, else the domain.
  pasid: [bits(0, 47, 32), bits(0, 19, 16)],
  flags: bits(0, 59, 48),
  page: bits(1, 63, 12),
  offset: bits(1, 11, 0),
};

/**
 * Entries of the event log, 128 bits each.
 * Source: AMD IOMMU Specification 48882, "Event Log". Kernel: amd_iommu_types.h, EVENT_*; amd/iommu.c:iommu_print_event().
 */
export const AMD_EVENTS: RecordSet = {
  words: 2,
  code: bits(0, 63, 60),
  forms: [
    { name: 'ILLEGAL_DEV_TABLE_ENTRY', code: 0x1, fields: fault },
    { name: 'IO_PAGE_FAULT', code: 0x2, fields: fault },
    { name: 'DEV_TAB_HARDWARE_ERROR', code: 0x3, fields: fault },
    { name: 'PAGE_TAB_HARDWARE_ERROR', code: 0x4, fields: fault },
    {
      name: 'ILLEGAL_COMMAND_ERROR',
      code: 0x5,
      fields: { page: fault.page, offset: fault.offset },
    },
    { name: 'COMMAND_HARDWARE_ERROR', code: 0x6, fields: { flags: fault.flags, page: fault.page, offset: fault.offset } }, // prettier-ignore
    { name: 'IOTLB_INV_TIMEOUT', code: 0x7, fields: { device, page: fault.page, offset: fault.offset } }, // prettier-ignore
    { name: 'INVALID_DEVICE_REQUEST', code: 0x8, fields: fault },
    { name: 'INVALID_PPR_REQUEST', code: 0x9, fields: fault },
    { name: 'RMP_PAGE_FAULT', code: 0xd, fields: fault },
    { name: 'RMP_HARDWARE_ERROR', code: 0xe, fields: fault },
  ],
};

/** Largest range that the address field codes. Kernel: amd/iommu.c:build_inv_address(). Unit: lg2 pages. */
const LARGEST_LG2 = 40;
/** Address of "all pages": ones below bit 63. Kernel: CMD_INV_IOMMU_ALL_PAGES_ADDRESS. Unit: pages. */
const ALL_PAGES = POW2[51]! - 1;

/**
 * Address and S of a range of IOVA pages: the position of the lowest zero bit gives the size; beyond 2^52 bytes all pages
 * are meant. Kernel: amd/iommu.c:build_inv_address().
 */
export function codeAddress(
  first: number,
  last: number,
): { readonly page: number; readonly s: 0 | 1 } {
  const lg2 = spanLg2(first, last);
  if (lg2 === 0) return { page: first, s: 0 };
  if (lg2 > LARGEST_LG2) return { page: ALL_PAGES, s: 1 };
  const ones = lg2 - 1;
  return { page: first - modPow2(first, ones) + POW2[ones]! - 1, s: 1 };
}

/** The range that an address and S mean; undefined for all pages. */
export function decodeAddress(
  page: number,
  s: number,
): { readonly first: number; readonly last: number } | undefined {
  if (s === 0) return { first: page, last: page };
  let lg2 = 1;
  for (let rest = page; rest % 2 === 1; rest = (rest - 1) / 2) lg2++;
  if (lg2 > LARGEST_LG2) return undefined;
  const first = page - modPow2(page, lg2);
  return { first, last: first + POW2[lg2]! - 1 };
}
