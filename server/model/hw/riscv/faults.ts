import { word, type Word64 } from '../../bits/pte64.ts';
import type { Fault, Refusal, Request } from './request.ts';

/**
 * Causes in the order of the specification's table "Fault record CAUSE field encodings".
 * Source: RISC-V IOMMU Architecture Specification 1.0, section "Fault/Event-Queue".
 * Kernel: drivers/iommu/riscv/iommu-bits.h, enum riscv_iommu_fq_causes.
 */
export const Cause = {
  instructionAccessFault: 1,
  readAccessFault: 5,
  writeAccessFault: 7,
  instructionPageFault: 12,
  readPageFault: 13,
  writePageFault: 15,
  instructionGuestPageFault: 20,
  readGuestPageFault: 21,
  writeGuestPageFault: 23,
  allInboundDisallowed: 256,
  ddtLoadAccessFault: 257,
  ddtNotValid: 258,
  ddtMisconfigured: 259,
  typeDisallowed: 260,
  pdtLoadAccessFault: 265,
  pdtNotValid: 266,
  pdtMisconfigured: 267,
  ddtCorrupted: 268,
  pdtCorrupted: 269,
  ptCorrupted: 274,
} as const;

const NOTHING: Word64 = word(0);

/** A fault that carries no guest-physical address. */
export function fault(cause: number): Fault {
  return { cause, iotval2: NOTHING };
}

/** What a page-table walk can stop with; the cause then depends on the kind of access. */
export type WalkFaultKind = 'page' | 'guest-page' | 'access';

const BY_ACCESS: Readonly<
  Record<WalkFaultKind, readonly [exec: number, read: number, write: number]>
> = {
  page: [Cause.instructionPageFault, Cause.readPageFault, Cause.writePageFault],
  'guest-page': [
    Cause.instructionGuestPageFault,
    Cause.readGuestPageFault,
    Cause.writeGuestPageFault,
  ],
  access: [Cause.instructionAccessFault, Cause.readAccessFault, Cause.writeAccessFault],
};

/** The cause by the access that the device asked for; ATS translation requests count as reads. */
export function causeOf(kind: WalkFaultKind, access: Access): number {
  const [execute, read, write] = BY_ACCESS[kind];
  return access.execute ? execute : access.write ? write : read;
}

/** What permissions the device needs of the leaves. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** The access that a request needs. An ATS translation request needs only reading; the grant says the rest. */
export function accessOf(request: Request): Access {
  if (request.at === 'ats-translation-request') {
    return { read: !request.execute, write: false, execute: request.execute };
  }
  const write = request.access === 'write';
  return { read: !write && !request.execute, write, execute: !write && request.execute };
}

/** Faults that DC.tc.DTF silences: those that the device's own translations run into. */
const SILENCED_BY_DTF: ReadonlySet<number> = new Set([
  ...Object.values(BY_ACCESS).flat(),
  Cause.typeDisallowed,
  Cause.pdtLoadAccessFault,
  Cause.pdtNotValid,
  Cause.pdtMisconfigured,
  Cause.pdtCorrupted,
  Cause.ptCorrupted,
]);

/** Faults that tell a requester of ATS only that there is no permission (yet). */
const NO_PERMISSION: ReadonlySet<number> = new Set([
  ...BY_ACCESS.page,
  ...BY_ACCESS['guest-page'],
  Cause.pdtNotValid,
]);

/** Faults that an ATS translation request is answered with Unsupported Request. */
const UNSUPPORTED: ReadonlySet<number> = new Set([
  Cause.allInboundDisallowed,
  Cause.ddtLoadAccessFault,
  Cause.ddtNotValid,
  Cause.ddtMisconfigured,
  Cause.typeDisallowed,
]);

/**
 * The completion that a refused request gets.
 * Source: section "ATS translation request handling"; others are always Unsupported Request.
 */
export function refusalOf(request: Request, cause: number): Refusal {
  if (request.at !== 'ats-translation-request' || UNSUPPORTED.has(cause)) {
    return 'unsupported-request';
  }
  return NO_PERMISSION.has(cause) ? 'success-without-permission' : 'completer-abort';
}

/** Whether a fault record is written. `silent` is DC.tc.DTF of the device, where its context was found. */
export function isLogged(request: Request, cause: number, dtf: 'silent' | 'reported'): boolean {
  if (dtf === 'silent' && SILENCED_BY_DTF.has(cause)) return false;
  return refusalOf(request, cause) !== 'success-without-permission';
}
