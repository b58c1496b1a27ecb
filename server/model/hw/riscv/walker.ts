import type { Addr } from '../../bits/pfn.ts';
import { boundedBus, type Bus } from '../common/bus.ts';
import type { DirectoryCache } from './directoryCache.ts';
import { isDeviceIdInRange, locateDeviceContext } from './ddt.ts';
import type { DeviceContext, StageRoot } from './deviceContext.ts';
import { accessOf, Cause, fault, isLogged, refusalOf, type Access } from './faults.ts';
import { guestStop, translateFirst, type Privilege } from './firstStage.ts';
import type { TranslationCache } from './iotlb.ts';
import { isProcessIdInRange, locateProcessContext } from './pdt.ts';
import type { Capabilities, Ddtp, FeatureControl } from './registers.ts';
import type { Fault, Outcome, Request } from './request.ts';
import { translateGuest, type SecondStage } from './secondStage.ts';
import type { AddressSpace, FullTranslation } from './translation.ts';

/** One IOMMU: its registers, its memory, and what it caches. */
export interface RiscvIommu {
  readonly caps: Capabilities;
  readonly fctl: FeatureControl;
  readonly ddtp: Ddtp;
  /** Bounded to {@link Capabilities.pas}; see {@link riscvIommu}. */
  readonly bus: Bus;
  /** log2 of the translation size that is reported for a Bare stage; implementation-defined. */
  readonly bareLg2: number;
  /** Absent in an IOMMU that caches nothing. */
  readonly directoryCache?: DirectoryCache;
  /** Absent in an IOMMU that caches nothing. */
  readonly translationCache?: TranslationCache;
}

/** An IOMMU by its registers. It never puts an address wider than capabilities.PAS on the bus. */
export function riscvIommu(parts: RiscvIommu): RiscvIommu {
  return { ...parts, bus: boundedBus(parts.bus, parts.caps.pas) };
}

const BARE: StageRoot = { levels: 0, ppn: 0 };
/** Smallest translation, which is also what an answer without translation is worth. */
const PAGE_LG2 = 12;

/**
 * Translates one request.
 * Source: RISC-V IOMMU Architecture Specification 1.0, "Process to translate an IOVA"; the numbers are its steps.
 */
export function translate(iommu: RiscvIommu, request: Request): Outcome {
  const { ddtp, caps } = iommu;
  const isAts = request.at !== 'untranslated';
  // Step 1.
  if (ddtp.mode === 'off') return refuse(request, fault(Cause.allInboundDisallowed));
  if (ddtp.mode === 'reserved') {
    return { kind: 'unknown', why: 'ddtp.iommu_mode holds a reserved encoding' };
  }
  // Step 2.
  if (ddtp.mode === 'bare') {
    if (isAts) return refuse(request, fault(Cause.typeDisallowed));
    return { kind: 'translated', pa: request.iova, pageLg2: iommu.bareLg2, pbmt: 0 };
  }
  // Steps 3-5.
  if (!isDeviceIdInRange(request.deviceId, ddtp.mode, caps)) {
    return refuse(request, fault(Cause.typeDisallowed));
  }
  // Step 6.
  const dc = findDevice(iommu, { ...ddtp, mode: ddtp.mode }, request.deviceId);
  if ('cause' in dc) return refuse(request, dc);
  return translateInContext(iommu, request, dc);
}

function findDevice(
  iommu: RiscvIommu,
  directory: Ddtp & { readonly mode: 1 | 2 | 3 },
  deviceId: number,
): DeviceContext | Fault {
  const cached = iommu.directoryCache?.device(deviceId);
  if (cached !== undefined) return cached;
  const found = locateDeviceContext(iommu.bus, directory, deviceId, iommu.caps, iommu.fctl);
  if (!('cause' in found)) iommu.directoryCache?.keepDevice(deviceId, found);
  return found;
}

