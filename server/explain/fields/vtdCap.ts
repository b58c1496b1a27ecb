import { accessor, family, type FieldFamily } from './define.ts';

/** VT-d capability register: drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdCapFields: FieldFamily = family({
  format: 'vtd-cap',
  title: 'VT-d capability register',
  path: 'drivers/iommu/intel/iommu.h',
  prefixes: ['cap_'],
  setBy: 'the hardware',
  readBy: 'the driver, from DMAR_CAP_REG',
  source: 'Intel VT-d architecture specification',
}, [
  accessor('cap_esrtps', '63', 'a new root table invalidates by itself'),
  accessor('cap_esirtps', '62', 'a new interrupt table invalidates by itself'),
  accessor('cap_ecmds', '61', 'enhanced commands'),
  accessor('cap_fl5lp_support', '60', 'first stage with 5 levels'),
  accessor('cap_pi_support', '59', 'posted interrupts'),
  accessor('cap_fl1gp_support', '56', 'first stage with 1 GiB leaves'),
  accessor('cap_read_drain', '55', 'invalidations can wait for reads'),
  accessor('cap_write_drain', '54', 'invalidations can wait for writes'),
  accessor('cap_max_amask_val', '53:48', 'largest address mask of a page-selective invalidation'),
  accessor('cap_num_fault_regs', '47:40', 'number of fault recording registers'),
  accessor('cap_pgsel_inv', '39', 'page-selective invalidation'),
  accessor('cap_super_page_val', '37:34', 'second-stage leaf sizes: bit 0 2 MiB, bit 1 1 GiB'),
  accessor('cap_fault_reg_offset', '33:24', 'offset of the fault recording registers'),
  accessor('cap_zlr', '22', 'zero-length reads of write-only pages'),
  accessor('cap_isoch', '23', 'remapping for isochronous requests'),
  accessor('cap_mgaw', '21:16', 'input address bits of the second stage'),
  accessor('cap_sagaw', '12:8', 'levels of the second stage: bit 1 is 3, bit 2 is 4, bit 3 is 5'),
  accessor('cap_caching_mode', '7', 'CM: entries that are not present are cached too, so that mapping needs a flush'),
  accessor('cap_phmr', '6', 'protected high memory region'),
  accessor('cap_plmr', '5', 'protected low memory region'),
  accessor('cap_rwbf', '4', 'RWBF: write buffers must be flushed'),
  accessor('cap_afl', '3', 'advanced fault logging'),
  accessor('cap_ndoms', '2:0', 'number of domain ids'),
]);
