import type { FaultStage, Refused } from '../common/dma.ts';

/**
 * Event codes. Source: Arm SMMUv3 Architecture Specification (IHI 0070), "Event records".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, EVT_ID_*; 0x20 and 0x21 are not in the driver.
 */
export const Event = {
  badStreamId: [0x02, 'C_BAD_STREAMID'],
  steFetch: [0x03, 'F_STE_FETCH'],
  badSte: [0x04, 'C_BAD_STE'],
  streamDisabled: [0x06, 'F_STREAM_DISABLED'],
  badSubstreamId: [0x08, 'C_BAD_SUBSTREAMID'],
  cdFetch: [0x09, 'F_CD_FETCH'],
  badCd: [0x0a, 'C_BAD_CD'],
  walkAbort: [0x0b, 'F_WALK_EABT'],
  translation: [0x10, 'F_TRANSLATION'],
  addressSize: [0x11, 'F_ADDR_SIZE'],
  access: [0x12, 'F_ACCESS'],
  permission: [0x13, 'F_PERMISSION'],
  tlbConflict: [0x20, 'F_TLB_CONFLICT'],
  configConflict: [0x21, 'F_CFG_CONFLICT'],
} as const;

/** One of the events: its code and name. */
export type EventId = readonly [code: number, name: string];

/** A refused access with its event. */
export function refuse(stage: FaultStage, [code, name]: EventId, why: string): Refused {
  return { kind: 'fault', stage, code, name, why, reported: true };
}
