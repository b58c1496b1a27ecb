/*
 * Granule protection of Arm CCA: the physical address space that each granule belongs to.
 * Source: Arm Architecture Reference Manual (DDI 0487), "Realm Management Extension, Granule Protection Checks";
 * SMMU for RME (IHI 0094). TF-RMM lib/smmuv3 for what a realm's stream table entry needs.
 */

/** Physical address space of a granule. */
export type Pas = 'ns' | 'secure' | 'realm' | 'root' | 'any' | 'none';

/** The table: granules that are not in the normal world, by page number. */
export interface Gpt {
  readonly granules: Map<number, Pas>;
}

/** Physical address space of a page; the normal world by default. */
export function pasOf(gpt: Gpt, pfn: number): Pas {
  return gpt.granules.get(pfn) ?? 'ns';
}

/** Whether an access from a physical address space may use a granule of another. */
export function granuleCheck(gpt: Gpt, pfn: number, from: 'ns' | 'realm'): 'pass' | 'fault' {
  const pas = pasOf(gpt, pfn);
  if (pas === 'any') return 'pass';
  if (pas === 'none') return 'fault';
  // Realm accesses may use memory of the normal world, not the other way round.
  return pas === from || (from === 'realm' && pas === 'ns') ? 'pass' : 'fault';
}

/** Gives a granule of the normal world to the realms. Fails for any other. RMM: RMI_GRANULE_DELEGATE. */
export function delegate(gpt: Gpt, pfn: number): 'ok' | 'error' {
  if (pasOf(gpt, pfn) !== 'ns') return 'error';
  gpt.granules.set(pfn, 'realm');
  return 'ok';
}

/** Takes a granule back. Fails for any that is not with the realms. RMM: RMI_GRANULE_UNDELEGATE. */
export function undelegate(gpt: Gpt, pfn: number): 'ok' | 'error' {
  if (pasOf(gpt, pfn) !== 'realm') return 'error';
  gpt.granules.delete(pfn);
  return 'ok';
}
