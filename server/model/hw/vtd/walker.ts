import { word, type Word64 } from '../../bits/pte64.ts';
import type { Addr } from '../../bits/pfn.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaOutcome, DmaRequest, Refused } from '../common/dma.ts';
import { entryAt } from '../common/tables.ts';
import {
  decodeLegacyContext,
  decodePasidEntry,
  decodeRootHalf,
  decodeScalableContext,
  LEGACY_CONTEXT_BYTES,
  PASID_ENTRY_WORDS,
  ROOT_BYTES,
  type PasidEntry,
} from './entries.ts';
import { Legacy, refuse, Scalable, type Reason } from './faults.ts';
import { walkFirst, type FirstStage } from './firstStage.ts';
import { LEGACY_REASONS, SCALABLE_REASONS, walkSecond, type SecondStage } from './secondStage.ts';

/*
 * Source of every bit in this file: Intel VT-d, chapter "Translation Structure Formats".
 */

/** One VT-d remapping unit: its registers and its memory. */
export interface VtdIommu {
  readonly bus: Bus;
  /** Root table address register: page of the root table, and translation table mode. */
  readonly rootTable: { readonly ppn: number; readonly mode: 'legacy' | 'scalable' };
  /** Width of physical addresses. Unit: bits. */
  readonly hawLg2: number;
}

/** Width of the physical addresses of units whose registers do not say otherwise. Unit: bits. */
export const PHYSICAL_BITS = 52;

const NO_SIZE_LG2 = 64;
const SCALABLE_CONTEXT_BYTES = 32;
const PASID_ENTRY_BYTES = 64;
/** PASIDs that share a directory entry. Kernel: PASID_PDE_SHIFT. */
const PASID_TABLE_LG2 = 6;
/** Levels of a second stage by the code of its address width. */
export const LEVELS_OF_AW: readonly (number | undefined)[] = [undefined, 3, 4, 5];
const PASS_THROUGH = 2;

/** So many 64-bit words of memory; undefined where they cannot be read. */
export function readWords(bus: Bus, at: Addr, count: number): readonly Word64[] | undefined {
  const raw = new Int32Array(2 * count);
  if (bus.read(at, count, raw) !== 'ok') return undefined;
  return Array.from({ length: count }, (_, n) => word(raw[2 * n]!, raw[2 * n + 1]));
}

/** Translates one request. Source: Intel VT-d, "DMA Remapping". */
export function translate(iommu: VtdIommu, request: DmaRequest): DmaOutcome {
  return iommu.rootTable.mode === 'legacy' ? legacy(iommu, request) : scalable(iommu, request);
}

function legacy(iommu: VtdIommu, request: DmaRequest): DmaOutcome {
  const bus = Math.floor(request.requester / 256);
  const devfn = request.requester % 256;
  const root = readWords(iommu.bus, entryAt(iommu.rootTable.ppn, bus, ROOT_BYTES), 2);
  if (root === undefined) return refuse('context', Legacy.rootNotReadable);
  const half = decodeRootHalf(root[0]!);
  if (!half.present) return refuse('context', Legacy.rootNotPresent);
  if (half.reserved) return refuse('context', Legacy.rootReserved);
  const words = readWords(iommu.bus, entryAt(half.contextTable, devfn, LEGACY_CONTEXT_BYTES), 2);
  if (words === undefined) return refuse('context', Legacy.contextNotReadable);
  const context = decodeLegacyContext(words as [Word64, Word64]);
  const fpd = context.fpd ? 'hidden' : 'shown';
  if (!context.present) return refuse('context', Legacy.contextNotPresent, fpd);
  if (request.pasid !== undefined) {
    return { kind: 'unknown', why: 'a request with PASID in legacy mode' };
  }
  if (context.tt === PASS_THROUGH) return passThrough(request);
  const levels = LEVELS_OF_AW[context.aw];
  if (context.tt > PASS_THROUGH || levels === undefined)
    return refuse('context', Legacy.contextInvalid, fpd);
  const stage: SecondStage = {
    levels,
    root: context.secondStageRoot,
    updatesAd: false,
    hawLg2: iommu.hawLg2,
    reasons: LEGACY_REASONS,
    fpd,
  };
  return secondOnly(iommu, stage, request, false);
}

function scalable(iommu: VtdIommu, request: DmaRequest): DmaOutcome {
  const found = findPasidEntry(iommu, request);
  return 'kind' in found ? found : translateWith(iommu, request, found);
}

