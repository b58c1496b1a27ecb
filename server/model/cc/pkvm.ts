/*
 * pKVM: which world owns a page, and the tables that follow.
 * Source: seed 001; Documentation/virt/kvm/arm/pkvm.rst; arch/arm64/kvm/hyp/nvhe/mem_protect.c.
 */

/** Owner of a page under pKVM. */
export type PkvmOwner = 'host' | 'hyp' | 'ffa' | { readonly vm: number };

/** Ownership of pages; the host's by default. */
export interface PkvmPages {
  readonly owners: Map<number, PkvmOwner>;
}

/** Owner of a page. */
export function ownerOf(pages: PkvmPages, pfn: number): PkvmOwner {
  return pages.owners.get(pfn) ?? 'host';
}

/** Gives a page of the host away. Fails when it is not the host's. Kernel: __pkvm_host_donate_hyp() and relatives. */
export function donate(
  pages: PkvmPages,
  pfn: number,
  to: Exclude<PkvmOwner, 'host'>,
): 'ok' | 'eperm' {
  if (ownerOf(pages, pfn) !== 'host') return 'eperm';
  pages.owners.set(pfn, to);
  return 'ok';
}

/** Gives a page back to the host. */
export function reclaim(pages: PkvmPages, pfn: number): void {
  pages.owners.delete(pfn);
}

/** What is known of a system in which the SMMU is to use the CPU's stage 2 of the host. */
export interface SharingProfile {
  readonly sameFormat: boolean;
  readonly sameGranule: boolean;
  readonly sameEndianness: boolean;
  /** Break-before-make level of the CPU that never raises a TLB conflict abort (BBML3, or on the kernel's list). */
  readonly cpuBbmNoAbort: boolean;
  /** Break-before-make level of the SMMU. Range: 0 to 2. */
  readonly smmuBbml: number;
  /** Devices stall on faults and somebody answers them. */
  readonly stall: boolean;
  /** All pages of the stage 2 are present while devices are attached. */
  readonly pinned: boolean;
  readonly coherent: boolean;
  /** CPU TLB invalidations reach the SMMU (BTM, DVM). */
  readonly broadcast: boolean;
}

/**
 * The conditions that are not met; sharing is refused while there is one.
 * The list is the one of seed 001, whose author says that it is not complete.
 */
export function unmetConditions(profile: SharingProfile): readonly string[] {
  const unmet: string[] = [];
  if (!profile.sameFormat) unmet.push('CPU and SMMU use different page-table formats');
  if (!profile.sameGranule) unmet.push('CPU and SMMU use different granules');
  if (!profile.sameEndianness) unmet.push('CPU and SMMU use different byte orders');
  if (!profile.cpuBbmNoAbort) {
    unmet.push(
      'the CPU can raise TLB conflict aborts on a change without break, which the hypervisor cannot handle',
    );
  }
  if (profile.smmuBbml < 2)
    unmet.push(
      `the SMMU has BBML ${profile.smmuBbml}: it needs a break before each change of size`,
    );
  if (!profile.stall && !profile.pinned)
    unmet.push('devices neither stall on faults nor are the pages of stage 2 pinned');
  if (!profile.coherent) unmet.push('the SMMU does not walk coherently');
  if (!profile.broadcast) unmet.push('CPU TLB invalidations do not reach the SMMU (no BTM)');
  return unmet;
}
