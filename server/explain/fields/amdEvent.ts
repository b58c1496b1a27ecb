import { family, field, inWord, number, value, type FieldFamily } from './define.ts';

/** AMD event log entry: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdEventFields: FieldFamily = family({
  format: 'amd-event',
  title: 'AMD event log entry',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
  noun: 'event',
  wordBits: 32,
  setBy: 'the IOMMU',
  readBy: 'iommu_print_event()',
  source: 'AMD I/O Virtualization specification 48882',
}, [
  number('EVENT_TYPE_SHIFT', 28, 'position of the event code in its dword'),
  field('EVENT_TYPE_MASK', '3:0', 'event code, after the shift'),
  ...inWord(1, [
    value('EVENT_TYPE_ILL_DEV', 1, '31:28', 'EVENT_TYPE_MASK', 'ILLEGAL_DEV_TABLE_ENTRY: the DTE has a reserved setting'),
    value('EVENT_TYPE_IO_FAULT', 2, '31:28', 'EVENT_TYPE_MASK', 'IO_PAGE_FAULT: no entry, or no permission'),
    value('EVENT_TYPE_DEV_TAB_ERR', 3, '31:28', 'EVENT_TYPE_MASK', 'DEV_TAB_HARDWARE_ERROR: the DTE could not be read'),
    value('EVENT_TYPE_PAGE_TAB_ERR', 4, '31:28', 'EVENT_TYPE_MASK', 'PAGE_TAB_HARDWARE_ERROR: a page table could not be read'),
    value('EVENT_TYPE_ILL_CMD', 5, '31:28', 'EVENT_TYPE_MASK', 'ILLEGAL_COMMAND_ERROR: the command has a reserved setting'),
    value('EVENT_TYPE_CMD_HARD_ERR', 6, '31:28', 'EVENT_TYPE_MASK', 'COMMAND_HARDWARE_ERROR: a command could not be read'),
    value('EVENT_TYPE_IOTLB_INV_TO', 7, '31:28', 'EVENT_TYPE_MASK', 'IOTLB_INV_TIMEOUT: the device did not answer an invalidation'),
    value('EVENT_TYPE_INV_DEV_REQ', 8, '31:28', 'EVENT_TYPE_MASK', 'INVALID_DEVICE_REQUEST: the device asked for what it may not'),
    value('EVENT_TYPE_INV_PPR_REQ', 9, '31:28', 'EVENT_TYPE_MASK', 'INVALID_PPR_REQUEST: a page request was malformed'),
    value('EVENT_TYPE_RMP_FAULT', 13, '31:28', 'EVENT_TYPE_MASK', 'RMP_PAGE_FAULT: owner, size, address or ASID does not fit the RMP'),
    value('EVENT_TYPE_RMP_HW_ERR', 14, '31:28', 'EVENT_TYPE_MASK', 'RMP_HW_ERR: the RMP could not be read'),
  ]),
  field('EVENT_DEVID_MASK', '15:0', 'device id'),
  number('EVENT_DEVID_SHIFT', 0),
  field('EVENT_DOMID_MASK_LO', '15:0', 'domain id 15:0, or PASID 15:0'),
  field('EVENT_DOMID_MASK_HI', '19:16', 'PASID 19:16'),
  field('EVENT_FLAGS_MASK', '11:0', 'flags of the event'),
  number('EVENT_FLAGS_SHIFT', 16),
  field('EVENT_FLAG_RW', '5', 'the access was a write'),
  field('EVENT_FLAG_I', '3', 'an interrupt, not DMA'),
  field('EVENT_FLAG_PPR_RX', '0'),
  field('EVENT_FLAG_PPR_GN', '9'),
]);