/** Root, context, PASID directory, PASID table: the entry that governs a request of scalable mode. */
export function findPasidEntry(
  iommu: VtdIommu,
  request: Pick<DmaRequest, 'requester' | 'pasid'>,
): (PasidEntry & { readonly ats: boolean }) | Refused {
  const bus = Math.floor(request.requester / 256);
  const devfn = request.requester % 256;
  const root = readWords(iommu.bus, entryAt(iommu.rootTable.ppn, bus, ROOT_BYTES), 2);
  if (root === undefined) return refuse('context', Scalable.rootNotReadable);
  // Devices 0-15 are in the table of the lower half, 16-31 in that of the upper half.
  const half = decodeRootHalf(root[devfn < 128 ? 0 : 1]!);
  if (!half.present) return refuse('context', Scalable.rootNotPresent);
  if (half.reserved) return refuse('context', Scalable.rootReserved);
  const at = entryAt(half.contextTable, devfn % 128, SCALABLE_CONTEXT_BYTES);
  const words = readWords(iommu.bus, at, 4);
  if (words === undefined) return refuse('context', Scalable.contextNotReadable);
  const context = decodeScalableContext([words[0]!, words[1]!]);
  const fpd = context.fpd ? 'hidden' : 'shown';
  const stop = (reason: Reason): Refused => refuse('context', reason, fpd);
  if (!context.present) return stop(Scalable.contextNotPresent);
  if (request.pasid !== undefined && !context.pasidEnable) return stop(Scalable.pasidDisabled);
  const pasid = request.pasid ?? context.ridPasid;
  const index = Math.floor(pasid / 2 ** PASID_TABLE_LG2);
  if (index >= 2 ** (context.pdts + 7)) return stop(Scalable.pasidTooLarge);

  const directory = readWords(iommu.bus, entryAt(context.pasidDirectory, index), 1);
  if (directory === undefined) return stop(Scalable.directoryNotReadable);
  const pointer = decodeRootHalf(directory[0]!);
  if (!pointer.present) return stop(Scalable.directoryNotPresent);
  const entry = readWords(
    iommu.bus,
    entryAt(pointer.contextTable, pasid % 2 ** PASID_TABLE_LG2, PASID_ENTRY_BYTES),
    PASID_ENTRY_WORDS,
  );
  if (entry === undefined) return stop(Scalable.pasidNotReadable);
  const decoded = decodePasidEntry(entry);
  if (!decoded.present)
    return refuse('context', Scalable.pasidNotPresent, decoded.fpd ? 'hidden' : fpd);
  return { ...decoded, ats: context.dte };
}

/** Translates with a PASID table entry that was read, or cached, before. */
export function translateWith(iommu: VtdIommu, request: DmaRequest, entry: PasidEntry): DmaOutcome {
  const fpd = entry.fpd ? 'hidden' : 'shown';
  const stop = (reason: Reason): Refused => refuse('context', reason, fpd);
  if (request.privileged && !entry.sre) return stop(Scalable.noSupervisor);
  if (entry.pgtt === 'reserved') return stop(Scalable.pasidInvalid);
  if (entry.pgtt === 'pass-through') return passThrough(request);
  const levels = LEVELS_OF_AW[entry.aw];
  const second: SecondStage | undefined =
    entry.pgtt === 'first' || levels === undefined
      ? undefined
      : {
          levels,
          root: entry.secondStageRoot,
          updatesAd: entry.ssade,
          hawLg2: iommu.hawLg2,
          reasons: SCALABLE_REASONS,
          fpd,
        };
  if (entry.pgtt === 'second') {
    return second === undefined
      ? stop(Scalable.pasidInvalid)
      : secondOnly(iommu, second, request, entry.pgsnp);
  }
  if (entry.flpm > 1 || (entry.pgtt === 'nested' && second === undefined))
    return stop(Scalable.pasidInvalid);
  const first: FirstStage = {
    levels: 4 + entry.flpm,
    root: entry.firstStageRoot,
    wpe: entry.wpe,
    nestedIn: second,
    fpd,
  };
  const privilege = request.privileged ? 'supervisor' : 'user';
  const guest = walkFirst(iommu.bus, first, request.iova, request.access, privilege);
  if (guest.kind !== 'first') return guest;
  const snoop = { SNP: entry.pgsnp ? 1 : 0 };
  if (second === undefined) {
    const { gpa: spa, pageLg2, write, execute } = guest;
    return {
      kind: 'reached',
      spa,
      pageLg2,
      lastStageLg2: pageLg2,
      read: true,
      write,
      execute,
      attributes: snoop,
    };
  }
  const final = walkSecond(iommu.bus, second, guest.gpa, request.access);
  if (final.kind !== 'second') return final;
  return {
    kind: 'reached',
    spa: final.spa,
    pageLg2: Math.min(guest.pageLg2, final.pageLg2),
    lastStageLg2: final.pageLg2,
    read: final.read,
    write: guest.write && final.write,
    execute: guest.execute && final.read,
    attributes: { SNP: entry.pgsnp || final.snoop ? 1 : 0 },
  };
}

function secondOnly(
  iommu: VtdIommu,
  stage: SecondStage,
  request: DmaRequest,
  pgsnp: boolean,
): DmaOutcome {
  const found = walkSecond(iommu.bus, stage, request.iova, request.access);
  if (found.kind !== 'second') return found;
  return {
    kind: 'reached',
    spa: found.spa,
    pageLg2: found.pageLg2,
    lastStageLg2: found.pageLg2,
    read: found.read,
    write: found.write,
    execute: found.read,
    attributes: { SNP: pgsnp || found.snoop ? 1 : 0 },
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
