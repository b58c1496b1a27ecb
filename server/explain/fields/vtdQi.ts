import { accessor, family, field, inWord, number, value, type FieldFamily } from './define.ts';

/** VT-d invalidation descriptor: drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdQiFields: FieldFamily = family({
  format: 'vtd-qi',
  title: 'VT-d invalidation descriptor',
  path: 'drivers/iommu/intel/iommu.h',
  noun: 'descriptor',
  setBy: 'qi_desc_*(), submitted by qi_submit_sync()',
  readBy: 'the IOMMU, from its invalidation queue',
  model: 'descriptors drop what the model has cached',
  source: 'Intel VT-d architecture specification',
}, [
  number('QI_LENGTH', 256, 'descriptors in the queue'),
  number('QI_FREE', 0),
  number('QI_IN_USE', 1),
  number('QI_DONE', 2),
  number('QI_ABORT', 3),
  ...inWord(0, [
    value('QI_CC_TYPE', 1, '3:0', undefined, 'drop cached context entries'),
    value('QI_IOTLB_TYPE', 2, '3:0', undefined, 'drop IOTLB entries of a domain'),
    value('QI_DIOTLB_TYPE', 3, '3:0', undefined, 'invalidate the ATC of a device'),
    value('QI_IEC_TYPE', 4, '3:0', undefined, 'drop cached interrupt entries'),
    value('QI_IWD_TYPE', 5, '3:0', undefined, 'wait: done when all descriptors before it are'),
    value('QI_EIOTLB_TYPE', 6, '3:0', undefined, 'drop first-stage entries of a PASID'),
    value('QI_PC_TYPE', 7, '3:0', undefined, 'drop cached PASID entries'),
    value('QI_DEIOTLB_TYPE', 8, '3:0', undefined, 'invalidate the ATC of a device, per PASID'),
    value('QI_PGRP_RESP_TYPE', 9, '3:0', undefined, 'answer a page request group'),
    value('QI_PSTRM_RESP_TYPE', 10, '3:0', undefined, 'answer a page stream request'),
  ]),
  field('QI_IEC_SELECTIVE', '4'),
  ...inWord(0, [
    accessor('QI_IEC_IIDEX', '47:32', 'first interrupt entry'),
    accessor('QI_IEC_IM', '31:27', 'lg2 of the interrupt entries'),
    accessor('QI_IWD_STATUS_DATA', '63:32', 'value written when the wait is done'),
  ]),
  field('QI_IWD_STATUS_WRITE', '5', 'write the status when done'),
  field('QI_IWD_FENCE', '6', 'later descriptors wait for this one'),
  field('QI_IWD_PRQ_DRAIN', '7', 'also drain page requests'),
  ...inWord(0, [
    accessor('QI_IOTLB_DID', '31:16', 'domain whose entries go'),
    accessor('QI_IOTLB_DR', '7', 'drain reads'),
    accessor('QI_IOTLB_DW', '6', 'drain writes'),
  ]),
  ...inWord(1, [
    accessor('QI_IOTLB_IH', '6', 'only leaves changed: cached table entries may stay'),
  ]),
  ...inWord(0, [
    accessor('QI_CC_FM', '49:48', 'function bits of the source id to ignore'),
    accessor('QI_CC_SID', '47:32', 'source id'),
    accessor('QI_CC_DID', '31:16', 'domain id'),
    accessor('QI_DEV_IOTLB_SID', '47:32', 'source id of the device'),
    accessor('QI_DEV_IOTLB_QDEP', '20:16', 'invalidations that the device can hold'),
    accessor('QI_DEV_IOTLB_PFSID', '15:12', 'physical function behind a virtual one'),
  ]),
  ...inWord(1, [
    field('QI_DEV_IOTLB_SIZE', '0', 'S: the address codes a range, by its trailing ones'),
  ]),
  number('QI_DEV_IOTLB_MAX_INVS', 32),
  ...inWord(0, [
    accessor('QI_PC_PASID', '51:32', 'PASID'),
    accessor('QI_PC_DID', '31:16', 'domain id'),
    accessor('QI_PC_GRAN', '5:4', 'granularity: 0 domain, 1 PASID in a domain, 3 global'),
  ]),
  number('QI_PC_ALL_PASIDS', 0, 'every PASID of the domain'),
  number('QI_PC_PASID_SEL', 1, 'one PASID of the domain'),
  number('QI_PC_GLOBAL', 3, 'everything'),
  ...inWord(1, [
    accessor('QI_EIOTLB_IH', '6', 'only leaves changed: cached table entries may stay'),
  ]),
  ...inWord(0, [
    accessor('QI_EIOTLB_PASID', '51:32', 'PASID whose entries go'),
    accessor('QI_EIOTLB_DID', '31:16', 'domain whose entries go'),
    accessor('QI_EIOTLB_GRAN', '5:4', 'granularity: 2 all of a PASID, 3 pages of it'),
  ]),
  number('QI_DEV_IOTLB_GRAN_ALL', 1, 'every PASID of the device'),
  number('QI_DEV_IOTLB_GRAN_PASID_SEL', 0),
  ...inWord(1, [
    field('QI_DEV_EIOTLB_SIZE', '11'),
  ]),
  ...inWord(0, [
    accessor('QI_DEV_EIOTLB_PASID', '51:32', 'PASID'),
    accessor('QI_DEV_EIOTLB_SID', '31:16', 'source id of the device'),
    accessor('QI_DEV_EIOTLB_QDEP', '8:4', 'invalidations that the device can hold'),
    accessor('QI_DEV_EIOTLB_PFSID', '15:12', 'physical function behind a virtual one'),
  ]),
  number('QI_DEV_EIOTLB_MAX_INVS', 32),
  ...inWord(0, [
    accessor('QI_PGRP_PASID_P', '4', 'the PASID counts'),
    accessor('QI_PGRP_RESP_CODE', '15:12', '0 success, 1 invalid, 15 failure'),
    accessor('QI_PGRP_DID', '31:16', 'device that asked'),
    accessor('QI_PGRP_PASID', '51:32', 'PASID'),
  ]),
  ...inWord(1, [
    accessor('QI_PGRP_IDX', '11:3', 'group that is answered'),
  ]),
  number('QI_RESP_SUCCESS', 0),
  number('QI_RESP_INVALID', 1),
  number('QI_RESP_FAILURE', 15),
  number('QI_GRAN_NONG_PASID', 2, 'all of a PASID'),
  number('QI_GRAN_PSI_PASID', 3, 'pages of a PASID'),
  number('QI_MAX_BATCHED_DESC_COUNT', 16, 'descriptors collected before they are submitted'),
  field('QI_OPT_WAIT_DRAIN', '0', 'qi_submit_sync(): also drain page requests'),
  ...inWord(0, [
    accessor('QI_IOTLB_GRAN', '5:4', 'granularity: 1 global, 2 domain, 3 pages'),
  ]),
  ...inWord(1, [
    accessor('QI_IOTLB_AM', '5:0', 'lg2 of the pages covered'),
    accessor('QI_IOTLB_ADDR', '63:12', 'first address covered'),
  ]),
  ...inWord(0, [
    accessor('QI_CC_GRAN', '5:4', 'granularity: 1 global, 2 domain, 3 device'),
  ]),
  ...inWord(1, [
    accessor('QI_EIOTLB_AM', '5:0', 'lg2 of the pages covered'),
    accessor('QI_EIOTLB_ADDR', '63:12', 'first address covered'),
  ]),
]);
