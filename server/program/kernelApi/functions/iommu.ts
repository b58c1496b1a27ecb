import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** Domains, mappings and attachments: include/linux/iommu.h. */
export const iommuFunctions: readonly FunctionContract[] = relevant([
  fn('iommu_map(domain, iova, paddr, size, prot, gfp)', 'errno', 'gfp', {
    acquires: ['iommuMapping', 'iova'],
    since: '6.12',
    note: 'maps all or nothing; fails on overlap, never replaces',
  }),
  fn('iommu_map(domain, iova, paddr, size, prot)', 'errno', 'maySleep', {
    acquires: ['iommuMapping', 'iova'],
    until: '6.1',
    note: 'allocates with GFP_KERNEL inside',
  }),
  fn('iommu_map_atomic(domain, iova, paddr, size, prot)', 'errno', 'atomic', {
    acquires: ['iommuMapping', 'iova'],
    until: '6.1',
  }),
  fn('iommu_map_nosync(domain, iova, paddr, size, prot, gfp)', 'errno', 'gfp', {
    acquires: ['iommuMapping', 'iova'],
    since: '7.2',
    note: 'the caller owes iommu_sync_map() over the whole range',
  }),
  fn('iommu_sync_map(domain, iova, size)', 'errno', 'atomic', {
    since: '7.2',
    note: 'a failure leaves the mapping in place; the caller must unmap it',
  }),
  fn('iommu_map_sg(domain, iova, sg, nents, prot, gfp)', 'length_or_errno', 'gfp', {
    acquires: ['iommuMapping', 'iova'],
    since: '6.12',
    note: 'may map fewer bytes than the list holds: segments with bus addresses are skipped',
  }),
  fn('iommu_map_sg(domain, iova, sg, nents, prot)', 'length_or_errno', 'maySleep', {
    acquires: ['iommuMapping', 'iova'],
    until: '6.1',
  }),
  fn('iommu_map_sg_atomic(domain, iova, sg, nents, prot)', 'length_or_errno', 'atomic', {
    acquires: ['iommuMapping', 'iova'],
    until: '6.1',
  }),
  fn('iommu_map_sgtable(domain, iova, sgtable, prot)', 'length_or_errno', 'maySleep', {
    acquires: ['iommuMapping', 'iova'],
    note: 'allocates with GFP_KERNEL inside; walks orig_nents entries',
  }),
  fn('iommu_unmap(domain, iova, size)', 'length', 'atomic', {
    releases: ['iommuMapping', 'iova'],
    note: 'returns the bytes that were unmapped, more or fewer than asked; cannot split a mapping',
  }),
  fn('iommu_unmap_fast(domain, iova, size, gather)', 'length', 'atomic', {
    effect: { does: 'gather', step: 'collect', argument: 3 },
    releases: ['iommuMapping', 'iova'],
    note: 'the IOTLB is not flushed before iommu_iotlb_sync()',
  }),
  fn('iommu_iotlb_gather_init(gather)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'init', argument: 0 },
  }),
  fn('iommu_iotlb_sync(domain, gather)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'sync', argument: 1 },
    note: 'frees what the gather collected and initialises it again',
  }),
  fn('iommu_flush_iotlb_all(domain)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'sync', argument: undefined },
  }),
  fn('iommu_iotlb_gather_add_page(domain, gather, iova, size)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'collect', argument: 1 },
  }),
  fn('iommu_iotlb_gather_add_range(gather, iova, size)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'collect', argument: 0 },
  }),
  fn('iommu_iotlb_gather_is_disjoint(gather, iova, size)', 'bool', 'atomic'),
  fn('iommu_iotlb_gather_queued(gather)', 'bool', 'atomic'),
  fn('iommu_iova_to_phys(domain, iova)', 'paddr_or_zero', 'atomic', {
    value: { is: 'reading' },
    note: '0 says that there is no translation, and can be a legal address',
  }),
  fn('iommu_paging_domain_alloc(dev)', 'err_ptr', 'maySleep', {
    acquires: ['iommuDomain', 'result'],
    since: '6.12',
  }),
  fn('iommu_paging_domain_alloc_flags(dev, flags)', 'err_ptr', 'maySleep', {
    acquires: ['iommuDomain', 'result'],
    since: '7.2',
  }),
  fn('iommu_domain_alloc(other)', 'ptr_or_null', 'maySleep', {
    acquires: ['iommuDomain', 'result'],
    until: '6.12',
    note: 'takes the bus type; replaced by iommu_paging_domain_alloc()',
  }),
  fn('iommu_domain_free(domain)', 'void', 'maySleep', {
    releases: ['iommuDomain', 'domain'],
    note: 'nothing may be attached or mapped any more',
  }),
  fn('iommu_attach_device(domain, dev)', 'errno', 'maySleep', {
    acquires: ['iommuAttach', 'domain', 'dev'],
  }),
  fn('iommu_detach_device(domain, dev)', 'void', 'maySleep', {
    releases: ['iommuAttach', 'domain', 'dev'],
  }),
  fn('iommu_attach_group(domain, group)', 'errno', 'maySleep', {
    acquires: ['iommuGroupAttach', 'domain', 'group'],
  }),
  fn('iommu_detach_group(domain, group)', 'void', 'maySleep', {
    releases: ['iommuGroupAttach', 'domain', 'group'],
  }),
  fn('iommu_attach_device_pasid(domain, dev, pasid, handle)', 'errno', 'maySleep', {
    acquires: ['iommuPasidAttach', 'domain', 'pasid'],
    since: '6.12',
  }),
  fn('iommu_detach_device_pasid(domain, dev, pasid)', 'void', 'maySleep', {
    releases: ['iommuPasidAttach', 'domain', 'pasid'],
    since: '6.12',
  }),
  fn('iommu_replace_device_pasid(domain, dev, pasid, handle)', 'errno', 'maySleep', {
    since: '7.2',
  }),
  fn('iommu_attach_group_handle(domain, group, handle)', 'errno', 'maySleep', {
    acquires: ['iommuGroupAttach', 'domain', 'group'],
    since: '6.12',
  }),
  fn('iommu_detach_group_handle(domain, group)', 'void', 'maySleep', {
    releases: ['iommuGroupAttach', 'domain', 'group'],
    since: '6.12',
  }),
  fn('iommu_replace_group_handle(group, domain, handle)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iommu_alloc_global_pasid(dev)', 'id_or_invalid', 'maySleep', {
    acquires: ['iommuPasid', 'result'],
    since: '6.12',
    note: 'IOMMU_PASID_INVALID tells failure',
  }),
  fn('iommu_free_global_pasid(pasid)', 'void', 'maySleep', {
    releases: ['iommuPasid', 'pasid'],
    since: '6.12',
  }),
  fn('iommu_get_domain_for_dev(dev)', 'ptr_or_null', 'maySleep', {
    value: { is: 'opaque' },
    note: 'borrowed: no reference is taken',
  }),
  fn('iommu_driver_get_domain_for_dev(dev)', 'ptr', 'maySleep', {
    value: { is: 'opaque' },
    since: '7.2',
  }),
  fn('iommu_get_dma_domain(dev)', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  fn('iommu_group_get(dev)', 'ptr_or_null', 'maySleep', { acquires: ['iommuGroupRef', 'result'] }),
  fn('iommu_group_ref_get(group)', 'ptr', 'maySleep', { acquires: ['iommuGroupRef', 'result'] }),
  fn('iommu_group_put(group)', 'void', 'maySleep', { releases: ['iommuGroupRef', 'group'] }),
  fn('iommu_group_claim_dma_owner(group, other)', 'errno', 'maySleep', {
    acquires: ['iommuOwner', 'group'],
  }),
  fn('iommu_group_release_dma_owner(group)', 'void', 'maySleep', {
    releases: ['iommuOwner', 'group'],
  }),
  fn('iommu_device_claim_dma_owner(dev, other)', 'errno', 'maySleep', {
    acquires: ['iommuOwner', 'dev'],
    since: '6.12',
  }),
  fn('iommu_device_release_dma_owner(dev)', 'void', 'maySleep', {
    releases: ['iommuOwner', 'dev'],
    since: '6.12',
  }),
  fn('iommu_device_use_default_domain(dev)', 'errno', 'maySleep'),
  fn('iommu_device_unuse_default_domain(dev)', 'void', 'maySleep'),
  fn('iommu_set_fault_handler(domain, handler, data)', 'void', 'atomic', {
    note: 'not for domains of the DMA API',
  }),
  fn('report_iommu_fault(domain, dev, iova, flags)', 'errno', 'atomic'),
  fn('iommu_set_pgtable_quirks(domain, other)', 'errno', 'maySleep'),
  fn('iommu_get_resv_regions(dev, list)', 'void', 'maySleep'),
  fn('iommu_put_resv_regions(dev, list)', 'void', 'maySleep'),
  fn('iommu_get_group_resv_regions(group, list)', 'errno', 'maySleep', {
    note: 'the caller frees the entries of the list',
  }),
  fn('iommu_alloc_resv_region(paddr, size, prot, other, gfp)', 'ptr_or_null', 'gfp'),
  fn('iommu_get_msi_cookie(domain, iova)', 'errno', 'maySleep'),
  fn('iommu_dma_prepare_msi(other, paddr)', 'errno', 'maySleep'),
  fn('iommu_sva_bind_device(dev, mm)', 'err_ptr', 'maySleep', {
    acquires: ['sva', 'result'],
    since: '6.12',
  }),
  fn('iommu_sva_bind_device(dev, mm, data)', 'err_ptr', 'maySleep', {
    acquires: ['sva', 'result'],
    until: '6.1',
  }),
  fn('iommu_sva_unbind_device(handle)', 'void', 'maySleep', {
    releases: ['sva', 'handle'],
    note: 'DMA with the PASID must have stopped',
  }),
  fn('iommu_sva_get_pasid(handle)', 'id_or_invalid', 'maySleep'),
  fn('iommu_sva_invalidate_kva_range(other, other)', 'void', 'maySleep', { since: '7.2' }),
  fn('iommu_enable_nesting(domain)', 'errno', 'maySleep', { until: '6.12' }),
  fn('iommu_dev_enable_feature(dev, other)', 'errno', 'maySleep', { until: '6.12' }),
  fn('iommu_dev_disable_feature(dev, other)', 'errno', 'maySleep', { until: '6.12' }),
  fn('iommu_present(other)', 'bool', 'maySleep', { until: '6.12' }),
  fn('device_iommu_capable(dev, other)', 'bool', 'maySleep', { value: { is: 'opaque' } }),
  fn('iommu_default_passthrough()', 'bool', 'maySleep', { value: { is: 'opaque' } }),
  fn('iommu_page_response(dev, other)', 'errno', 'maySleep', { until: '6.1' }),
  fn('iommu_register_device_fault_handler(dev, handler, data)', 'errno', 'maySleep', {
    until: '6.1',
  }),
  fn('iommu_attach_handle_get(group, pasid, other)', 'err_ptr', 'maySleep', { since: '6.12' }),
  fn('pci_dev_reset_iommu_prepare(dev)', 'errno', 'maySleep', { since: '7.2' }),
  fn('pci_dev_reset_iommu_done(dev)', 'void', 'maySleep', { since: '7.2' }),
  ...each('iommu_group_id', 'group', 'id', 'maySleep', { value: { is: 'opaque' } }),
  ...each('iommu_group_has_isolated_msi', 'group', 'bool', 'maySleep', { value: { is: 'opaque' } }),
  ...each('iommu_group_default_domain', 'group', 'ptr_or_null', 'maySleep', {
    value: { is: 'opaque' },
  }),
  ...each('device_iommu_mapped iommu_get_domain_geometry', 'dev', 'bool', 'atomic', {
    value: { is: 'opaque' },
  }),
]);
