import { family, field, inWord, number, value, type FieldFamily } from './define.ts';

/** SMMUv3 event: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h. */
// prettier-ignore
export const smmuv3EvtFields: FieldFamily = family({
  format: 'smmuv3-evt',
  title: 'SMMUv3 event',
  path: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h',
  noun: 'event',
  prefixes: ['EVTQ_0_', 'EVTQ_1_', 'EVTQ_2_', 'EVTQ_3_'],
  setBy: 'the SMMU',
  readBy: 'arm_smmu_decode_event() in the event queue thread',
  model: 'faults of the model name the same events',
  source: 'Arm SMMUv3 architecture specification IHI 0070',
}, [
  number('EVTQ_ENT_SZ_SHIFT', 5, 'lg2 of the bytes of an event'),
  number('EVTQ_ENT_DWORDS', 4),
  number('EVTQ_MAX_SZ_SHIFT', 17),
  ...inWord(0, [
    field('EVTQ_0_ID', '7:0', 'what went wrong'),
  ]),
  value('EVT_ID_BAD_STREAMID_CONFIG', 2, '7:0', 'EVTQ_0_ID', 'C_BAD_STREAMID: the stream lies beyond the table'),
  value('EVT_ID_STE_FETCH_FAULT', 3, '7:0', 'EVTQ_0_ID', 'F_STE_FETCH: the STE could not be read'),
  value('EVT_ID_BAD_STE_CONFIG', 4, '7:0', 'EVTQ_0_ID', 'C_BAD_STE: the STE is invalid or contradicts itself'),
  value('EVT_ID_STREAM_DISABLED_FAULT', 6, '7:0', 'EVTQ_0_ID', 'F_STREAM_DISABLED: no substream, and S1DSS says abort'),
  value('EVT_ID_BAD_SUBSTREAMID_CONFIG', 8, '7:0', 'EVTQ_0_ID', 'C_BAD_SUBSTREAMID: the substream lies beyond the CD table'),
  value('EVT_ID_CD_FETCH_FAULT', 9, '7:0', 'EVTQ_0_ID', 'F_CD_FETCH: the CD could not be read'),
  value('EVT_ID_BAD_CD_CONFIG', 10, '7:0', 'EVTQ_0_ID', 'C_BAD_CD: the CD is invalid or contradicts itself'),
  value('EVT_ID_TRANSLATION_FAULT', 16, '7:0', 'EVTQ_0_ID', 'F_TRANSLATION: no valid entry for the address'),
  value('EVT_ID_ADDR_SIZE_FAULT', 17, '7:0', 'EVTQ_0_ID', 'F_ADDR_SIZE: an address is wider than configured'),
  value('EVT_ID_ACCESS_FAULT', 18, '7:0', 'EVTQ_0_ID', 'F_ACCESS: the access flag is 0'),
  value('EVT_ID_PERMISSION_FAULT', 19, '7:0', 'EVTQ_0_ID', 'F_PERMISSION: the entry does not allow this access'),
  value('EVT_ID_VMS_FETCH_FAULT', 37, '7:0', 'EVTQ_0_ID', 'F_VMS_FETCH: the VM structure could not be read'),
  ...inWord(0, [
    field('EVTQ_0_SSV', '11', 'the substream field counts'),
    field('EVTQ_0_SSID', '31:12', 'substream (PASID)'),
    field('EVTQ_0_SID', '63:32', 'stream'),
  ]),
  ...inWord(1, [
    field('EVTQ_1_STAG', '15:0', 'tag to resume the stalled transaction with'),
    field('EVTQ_1_STALL', '31', 'the transaction waits for CMD_RESUME'),
    field('EVTQ_1_PnU', '33', 'privileged access'),
    field('EVTQ_1_InD', '34', 'instruction fetch'),
    field('EVTQ_1_RnW', '35', 'read, not write'),
    field('EVTQ_1_S2', '39', 'stage 2 faulted'),
    field('EVTQ_1_CLASS', '41:40', 'what was accessed: 0 CD, 1 table, 2 the input address itself'),
    value('EVTQ_1_CLASS_TT', 1, '41:40', 'EVTQ_1_CLASS', 'the fault hit a table walk'),
    field('EVTQ_1_TT_READ', '44', 'the table access was a read'),
  ]),
  ...inWord(2, [
    field('EVTQ_2_ADDR', '63:0', 'input address'),
  ]),
  ...inWord(3, [
    field('EVTQ_3_IPA', '51:12', 'intermediate address; counts only with S2'),
    field('EVTQ_3_FETCH_ADDR', '51:3', 'address that could not be fetched'),
  ]),
]);
