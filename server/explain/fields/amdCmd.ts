import { family, field, inWord, number, value, type FieldFamily } from './define.ts';

/** AMD command: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdCmdFields: FieldFamily = family({
  format: 'amd-cmd',
  title: 'AMD command',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
  noun: 'command',
  wordBits: 32,
  setBy: 'build_completion_wait(), build_inv_*()',
  readBy: 'the IOMMU, from its command buffer',
  model: 'commands drop what the model has cached',
  source: 'AMD I/O Virtualization specification 48882',
}, [
  ...inWord(1, [
    value('CMD_COMPL_WAIT', 1, '31:28', undefined, 'COMPLETION_WAIT: done when all commands before it are'),
    value('CMD_INV_DEV_ENTRY', 2, '31:28', undefined, 'drop the cached DTE of a device'),
    value('CMD_INV_IOMMU_PAGES', 3, '31:28', undefined, 'drop IOTLB entries of a domain and range'),
    value('CMD_INV_IOTLB_PAGES', 4, '31:28', undefined, 'invalidate the ATC of a device'),
    value('CMD_INV_IRT', 5, '31:28', undefined, 'drop cached interrupt entries'),
    value('CMD_COMPLETE_PPR', 7, '31:28', undefined, 'answer a page request'),
    value('CMD_INV_ALL', 8, '31:28', undefined, 'drop everything that is cached'),
  ]),
  ...inWord(0, [
    field('CMD_COMPL_WAIT_STORE_MASK', '0', 'completion stores a value to memory'),
    field('CMD_COMPL_WAIT_INT_MASK', '1', 'completion raises an interrupt'),
  ]),
  ...inWord(2, [
    field('CMD_INV_IOMMU_PAGES_SIZE_MASK', '0', 'S: the address codes a range, by its trailing ones'),
    field('CMD_INV_IOMMU_PAGES_PDE_MASK', '1', 'PDE: cached table entries go too'),
    field('CMD_INV_IOMMU_PAGES_GN_MASK', '2', 'GN: guest entries of a PASID'),
  ]),
  number('CMD_INV_IOMMU_ALL_PAGES_ADDRESS', '0x7ffffffffffff000'),
  number('CMD_BUFFER_SIZE', 0x2000, 'bytes of the command buffer'),
  number('CMD_BUFFER_ENTRIES', 512),
]);
