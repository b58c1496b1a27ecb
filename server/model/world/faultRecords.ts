import type { Addr } from '../bits/pfn.ts';
import type { Word64 } from '../bits/pte64.ts';
import { AMD_EVENTS } from '../hw/amd/commands.ts';
import type { DmaRequest, Refused } from '../hw/common/dma.ts';
import { decodeRecord, encodeRecord, recordText, type RecordSet } from '../hw/common/record.ts';
import { RISCV_FAULTS } from '../hw/riscv/faultQueue.ts';
import { SMMU_EVENTS } from '../hw/smmuv3/queues.ts';
import { VTD_FAULTS } from '../hw/vtd/queuedInvalidation.ts';
import type { Device } from './device.ts';
import type { Arch } from './space.ts';

/** A record that the IOMMU leaves for software: in the event log, the fault registers, the event or the fault queue. */
export interface FaultRecord {
  readonly arch: Arch;
  readonly words: readonly Word64[];
}

/** An access that was refused. */
export interface RefusedAccess {
  readonly device: Device;
  readonly iova: Addr;
  readonly access: DmaRequest['access'];
  readonly refused: Refused;
  /** Names the transaction that waits, where it stalls. */
  readonly stallTag: number | undefined;
}

const SETS: Readonly<Record<Arch, RecordSet>> = {
  amd: AMD_EVENTS,
  vtd: VTD_FAULTS,
  smmuv3: SMMU_EVENTS,
  riscv: RISCV_FAULTS,
};

/** Transaction types. Source: RISC-V IOMMU Architecture Specification 1.0, "TTYP field encodings". */
const TRANSACTION = { execute: 1, read: 2, write: 3 } as const;
/** What was accessed. Source: Arm SMMUv3 (IHI 0070), "Event records", CLASS. Kernel: EVTQ_1_CLASS_*. */
const CLASS = { context: 0, table: 1, input: 2 } as const;

/**
 * The record of a refused access, with its bits. Undefined where the hardware writes none: the entry says so, or what
 * refused is not the IOMMU's translation.
 */
export function faultRecord(fault: RefusedAccess): FaultRecord | undefined {
  const { device, refused } = fault;
  const set = SETS[device.arch];
  // The one form of VT-d carries the reason as a field.
  const form = set.forms.find(({ code }) => device.arch === 'vtd' || code === refused.code);
  if (!refused.reported || form === undefined || refused.code === 0) return undefined;
  return { arch: device.arch, words: encodeRecord(set, form.name, values(fault)) };
}

function values({
  device,
  iova: { pfn: page, offset },
  access,
  refused,
  stallTag,
}: RefusedAccess): Readonly<Record<string, number>> {
  const { requester, pasid } = device;
  switch (device.arch) {
    case 'amd':
      return { device: requester, pasid: pasid ?? 0, flags: refused.flags ?? 0, page, offset };
    case 'vtd': {
      const isRead = access === 'write' ? 0 : 1;
      const who = pasid === undefined ? {} : { pasidPresent: 1, pasid };
      return { page, sid: requester, reason: refused.code, isRead, ...who };
    }
    case 'smmuv3': {
      const who = pasid === undefined ? {} : { ssv: 1, ssid: pasid };
      const stage2 = refused.stage === 'second' ? { s2: 1, ipaPage: refused.ipa?.pfn ?? 0 } : {};
      const isTranslation = refused.stage !== 'context' || refused.fetching !== undefined;
      const what = isTranslation ? { class: CLASS[refused.fetching ?? 'input'] } : {};
      const how = { rnw: access === 'write' ? 0 : 1, ind: access === 'execute' ? 1 : 0 };
      const stall = stallTag === undefined ? {} : { stall: 1, stag: stallTag };
      return { sid: requester, ...who, ...how, ...stage2, ...what, ...stall, page, offset };
    }
    case 'riscv': {
      const who = pasid === undefined ? {} : { processValid: 1, process: pasid };
      const ipaPage = refused.ipa?.pfn ?? 0;
      return { device: requester, type: TRANSACTION[access], ...who, page, offset, ipaPage };
    }
  }
}

/** A record as the trace shows it: read back from its words. */
export function faultRecordText({ arch, words }: FaultRecord): string {
  return recordText(decodeRecord(SETS[arch], words)!);
}
