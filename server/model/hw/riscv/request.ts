import type { Addr } from '../../bits/pfn.ts';
import type { Word64 } from '../../bits/pte64.ts';

/** An inbound transaction of a device. */
export interface Request {
  /** Range: 24 bits. */
  readonly deviceId: number;
  /** Range: 20 bits; absent when the transaction carries none. */
  readonly processId?: number;
  /** Supervisor privilege is requested; only meaningful with a process id. */
  readonly privileged: boolean;
  /** Read for execute. */
  readonly execute: boolean;
  /** Only for ATS translation requests: the device promises not to write. */
  readonly noWrite: boolean;
  readonly at: 'untranslated' | 'ats-translation-request' | 'translated';
  readonly access: 'read' | 'write';
  readonly iova: Addr;
}

/** Permissions in the completion of an ATS translation request. */
export interface AtsGrant {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** The address may only be used in untranslated requests. */
  readonly untranslatedOnly: boolean;
  readonly privileged: boolean;
  readonly global: boolean;
}

/** Page-based memory type of the final mapping. Encoding of PTE bits 62:61. */
export type Pbmt = 0 | 1 | 2;

/** A stop of the translation process. */
export interface Fault {
  readonly cause: number;
  /** Guest-physical address and flags of a guest-page fault, else 0. */
  readonly iotval2: Word64;
}

/** How the IOMMU answers the device when translation stops. */
export type Refusal = 'unsupported-request' | 'completer-abort' | 'success-without-permission';

/** What the IOMMU does with a request. */
export type Outcome =
  | {
      readonly kind: 'translated';
      readonly pa: Addr;
      /** log2 of the bytes that share this translation; the smaller one of both stages. */
      readonly pageLg2: number;
      readonly pbmt: Pbmt;
      readonly ats?: AtsGrant;
    }
  | ({
      readonly kind: 'fault';
      readonly refusal: Refusal;
      readonly iotval: Addr;
      /** Whether a record goes to the fault queue. */
      readonly logged: boolean;
    } & Fault)
  /** The request needs a part of the architecture that is not modelled. */
  | { readonly kind: 'unknown'; readonly why: string };
