import type { OperationContract } from './contract.ts';
import { operation } from './define.ts';

/**
 * Operations that the IOMMU, DMA, dma-buf, VFIO and iommufd cores call: arguments by role, and the context they are called in.
 * `atomic` means that the core may call it under a spinlock or with interrupts off.
 */
// prettier-ignore
export const operations: readonly OperationContract[] = [
  // struct iommu_ops
  operation('iommu_ops.capable(dev, other)', 'maySleep'),
  operation('iommu_ops.domain_alloc(other)', 'maySleep'),
  operation('iommu_ops.probe_device(dev)', 'maySleep'),
  operation('iommu_ops.release_device(dev)', 'maySleep'),
  operation('iommu_ops.probe_finalize(dev)', 'maySleep'),
  operation('iommu_ops.device_group(dev)', 'maySleep'),
  operation('iommu_ops.get_resv_regions(dev, list)', 'maySleep'),
  operation('iommu_ops.of_xlate(dev, other)', 'maySleep'),
  operation('iommu_ops.is_attach_deferred(dev)', 'maySleep'),
  operation('iommu_ops.dev_enable_feat(dev, other)', 'maySleep', { until: '6.12' }),
  operation('iommu_ops.dev_disable_feat(dev, other)', 'maySleep', { until: '6.12' }),
  operation('iommu_ops.sva_bind(dev, mm, other)', 'maySleep', { until: '6.1' }),
  operation('iommu_ops.sva_unbind(handle)', 'maySleep', { until: '6.1' }),
  operation('iommu_ops.sva_get_pasid(handle)', 'maySleep', { until: '6.1' }),
  operation('iommu_ops.page_response(dev, iopfFault, other)', 'maySleep'),
  operation('iommu_ops.def_domain_type(dev)', 'maySleep'),
  operation('iommu_ops.hw_info(dev, size, other)', 'maySleep', { since: '6.12' }),
  operation('iommu_ops.domain_alloc_user(dev, flags, domain, other)', 'maySleep', { since: '6.12', until: '6.12' }),
  operation('iommu_ops.domain_alloc_paging(dev)', 'maySleep', { since: '6.12' }),
  operation('iommu_ops.domain_alloc_sva(dev, mm)', 'maySleep', { since: '6.12' }),
  operation('iommu_ops.remove_dev_pasid(dev, pasid, domain)', 'maySleep', { since: '6.12', until: '6.12' }),
  operation('iommu_ops.domain_alloc_identity(dev)', 'maySleep', { since: '7.2' }),
  operation('iommu_ops.domain_alloc_paging_flags(dev, flags, other)', 'maySleep', { since: '7.2' }),
  operation('iommu_ops.domain_alloc_nested(dev, domain, flags, other)', 'maySleep', { since: '7.2' }),
  operation('iommu_ops.get_viommu_size(dev, other)', 'maySleep', { since: '7.2' }),
  operation('iommu_ops.viommu_init(other, domain, other)', 'maySleep', { since: '7.2' }),

  // struct iommu_domain_ops
  operation('iommu_domain_ops.attach_dev(domain, dev, domain)', 'maySleep', { since: '7.2' }),
  operation('iommu_domain_ops.attach_dev(domain, dev)', 'maySleep', { until: '6.12' }),
  operation('iommu_domain_ops.detach_dev(domain, dev)', 'maySleep', { until: '6.1' }),
  operation('iommu_domain_ops.map(domain, iova, paddr, size, prot, gfp)', 'maySleep', { until: '6.1' }),
  operation('iommu_domain_ops.map_pages(domain, iova, paddr, pgsize, pgcount, prot, gfp, mappedOut)', 'atomic'),
  operation('iommu_domain_ops.unmap(domain, iova, size, gather)', 'maySleep', { until: '6.1' }),
  operation('iommu_domain_ops.unmap_pages(domain, iova, pgsize, pgcount, gather)', 'atomic'),
  operation('iommu_domain_ops.flush_iotlb_all(domain)', 'atomic'),
  operation('iommu_domain_ops.iotlb_sync_map(domain, iova, size)', 'atomic'),
  operation('iommu_domain_ops.iotlb_sync(domain, gather)', 'atomic'),
  operation('iommu_domain_ops.iova_to_phys(domain, iova)', 'atomic'),
  operation('iommu_domain_ops.enforce_cache_coherency(domain)', 'maySleep'),
  operation('iommu_domain_ops.enable_nesting(domain)', 'maySleep', { until: '6.12' }),
  operation('iommu_domain_ops.set_pgtable_quirks(domain, other)', 'maySleep'),
  operation('iommu_domain_ops.free(domain)', 'maySleep'),
  operation('iommu_domain_ops.set_dev_pasid(domain, dev, pasid, domain)', 'maySleep', { since: '6.12' }),
  operation('iommu_domain_ops.cache_invalidate_user(domain, other)', 'maySleep', { since: '6.12' }),

  // struct iommu_dirty_ops
  operation('iommu_dirty_ops.set_dirty_tracking(domain, other)', 'maySleep', { since: '6.12' }),
  operation('iommu_dirty_ops.read_and_clear_dirty(domain, iova, size, flags, other)', 'maySleep', { since: '6.12' }),

  // struct pt_iommu_driver_ops
  operation('pt_iommu_driver_ops.change_top(table, paddr, other)', 'atomic', { since: '7.2' }),
  operation('pt_iommu_driver_ops.get_top_lock(table)', 'atomic', { since: '7.2' }),

  // struct pt_iommu_ops
  operation('pt_iommu_ops.map_range(table, iova, paddr, size, prot, gfp, mappedOut)', 'maySleep', { since: '7.2' }),
  operation('pt_iommu_ops.unmap_range(table, iova, size, gather)', 'maySleep', { since: '7.2' }),
  operation('pt_iommu_ops.set_dirty(table, iova)', 'maySleep', { since: '7.2' }),
  operation('pt_iommu_ops.get_info(table, table)', 'maySleep', { since: '7.2' }),
  operation('pt_iommu_ops.deinit(table)', 'maySleep', { since: '7.2' }),

  // struct io_pgtable_ops
  operation('io_pgtable_ops.map(ioPgtable, iova, paddr, size, prot, gfp)', 'maySleep', { until: '6.1' }),
  operation('io_pgtable_ops.map_pages(ioPgtable, iova, paddr, pgsize, pgcount, prot, gfp, mappedOut)', 'atomic'),
  operation('io_pgtable_ops.unmap(ioPgtable, iova, size, gather)', 'maySleep', { until: '6.1' }),
  operation('io_pgtable_ops.unmap_pages(ioPgtable, iova, pgsize, pgcount, gather)', 'atomic'),
  operation('io_pgtable_ops.iova_to_phys(ioPgtable, iova)', 'atomic'),
  operation('io_pgtable_ops.read_and_clear_dirty(ioPgtable, iova, size, flags, other)', 'maySleep', { since: '6.12' }),
  operation('io_pgtable_ops.pgtable_walk(ioPgtable, iova, other)', 'maySleep', { since: '7.2' }),

  // struct iommu_flush_ops
  operation('iommu_flush_ops.tlb_flush_all(other)', 'atomic'),
  operation('iommu_flush_ops.tlb_flush_walk(iova, size, other, other)', 'atomic'),
  operation('iommu_flush_ops.tlb_add_page(gather, iova, other, other)', 'atomic'),

  // struct dma_map_ops
  operation('dma_map_ops.alloc(dev, size, dmaOut, gfp, attrs)', 'maySleep'),
  operation('dma_map_ops.free(dev, size, cpu, dma, attrs)', 'maySleep'),
  operation('dma_map_ops.alloc_pages(dev, size, dmaOut, dir, gfp)', 'maySleep', { until: '6.1' }),
  operation('dma_map_ops.free_pages(dev, size, page, dma, dir)', 'maySleep'),
  operation('dma_map_ops.alloc_noncontiguous(dev, size, dir, gfp, attrs)', 'maySleep', { until: '6.1' }),
  operation('dma_map_ops.free_noncontiguous(dev, size, sgtable, dir)', 'maySleep', { until: '6.1' }),
  operation('dma_map_ops.mmap(dev, vma, cpu, dma, size, attrs)', 'maySleep'),
  operation('dma_map_ops.get_sgtable(dev, sgtable, cpu, dma, size, attrs)', 'maySleep'),
  operation('dma_map_ops.map_page(dev, page, offset, size, dir, attrs)', 'maySleep', { until: '6.12' }),
  operation('dma_map_ops.unmap_page(dev, dma, size, dir, attrs)', 'maySleep', { until: '6.12' }),
  operation('dma_map_ops.map_sg(dev, sg, nents, dir, attrs)', 'maySleep'),
  operation('dma_map_ops.unmap_sg(dev, sg, nents, dir, attrs)', 'maySleep'),
  operation('dma_map_ops.map_resource(dev, paddr, size, dir, attrs)', 'maySleep', { until: '6.12' }),
  operation('dma_map_ops.unmap_resource(dev, dma, size, dir, attrs)', 'maySleep', { until: '6.12' }),
  operation('dma_map_ops.sync_single_for_cpu(dev, dma, size, dir)', 'maySleep'),
  operation('dma_map_ops.sync_single_for_device(dev, dma, size, dir)', 'maySleep'),
  operation('dma_map_ops.sync_sg_for_cpu(dev, sg, nents, dir)', 'maySleep'),
  operation('dma_map_ops.sync_sg_for_device(dev, sg, nents, dir)', 'maySleep'),
  operation('dma_map_ops.cache_sync(dev, cpu, size, dir)', 'maySleep'),
  operation('dma_map_ops.dma_supported(dev, mask)', 'maySleep'),
  operation('dma_map_ops.get_required_mask(dev)', 'maySleep'),
  operation('dma_map_ops.max_mapping_size(dev)', 'maySleep'),
  operation('dma_map_ops.opt_mapping_size()', 'maySleep'),
  operation('dma_map_ops.get_merge_boundary(dev)', 'maySleep'),
  operation('dma_map_ops.alloc_pages_op(dev, size, dmaOut, dir, gfp)', 'maySleep', { since: '6.12' }),
  operation('dma_map_ops.map_phys(dev, paddr, size, dir, attrs)', 'maySleep', { since: '7.2' }),
  operation('dma_map_ops.unmap_phys(dev, dma, size, dir, attrs)', 'maySleep', { since: '7.2' }),

  // struct dma_buf_attach_ops
  operation('dma_buf_attach_ops.move_notify(attachment)', 'maySleep', { until: '6.12' }),
  operation('dma_buf_attach_ops.invalidate_mappings(attachment)', 'maySleep', { since: '7.2' }),

  // struct dma_buf_ops
  operation('dma_buf_ops.attach(dmabuf, attachment)', 'maySleep'),
  operation('dma_buf_ops.detach(dmabuf, attachment)', 'maySleep'),
  operation('dma_buf_ops.pin(attachment)', 'maySleep'),
  operation('dma_buf_ops.unpin(attachment)', 'maySleep'),
  operation('dma_buf_ops.map_dma_buf(attachment, dir)', 'maySleep'),
  operation('dma_buf_ops.unmap_dma_buf(attachment, sgtable, dir)', 'maySleep'),
  operation('dma_buf_ops.release(dmabuf)', 'maySleep'),
  operation('dma_buf_ops.begin_cpu_access(dmabuf, dir)', 'maySleep'),
  operation('dma_buf_ops.end_cpu_access(dmabuf, dir)', 'maySleep'),
  operation('dma_buf_ops.mmap(dmabuf, vma)', 'maySleep'),
  operation('dma_buf_ops.vmap(dmabuf, other)', 'maySleep'),
  operation('dma_buf_ops.vunmap(dmabuf, other)', 'maySleep'),

  // struct vfio_device_ops
  operation('vfio_device_ops.init(vfioDevice)', 'maySleep'),
  operation('vfio_device_ops.release(vfioDevice)', 'maySleep'),
  operation('vfio_device_ops.open_device(vfioDevice)', 'maySleep'),
  operation('vfio_device_ops.close_device(vfioDevice)', 'maySleep'),
  operation('vfio_device_ops.read(vfioDevice, other, other, other)', 'maySleep'),
  operation('vfio_device_ops.write(vfioDevice, other, other, size)', 'maySleep'),
  operation('vfio_device_ops.ioctl(vfioDevice, other, other)', 'maySleep'),
  operation('vfio_device_ops.mmap(vfioDevice, vma)', 'maySleep'),
  operation('vfio_device_ops.request(vfioDevice, other)', 'maySleep'),
  operation('vfio_device_ops.match(vfioDevice, other)', 'maySleep'),
  operation('vfio_device_ops.dma_unmap(vfioDevice, iova, size)', 'maySleep'),
  operation('vfio_device_ops.device_feature(vfioDevice, flags, other, other)', 'maySleep'),
  operation('vfio_device_ops.bind_iommufd(vfioDevice, iommufd, other)', 'maySleep', { since: '6.12' }),
  operation('vfio_device_ops.unbind_iommufd(vfioDevice)', 'maySleep', { since: '6.12' }),
  operation('vfio_device_ops.attach_ioas(vfioDevice, other)', 'maySleep', { since: '6.12' }),
  operation('vfio_device_ops.detach_ioas(vfioDevice)', 'maySleep', { since: '6.12' }),
  operation('vfio_device_ops.pasid_attach_ioas(vfioDevice, pasid, other)', 'maySleep', { since: '7.2' }),
  operation('vfio_device_ops.pasid_detach_ioas(vfioDevice, pasid)', 'maySleep', { since: '7.2' }),
  operation('vfio_device_ops.get_region_info_caps(vfioDevice, other, other)', 'maySleep', { since: '7.2' }),
  operation('vfio_device_ops.match_token_uuid(vfioDevice, other)', 'maySleep', { since: '7.2' }),

  // struct iommufd_viommu_ops
  operation('iommufd_viommu_ops.destroy(other)', 'maySleep', { since: '7.2' }),
  operation('iommufd_viommu_ops.alloc_domain_nested(other, flags, other)', 'maySleep', { since: '7.2' }),
  operation('iommufd_viommu_ops.cache_invalidate(other, other)', 'maySleep', { since: '7.2' }),
  operation('iommufd_viommu_ops.vdevice_init(other)', 'maySleep', { since: '7.2' }),
  operation('iommufd_viommu_ops.get_hw_queue_size(other, other)', 'maySleep', { since: '7.2' }),
  operation('iommufd_viommu_ops.hw_queue_init_phys(other, other, paddr)', 'maySleep', { since: '7.2' }),

  // struct iommufd_access_ops
  operation('iommufd_access_ops.unmap(data, iova, size)', 'maySleep', { since: '6.12' }),

  // Life of a driver's device.
  operation('platform_driver.probe(dev)', 'maySleep', { cleansUpItself: true }),
  operation('platform_driver.remove(dev)', 'maySleep'),
  operation('platform_driver.shutdown(dev)', 'maySleep'),
  operation('pci_driver.probe(dev, other)', 'maySleep', { cleansUpItself: true }),
  operation('pci_driver.remove(dev)', 'maySleep'),
  operation('pci_driver.shutdown(dev)', 'maySleep'),
  operation('spi_driver.probe(dev)', 'maySleep', { cleansUpItself: true }),
  operation('spi_driver.remove(dev)', 'maySleep'),
  operation('i2c_driver.probe(dev)', 'maySleep', { cleansUpItself: true }),
  operation('i2c_driver.remove(dev)', 'maySleep'),
  operation('virtio_driver.probe(dev)', 'maySleep', { cleansUpItself: true }),
  operation('virtio_driver.remove(dev)', 'maySleep'),
  operation('auxiliary_driver.probe(dev, other)', 'maySleep', { cleansUpItself: true }),
  operation('auxiliary_driver.remove(dev)', 'maySleep'),
  ...probing(
    'device_driver amba_driver bcma_driver cxl_driver dax_device_driver fsl_mc_driver faux_device_ops hid_driver host1x_driver hv_driver i3c_driver isa_driver mdio_driver memstick_driver mhi_driver mei_cl_driver nd_device_driver ntb_client_ops ntb_transport_client parport_driver pci_epf_driver pcmcia_driver phy_driver pnp_driver ps3_system_bus_driver rio_driver rpmsg_driver scsi_driver sdio_driver sdw_driver serdev_device_driver slim_driver spi_mem_driver spmi_driver ssb_driver tb_service_driver usb_driver usb_device_driver usb_serial_driver vdpa_driver vio_driver wmi_driver xenbus_driver zorro_driver snd_soc_component_driver snd_soc_card snd_soc_dai_ops snd_soc_dai_driver',
  ),
  operation('net_device_ops.ndo_open(dev)', 'maySleep', { cleansUpItself: true }),
  operation('ieee80211_ops.start(dev)', 'maySleep', { cleansUpItself: true }),
  operation('dev_pm_ops.suspend(dev)', 'maySleep'),
  operation('dev_pm_ops.resume(dev)', 'maySleep'),
];

/** The probe functions of the other buses. */
function probing(structs: string): readonly OperationContract[] {
  return structs
    .split(' ')
    .map((struct) => operation(`${struct}.probe(dev)`, 'maySleep', { cleansUpItself: true }));
}
