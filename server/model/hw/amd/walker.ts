import { word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaOutcome, DmaRequest } from '../common/dma.ts';
import { entryAt } from '../common/tables.ts';
import { decodeDte, DTE_WORDS, type Dte } from './dte.ts';
import { hardwareError, illegalEntry, pageFault } from './events.ts';
import { walkGuest } from './guestTable.ts';
import { plainPfn } from './hostEntry.ts';
import { walkHost, type HostTable } from './hostTable.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "Device Table Entry Format": reserved
 * encodings.
 */

/** One AMD IOMMU: its registers and its memory. */
export interface AmdIommu {
  readonly bus: Bus;
  /** Device table: first page and number of pages. Source: 48882, "Device Table Base Address Register". */
  readonly deviceTable: { readonly ppn: number; readonly pages: number };
  /** Page-number bit of encrypted memory (SME C-bit). 0 where memory encryption is off. */
  readonly encryptionPfn: number;
}

const DTE_BYTES = 32;
const DTES_PER_PAGE = 4096 / DTE_BYTES;
const RESERVED_MODE = 7;
const RESERVED_GLX = 3;
const NO_SIZE_LG2 = 64;

/** Reads the device table entry of a requester in one access. */
export function readDte(iommu: AmdIommu, requester: number): Dte | undefined {
  const raw = new Int32Array(2 * DTE_WORDS);
  const at = entryAt(plainPfn(iommu.deviceTable.ppn, iommu.encryptionPfn), requester, DTE_BYTES);
  if (iommu.bus.read(at, DTE_WORDS, raw) !== 'ok') return undefined;
  const words: Word64[] = [];
  for (let n = 0; n < DTE_WORDS; n++) words.push(word(raw[2 * n]!, raw[2 * n + 1]));
  return decodeDte(words);
}

/**
 * Translates one request: device table entry, guest tables where the request or GIOV calls for them, host tables.
 * Source: AMD IOMMU Specification 48882, "Data Structures".
 */
export function translate(iommu: AmdIommu, request: DmaRequest): DmaOutcome {
  if (request.requester >= iommu.deviceTable.pages * DTES_PER_PAGE) {
    return illegalEntry('the requester is beyond the device table');
  }
  const dte = readDte(iommu, request.requester);
  if (dte === undefined) return hardwareError('device', 'the device table entry is not readable');
  return translateWith(iommu, request, dte);
}

/** Translates with a device table entry that was read, or cached, before. */
export function translateWith(iommu: AmdIommu, request: DmaRequest, dte: Dte): DmaOutcome {
  // With V clear nothing else in the entry counts, and requests pass.
  if (!dte.v) return passThrough(request);
  if (!dte.tv) return pageFault('context', 'DTE.TV is 0: the entry has no translation', 0);
  if (dte.mode === RESERVED_MODE) return illegalEntry('DTE.Mode is 7');
  const host: HostTable = {
    mode: dte.mode,
    root: dte.hostRoot,
    ir: dte.ir,
    iw: dte.iw,
    encryptionPfn: iommu.encryptionPfn,
  };
  const pasid = request.pasid ?? (dte.gv && dte.giov ? 0 : undefined);
  if (pasid === undefined) return hostOnly(iommu, request, host);
  if (!dte.gv) return illegalEntry('a PASID, but DTE.GV is 0');
  if (dte.glx === RESERVED_GLX) return illegalEntry('DTE.GLX is 3');
  if (dte.guestPagingMode > 1) return illegalEntry('DTE.GuestPagingMode is reserved');

  const tables = {
    gcr3Root: plainPfn(dte.gcr3Root, iommu.encryptionPfn),
    glx: dte.glx,
    levels: 4 + dte.guestPagingMode,
    host,
  };
  const privilege = request.privileged ? 'supervisor' : 'user';
  const guest = walkGuest(iommu.bus, tables, pasid, request.iova, request.access, privilege);
  if (guest.kind !== 'guest') return guest;
  const final = walkHost(iommu.bus, host, guest.gpa, request.access);
  if (final.kind !== 'host') return final;
  const nested = host.mode !== 0;
  const encrypted = nested ? final.encrypted === true : guest.encrypted;
  return {
    kind: 'reached',
    spa: final.spa,
    pageLg2: Math.min(guest.pageLg2, final.pageLg2),
    lastStageLg2: nested ? final.pageLg2 : guest.pageLg2,
    read: guest.read && final.read,
    write: guest.write && final.write,
    execute: guest.execute && final.read,
    attributes: { C: encrypted ? 1 : 0, FC: final.forceCoherent ? 1 : 0 },
  };
}

function hostOnly(iommu: AmdIommu, request: DmaRequest, host: HostTable): DmaOutcome {
  const found = walkHost(iommu.bus, host, request.iova, request.access);
  if (found.kind !== 'host') return found;
  const translated = host.mode !== 0;
  return {
    kind: 'reached',
    spa: found.spa,
    pageLg2: found.pageLg2,
    lastStageLg2: translated ? found.pageLg2 : undefined,
    read: found.read,
    write: found.write,
    execute: found.read,
    attributes: { C: found.encrypted === true ? 1 : 0, FC: found.forceCoherent ? 1 : 0 },
  };
}

function passThrough(request: DmaRequest): DmaOutcome {
  return {
    kind: 'reached',
    spa: request.iova,
    pageLg2: NO_SIZE_LG2,
    lastStageLg2: undefined,
    read: true,
    write: true,
    execute: true,
    attributes: {},
  };
}
