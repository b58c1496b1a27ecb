import type { FaultStage, Refused } from '../common/dma.ts';

/**
 * Fault reasons of legacy mode.
 * Source: Intel Virtualization Technology for Directed I/O, appendix "Fault Reason Encodings".
 * Kernel: drivers/iommu/intel/dmar.c, dma_remap_fault_reasons.
 */
export const Legacy = {
  rootNotPresent: [0x1, 'Present bit in root entry is clear'],
  contextNotPresent: [0x2, 'Present bit in context entry is clear'],
  contextInvalid: [0x3, 'invalid context entry'],
  beyondMgaw: [0x4, 'the address is beyond the guest address width'],
  noWrite: [0x5, 'Write bit is clear'],
  noRead: [0x6, 'Read bit is clear'],
  tableNotReadable: [0x7, 'the next page table is not accessible'],
  rootNotReadable: [0x8, 'the root table is not accessible'],
  contextNotReadable: [0x9, 'the context table is not accessible'],
  rootReserved: [0xa, 'reserved bits in the root entry'],
  contextReserved: [0xb, 'reserved bits in the context entry'],
  pteReserved: [0xc, 'reserved bits in a paging entry'],
  blocked: [0xd, 'the context entry blocks translation requests'],
} as const;

/**
 * Fault reasons of scalable mode.
 * Source: as {@link Legacy}. Kernel: drivers/iommu/intel/dmar.c, dma_remap_sm_fault_reasons (base 0x30).
 */
export const Scalable = {
  rootNotReadable: [0x38, 'the root entry is not accessible'],
  rootNotPresent: [0x39, 'Present bit in root entry is clear'],
  rootReserved: [0x3a, 'reserved bits in the root entry'],
  contextNotReadable: [0x40, 'the context entry is not accessible'],
  contextNotPresent: [0x41, 'Present bit in context entry is clear'],
  contextReserved: [0x42, 'reserved bits in the context entry'],
  contextInvalid: [0x43, 'invalid context entry'],
  pasidDisabled: [0x45, 'PASIDE is clear in the context entry'],
  pasidTooLarge: [0x46, 'the PASID is beyond the directory'],
  directoryNotReadable: [0x50, 'the PASID directory entry is not accessible'],
  directoryNotPresent: [0x51, 'Present bit in PASID directory entry is clear'],
  directoryReserved: [0x52, 'reserved bits in the PASID directory entry'],
  pasidNotReadable: [0x58, 'the PASID table entry is not accessible'],
  pasidNotPresent: [0x59, 'Present bit in PASID table entry is clear'],
  pasidReserved: [0x5a, 'reserved bits in the PASID table entry'],
  pasidInvalid: [0x5b, 'invalid PASID table entry'],
  noSupervisor: [0x5d, 'SRE is clear in the PASID table entry'],
  firstNotReadable: [0x70, 'a first-stage entry is not accessible'],
  firstNotPresent: [0x71, 'Present bit in a first-stage entry is clear'],
  firstReserved: [0x72, 'reserved bits in a first-stage entry'],
  secondNotReadable: [0x78, 'a second-stage entry is not accessible'],
  secondPermission: [0x79, 'Read or Write bit in a second-stage entry is clear'],
  secondReserved: [0x7a, 'reserved bits in a second-stage entry'],
  secondRoot: [0x7b, 'invalid second-stage table pointer'],
  notCanonical: [0x80, 'the address is not canonical'],
  userSupervisor: [0x81, 'a supervisor page, accessed with user privilege'],
  noExecute: [0x82, 'no execute permission'],
  beyondWidth: [0x83, 'the address is beyond the width of the hardware'],
  secondBeyond: [0x84, 'the address is beyond the second stage'],
  noWrite: [0x85, 'no write permission'],
  noRead: [0x86, 'no read permission'],
} as const;

/** A reason: its code, and what it means. */
export type Reason = readonly [code: number, why: string];

/** A fault of one of the tables. `fpd` says whether Fault Processing Disable hides it. */
export function refuse(
  stage: FaultStage,
  [code, why]: Reason,
  fpd: 'shown' | 'hidden' = 'shown',
): Refused {
  return {
    kind: 'fault',
    stage,
    code,
    name: `fault reason 0x${code.toString(16)}`,
    why,
    reported: fpd === 'shown',
  };
}
