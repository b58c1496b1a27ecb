import type { FunctionContract } from '../contract.ts';
import { fn, relevant } from '../define.ts';

/** VFIO and iommufd: pinned guest pages, accesses, bound devices. */
// prettier-ignore
export const vfioFunctions: readonly FunctionContract[] = relevant([
  fn('vfio_pin_pages(vfioDevice, iova, npages, prot, pages)', 'count_or_errno', 'maySleep', { acquires: ['vfioPin', 'iova'], note: 'may pin fewer pages than asked' }),
  fn('vfio_unpin_pages(vfioDevice, iova, npages)', 'void', 'maySleep', { releases: ['vfioPin', 'iova'] }),
  fn('vfio_dma_rw(vfioDevice, iova, data, size, other)', 'errno', 'maySleep'),
  fn('iommufd_access_pin_pages(iommufd, iova, size, pages, flags)', 'errno', 'maySleep', { acquires: ['iommufdPin', 'iova'], since: '6.12' }),
  fn('iommufd_access_unpin_pages(iommufd, iova, size)', 'void', 'maySleep', { releases: ['iommufdPin', 'iova'], since: '6.12' }),
  fn('iommufd_access_create(other, other, data, other)', 'err_ptr', 'maySleep', { acquires: ['iommufdAccess', 'result'], since: '6.12' }),
  fn('iommufd_access_destroy(iommufd)', 'void', 'maySleep', { releases: ['iommufdAccess', 'iommufd'], since: '6.12' }),
  fn('iommufd_access_attach(iommufd, other)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iommufd_access_detach(iommufd)', 'void', 'maySleep', { since: '6.12' }),
  fn('iommufd_access_rw(iommufd, iova, data, size, flags)', 'errno', 'maySleep', { since: '6.12' }),
  fn('iommufd_device_bind(other, dev, other)', 'err_ptr', 'maySleep', { since: '6.12' }),
  fn('iommufd_device_unbind(iommufd)', 'void', 'maySleep', { since: '6.12' }),
  fn('iommufd_device_attach(iommufd, pasid, other)', 'errno', 'maySleep', { since: '7.2' }),
  fn('iommufd_device_attach(iommufd, other)', 'errno', 'maySleep', { since: '6.12', until: '6.12' }),
  fn('iommufd_device_replace(iommufd, pasid, other)', 'errno', 'maySleep', { since: '7.2' }),
  fn('iommufd_device_replace(iommufd, other)', 'errno', 'maySleep', { since: '6.12', until: '6.12' }),
  fn('iommufd_device_detach(iommufd, pasid)', 'void', 'maySleep', { since: '7.2' }),
  fn('iommufd_device_detach(iommufd)', 'void', 'maySleep', { since: '6.12', until: '6.12' }),
]);
