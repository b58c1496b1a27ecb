import { decodeAddress } from '../../hw/amd/commands.ts';
import type { EffectOf, Whose } from './effect.ts';

/*
 * Source: AMD IOMMU Specification 48882, "Commands": what each command promises.
 * Kernel: drivers/iommu/amd/iommu.c:build_inv_iommu_pages(), build_inv_iotlb_pages(), build_inv_dte(), build_inv_all().
 */

/** What a command of the command buffer does. */
export const amdEffect: EffectOf = ({ name, values }) => {
  const { device: requester = 0, page = 0, s = 0, pde = 0 } = values;
  const all = { kind: 'invalidates', range: undefined, nonLeaf: true, whose: 'all' } as const;
  switch (name) {
    case 'COMPLETION_WAIT':
      return { kind: 'waits' };
    case 'INVALIDATE_DEVTAB_ENTRY':
      return { ...all, target: 'context', whose: { requester } };
    case 'INVALIDATE_IOMMU_PAGES':
      return { ...all, target: 'iotlb', whose: domainOf(values), range: decodeAddress(page, s), nonLeaf: pde === 1 }; // prettier-ignore
    case 'INVALIDATE_IOTLB_PAGES':
      return { ...all, target: 'atc', whose: { requester }, range: decodeAddress(page, s) };
    case 'INVALIDATE_IOMMU_ALL':
      return { ...all, target: 'iommu' };
    default:
      return { kind: 'other' };
  }
};

/** With GN the translations of guests are meant, else those of the host; all pages of a domain are those of both. */
function domainOf({
  domain: id = 0,
  gn = 0,
  page = 0,
  s = 0,
}: Readonly<Record<string, number>>): Whose {
  // prettier-ignore
  if (gn === 1) return { id, stage: 'first' };
  return decodeAddress(page, s) === undefined ? { id } : { id, stage: 'second' };
}
