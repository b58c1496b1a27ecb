/*
 * What a driver on generic_pt has to look like: the layout of its domain, and the ops it fills in.
 * Source: include/linux/generic_pt/iommu.h, PT_IOMMU_CHECK_DOMAIN and IOMMU_PT_DOMAIN_OPS; seed 004.
 */

/** Offsets within a driver's domain struct. Unit: bytes. */
export interface DomainLayout {
  /** `domain` of the pt_iommu member. */
  readonly ptDomain: number;
  /** The driver's own `domain`. */
  readonly domain: number;
}

/** What PT_IOMMU_CHECK_DOMAIN says: both have to be the same memory. Undefined: the build passes. */
export function layoutProblem({ ptDomain, domain }: DomainLayout): string | undefined {
  return ptDomain === domain
    ? undefined
    : `build assert: pt_iommu.domain is at ${ptDomain}, domain at ${domain}`;
}

/** Ops that IOMMU_PT_DOMAIN_OPS and the driver together have to give. */
const NEEDED: readonly string[] = ['iova_to_phys', 'attach_dev', 'free'];
/** Ops that the core takes from pt_iommu.ops, so that those of the domain are never called. Kernel: iommu.c:iommu_map(). */
const FROM_PT: ReadonlySet<string> = new Set(['map_pages', 'unmap_pages']);

/** What is wrong with the domain ops of a driver on generic_pt. */
export function opsProblems(ops: readonly string[]): readonly string[] {
  return [
    ...NEEDED.filter((name) => !ops.includes(name)).map((name) => `${name} is missing`),
    ...ops.filter((name) => FROM_PT.has(name)).map((name) => `${name} is dead code`),
  ];
}
