import type { FaultStage, Refused } from '../common/dma.ts';

/**
 * Event codes. Source: AMD IOMMU Specification 48882, "Event Log".
 * Kernel: drivers/iommu/amd/amd_iommu_types.h, EVENT_TYPE_*.
 */
export const EventCode = {
  illegalDeviceTableEntry: 0x1,
  ioPageFault: 0x2,
  deviceTableHardwareError: 0x3,
  pageTableHardwareError: 0x4,
  illegalCommand: 0x5,
  commandHardwareError: 0x6,
  rmpPageFault: 0xd,
  rmpHardwareError: 0xe,
} as const;

/**
 * Flags of IO_PAGE_FAULT. Source: AMD IOMMU Specification 48882, "IO_PAGE_FAULT Event".
 * Kernel: amd_iommu_types.h, EVENT_FLAG_RW and EVENT_FLAG_I.
 */
export const FaultFlag = {
  /** A guest address was being translated. */
  gn: 0x001,
  /** An interrupt request. */
  i: 0x008,
  /** The entry was present. */
  pr: 0x010,
  /** A write. */
  rw: 0x020,
  /** The access lacked permission. */
  pe: 0x040,
  /** A reserved bit was set. */
  rz: 0x080,
  /** A translation request. */
  tr: 0x100,
} as const;

/** An IO_PAGE_FAULT. */
export function pageFault(
  stage: FaultStage,
  why: string,
  flags: number,
  suppressed: 'logged' | 'suppressed' = 'logged',
): Refused {
  return {
    kind: 'fault',
    stage,
    code: EventCode.ioPageFault,
    name: 'IO_PAGE_FAULT',
    why,
    reported: suppressed === 'logged',
    flags,
  };
}

/** A fault that says that the device table entry makes no sense. */
export function illegalEntry(why: string): Refused {
  return {
    kind: 'fault',
    stage: 'context',
    code: EventCode.illegalDeviceTableEntry,
    name: 'ILLEGAL_DEV_TABLE_ENTRY',
    why,
    reported: true,
  };
}

/** The tables could not be read. */
export function hardwareError(table: 'device' | 'page', why: string): Refused {
  const isDevice = table === 'device';
  return {
    kind: 'fault',
    stage: isDevice ? 'context' : 'second',
    code: isDevice ? EventCode.deviceTableHardwareError : EventCode.pageTableHardwareError,
    name: isDevice ? 'DEV_TAB_HARDWARE_ERROR' : 'PAGE_TAB_HARDWARE_ERROR',
    why,
    reported: true,
  };
}
