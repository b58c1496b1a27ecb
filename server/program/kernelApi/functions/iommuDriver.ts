import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** What IOMMU drivers themselves use: io-pgtable, generic_pt, table pages, IOVA allocator, I/O page faults, invalidation, ATS. */
export const iommuDriverFunctions: readonly FunctionContract[] = relevant([
  fn('alloc_io_pgtable_ops(other, ioPgtable, data)', 'ptr_or_null', 'maySleep', {
    acquires: ['ioPgtable', 'result'],
  }),
  fn('free_io_pgtable_ops(ioPgtable)', 'void', 'maySleep', {
    releases: ['ioPgtable', 'ioPgtable'],
  }),
  fn('pt_iommu_deinit(table)', 'void', 'maySleep', {
    since: '7.2',
    note: 'allowed before and without a successful init; the hardware must not walk the table any more',
  }),
  fn('iommu_alloc_pages_node_sz(other, gfp, size)', 'ptr_or_null', 'gfp', {
    acquires: ['iommuPages', 'result'],
    since: '7.2',
  }),
  fn('iommu_alloc_pages_sz(gfp, size)', 'ptr_or_null', 'gfp', {
    acquires: ['iommuPages', 'result'],
    since: '7.2',
  }),
  ...each(
    'iommu_alloc_page iommu_alloc_page_node iommu_alloc_pages iommu_alloc_pages_node',
    'other',
    'ptr_or_null',
    'gfp',
    {
      acquires: ['iommuPages', 'result'],
      since: '6.12',
      until: '6.12',
    },
  ),
  fn('iommu_free_pages(cpu)', 'void', 'atomic', { releases: ['iommuPages', 'cpu'], since: '7.2' }),
  fn('iommu_free_pages(cpu, other)', 'void', 'atomic', {
    releases: ['iommuPages', 'cpu'],
    since: '6.12',
    until: '6.12',
  }),
  fn('iommu_free_page(cpu)', 'void', 'atomic', { releases: ['iommuPages', 'cpu'] }),
  fn('iommu_put_pages_list(list)', 'void', 'atomic', { note: 'only after the IOTLB was synced' }),
  fn('iommu_pages_list_add(list, cpu)', 'void', 'atomic', {
    releases: ['iommuPages', 'cpu'],
    since: '7.2',
  }),
  fn('iommu_pages_start_incoherent(cpu, dev)', 'errno', 'atomic', { since: '7.2' }),
  fn('alloc_iova(iovaDomain, size, other, other)', 'ptr_or_null', 'atomic', {
    acquires: ['iova', 'result'],
  }),
  fn('alloc_iova_fast(iovaDomain, size, other, other)', 'pfn_or_zero', 'atomic', {
    acquires: ['iova', 'result'],
  }),
  fn('free_iova(iovaDomain, pfn)', 'void', 'atomic', {
    releases: ['iova', 'pfn'],
    note: 'after the unmap and the IOTLB sync',
  }),
  fn('free_iova_fast(iovaDomain, pfn, size)', 'void', 'atomic', { releases: ['iova', 'pfn'] }),
  fn('__free_iova(iovaDomain, iovaObject)', 'void', 'atomic', { releases: ['iova', 'iovaObject'] }),
  fn('reserve_iova(iovaDomain, other, other)', 'ptr_or_null', 'atomic'),
  fn('init_iova_domain(iovaDomain, other, other)', 'void', 'maySleep', {
    acquires: ['iovaDomain', 'iovaDomain'],
  }),
  fn('put_iova_domain(iovaDomain)', 'void', 'maySleep', { releases: ['iovaDomain', 'iovaDomain'] }),
  fn('iopf_queue_alloc(name)', 'ptr_or_null', 'maySleep', {
    acquires: ['iopfQueue', 'result'],
    since: '6.12',
  }),
  fn('iopf_queue_free(iopfQueue)', 'void', 'maySleep', {
    releases: ['iopfQueue', 'iopfQueue'],
    since: '6.12',
  }),
  fn('iopf_queue_add_device(iopfQueue, dev)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iopf_queue_remove_device(iopfQueue, dev)', 'void', 'maySleep', {
    since: '6.12',
    note: 'page requests are disabled and drained before',
  }),
  fn('iopf_queue_flush_dev(dev)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iopf_queue_discard_partial(iopfQueue)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iommu_report_device_fault(dev, iopfFault)', 'errno', 'maySleep'),
  fn('iopf_group_response(iopfGroup, other)', 'void', 'maySleep', {
    since: '6.12',
    note: 'exactly one response per group',
  }),
  fn('iopf_free_group(iopfGroup)', 'void', 'maySleep', { since: '6.12' }),
  fn('iommu_dirty_bitmap_init(other, other, gather)', 'void', 'atomic', {
    effect: { does: 'gather', step: 'init', argument: 2 },
    since: '6.12',
  }),
  fn('iommu_dirty_bitmap_record(other, iova, size)', 'void', 'atomic', { since: '6.12' }),
  fn('iommu_device_register(iommu, other, dev)', 'errno', 'maySleep', {
    note: 'the last step of an IOMMU probe',
  }),
  fn('iommu_device_unregister(iommu)', 'void', 'maySleep'),
  fn('iommu_device_sysfs_add(iommu, dev, other, name)', 'errno', 'maySleep'),
  fn('iommu_device_sysfs_remove(iommu)', 'void', 'maySleep'),
  fn('iommu_device_link(iommu, dev)', 'errno', 'maySleep'),
  fn('iommu_device_unlink(iommu, dev)', 'void', 'maySleep'),
  fn('iommu_fwspec_init(dev, other)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iommu_fwspec_init(dev, other, other)', 'errno', 'maySleep', { until: '6.1' }),
  fn('iommu_fwspec_add_ids(dev, other, other)', 'errno', 'maySleep'),
  fn('dev_iommu_priv_set(dev, data)', 'void', 'maySleep', {
    effect: { does: 'publish', argument: 1 },
  }),
  fn('qi_flush_iotlb(iommu, other, other, other, other)', 'void', 'atomic'),
  fn('qi_flush_dev_iotlb(iommu, other, other, other, other, mask)', 'void', 'atomic'),
  fn('qi_submit_sync(iommu, other, other, other)', 'errno', 'atomic'),
  fn('qi_flush_piotlb_all(iommu, other, pasid)', 'void', 'atomic', { since: '7.2' }),
  fn('cache_tag_flush_range(other, other, other, other)', 'void', 'atomic', { since: '6.12' }),
  fn('cache_tag_flush_all(other)', 'void', 'atomic', { since: '6.12' }),
  fn('cache_tag_flush_range_np(other, other, other)', 'void', 'atomic', { since: '6.12' }),
  fn('arm_smmu_write_entry(iommu, other, other)', 'void', 'atomic', { since: '6.12' }),
  fn('arm_smmu_make_abort_ste(iommu)', 'void', 'atomic', { since: '6.12' }),
  fn('amd_iommu_update_dte(iommu, other, other)', 'void', 'atomic', { since: '7.2' }),
  fn('intel_pasid_tear_down_entry(iommu, dev, pasid, other)', 'void', 'maySleep'),
  fn('pci_enable_ats(dev, other)', 'errno', 'maySleep', {
    note: 'after the IOMMU entry allows ATS',
  }),
  fn('pci_disable_ats(dev)', 'void', 'maySleep', { note: 'before the IOMMU entry drops ATS' }),
  fn('pci_prepare_ats(dev, other)', 'errno', 'maySleep', { since: '6.12' }),
  fn('pci_enable_pasid(dev, other)', 'errno', 'maySleep', { note: 'before pci_enable_ats()' }),
  fn('pci_disable_pasid(dev)', 'void', 'maySleep'),
  fn('pci_enable_pri(dev, other)', 'errno', 'maySleep'),
  fn('pci_disable_pri(dev)', 'void', 'maySleep'),
]);
