/*
 * TDX: one bit of a guest-physical address says whether a page is shared with the host.
 * Source: Intel TDX Module base architecture specification, "GPA Space"; arch/x86/coco/core.c:cc_mkdec().
 * Tables of trusted devices (TDX Connect) are not modelled.
 */

/** Vendor of the confidential-computing platform, for the sense of the bit. */
export type CcVendor = 'intel' | 'amd' | 'amd-vtom';

/** Page number with the bit that marks memory as decrypted, shared with the host. Kernel: cc_mkdec(). */
export function makeDecrypted(pfn: number, bitPfn: number, vendor: CcVendor): number {
  return vendor === 'amd' ? clear(pfn, bitPfn) : set(pfn, bitPfn);
}

/** Page number with the bit that marks memory as encrypted, private. Kernel: cc_mkenc(). */
export function makeEncrypted(pfn: number, bitPfn: number, vendor: CcVendor): number {
  return vendor === 'amd' ? set(pfn, bitPfn) : clear(pfn, bitPfn);
}

/** Whether a guest page number is marked as shared. */
export function isShared(pfn: number, bitPfn: number, vendor: CcVendor): boolean {
  return hasBit(pfn, bitPfn) === (vendor !== 'amd');
}

function hasBit(pfn: number, bitPfn: number): boolean {
  return Math.floor(pfn / bitPfn) % 2 === 1;
}

function set(pfn: number, bitPfn: number): number {
  return hasBit(pfn, bitPfn) ? pfn : pfn + bitPfn;
}

function clear(pfn: number, bitPfn: number): number {
  return hasBit(pfn, bitPfn) ? pfn - bitPfn : pfn;
}
