import type { Addr } from '../../bits/pfn.ts';

/** What a device asks of the IOMMU. RISC-V has a richer request of its own, with the process of its specification. */
export interface DmaRequest {
  /** Requester id (BDF) or stream id. */
  readonly requester: number;
  /** PASID or substream id; absent when the transaction carries none. Range: 20 bits. */
  readonly pasid?: number;
  readonly iova: Addr;
  readonly access: 'read' | 'write' | 'execute';
  /** The transaction asks for supervisor privilege. */
  readonly privileged: boolean;
}

/** Which part of the tables refused. */
export type FaultStage = 'context' | 'first' | 'second';

/** Where an access lands. */
export interface Reached {
  readonly kind: 'reached';
  /** System physical address, without encryption bits. */
  readonly spa: Addr;
  /** log2 of the bytes that share this translation: the smaller one of both stages. */
  readonly pageLg2: number;
  /** log2 of the leaf of the last stage, which ownership checks compare with. Undefined without translation. */
  readonly lastStageLg2: number | undefined;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Architecture's own attributes of the leaf, by the names of its manual: `FC`, `SNP`, `AttrIndx` … */
  readonly attributes: Readonly<Record<string, number>>;
}

/** An access that the IOMMU refuses. */
export interface Refused {
  readonly kind: 'fault';
  readonly stage: FaultStage;
  /** The code that the architecture reports. */
  readonly code: number;
  /** Its name in the manual. */
  readonly name: string;
  /** What was wrong, in one clause. */
  readonly why: string;
  /** Whether an event or fault record is written. */
  readonly reported: boolean;
  /** Architecture's own flags of the record. */
  readonly flags?: number;
  /** Guest-physical address at which the second stage refused, where the record has one. */
  readonly ipa?: Addr;
  /** What the IOMMU was reading for itself when it was refused; absent for the access of the device. */
  readonly fetching?: 'context' | 'table';
  /** The transaction waits for software's answer (SMMUv3 stall model) instead of being aborted. */
  readonly stalled?: boolean;
}

/** Nothing can be said; never shown as an access that works. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly why: string;
}

/** What the IOMMU does with a request. */
export type DmaOutcome = Reached | Refused | Unknown;