/** Steps 7 to 20. */
function translateInContext(iommu: RiscvIommu, request: Request, dc: DeviceContext): Outcome {
  const stop = (found: Fault): Outcome => refuse(request, found, dc.dtf ? 'silent' : 'reported');
  const { fsc } = dc;
  const hasProcess = request.processId !== undefined;
  // Step 7.
  if (request.at !== 'untranslated' && !dc.enAts) return stop(fault(Cause.typeDisallowed));
  if (hasProcess && fsc.kind === 'iosatp') return stop(fault(Cause.typeDisallowed));
  if (hasProcess && fsc.kind === 'pdtp' && !isProcessIdInRange(request.processId, fsc.levels)) {
    return stop(fault(Cause.typeDisallowed));
  }
  const second: SecondStage = {
    root: dc.secondStage,
    updatesAd: dc.gade,
    bareLg2: iommu.bareLg2,
  };
  const access = accessOf(request);
  if (request.at === 'translated') {
    // Step 8.
    if (!dc.t2gpa) return { kind: 'translated', pa: request.iova, pageLg2: PAGE_LG2, pbmt: 0 };
    // Step 9: the address is guest-physical, only the second stage applies.
    const space: AddressSpace = {
      first: BARE,
      second: dc.secondStage,
      pscid: undefined,
      gscid: dc.gscid,
      privilege: { supervisor: false, sum: false },
    };
    const found = translateStages(iommu, request.iova, space, dc, second, access);
    return 'cause' in found ? stop(found) : answer(request, found);
  }
  // Steps 10-16.
  const space = findSpace(iommu, request, dc, second, access);
  if ('cause' in space) return stop(space);
  // MSI address matching comes between the stages; its tables are not modelled.
  if (dc.msi)
    return { kind: 'unknown', why: 'DC.msiptp is on, and MSI page tables are not modelled' };
  if (request.at === 'ats-translation-request' && dc.t2gpa) {
    return {
      kind: 'unknown',
      why: 'ATS answers with guest-physical addresses (DC.tc.T2GPA) are not modelled',
    };
  }
  const found = translateStages(iommu, request.iova, space, dc, second, access);
  return 'cause' in found ? stop(found) : answer(request, found);
}

/** Steps 10 to 16: which first stage is in force. */
function findSpace(
  iommu: RiscvIommu,
  request: Request,
  dc: DeviceContext,
  second: SecondStage,
  access: Access,
): AddressSpace | Fault {
  const gscid = dc.secondStage.levels === 0 ? undefined : dc.gscid;
  const user: Privilege = { supervisor: false, sum: false };
  const { fsc } = dc;
  if (fsc.kind === 'iosatp') {
    const pscid = fsc.root.levels === 0 ? undefined : dc.pscid;
    return { first: fsc.root, second: dc.secondStage, pscid, gscid, privilege: user };
  }
  const processId = request.processId ?? (dc.dpe ? 0 : undefined);
  if (processId === undefined || fsc.levels === 0) {
    return { first: BARE, second: dc.secondStage, pscid: undefined, gscid, privilege: user };
  }
  const { deviceId } = request;
  const cached = iommu.directoryCache?.process(deviceId, processId);
  const pc = cached ?? locateProcessContext(iommu.bus, fsc, second, processId, access, iommu.caps);
  if ('cause' in pc) return pc;
  iommu.directoryCache?.keepProcess(deviceId, processId, pc);
  const supervisor = request.processId !== undefined && request.privileged;
  // Step 15.
  if (supervisor && !pc.ens) return fault(Cause.typeDisallowed);
  const pscid = pc.firstStage.levels === 0 ? undefined : pc.pscid;
  const privilege = { supervisor, sum: pc.sum };
  return { first: pc.firstStage, second: dc.secondStage, pscid, gscid, privilege };
}

/** Steps 17 to 19: both stages, from the cache where it holds the page. */
function translateStages(
  iommu: RiscvIommu,
  iova: Addr,
  space: AddressSpace,
  dc: DeviceContext,
  second: SecondStage,
  access: Access,
): FullTranslation | Fault {
  const cached = iommu.translationCache?.find(space, iova, access);
  if (cached !== undefined) return cached;
  const first = translateFirst(
    iommu.bus,
    { root: space.first, updatesAd: dc.sade },
    second,
    iova,
    access,
    space.privilege,
    iommu.caps,
  );
  if ('cause' in first) return first;
  const guest = translateGuest(iommu.bus, second, first.gpa, access, iommu.caps);
  if (typeof guest === 'string') return guestStop(guest, first.gpa, 'device', access);
  const found: FullTranslation = {
    pa: guest.pa,
    pageLg2: Math.min(first.pageLg2, guest.pageLg2),
    // The first stage's type wins where it names one.
    pbmt: first.pbmt === 0 ? guest.pbmt : first.pbmt,
    read: first.read && guest.read,
    write: first.write && first.dirty && guest.write && guest.dirty,
    execute: first.execute && guest.execute,
    global: first.global,
  };
  iommu.translationCache?.keep(space, iova, found);
  return found;
}

function answer(request: Request, found: FullTranslation): Outcome {
  const { pa, pageLg2, pbmt } = found;
  if (request.at !== 'ats-translation-request') return { kind: 'translated', pa, pageLg2, pbmt };
  return {
    kind: 'translated',
    pa,
    pageLg2,
    pbmt,
    ats: {
      read: found.read,
      write: found.write,
      execute: request.execute && found.execute,
      untranslatedOnly: false,
      privileged: request.processId !== undefined && request.privileged,
      global: found.global,
    },
  };
}

function refuse(request: Request, found: Fault, dtf: 'silent' | 'reported' = 'reported'): Outcome {
  return {
    kind: 'fault',
    ...found,
    iotval: request.iova,
    refusal: refusalOf(request, found.cause),
    logged: isLogged(request, found.cause, dtf),
  };
}
