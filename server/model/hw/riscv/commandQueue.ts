import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import type { DirectoryCache } from './directoryCache.ts';
import type { CachedTranslation, TranslationCache } from './iotlb.ts';
import type { Capabilities } from './registers.ts';

/*
 * Source of every bit in this file: RISC-V IOMMU Architecture Specification 1.0, "Command-Queue".
 */

/** A command as the queue holds it: 16 bytes. */
export type RawCommand = readonly [Word64, Word64];

/** A decoded command. Source: RISC-V IOMMU Architecture Specification 1.0, "Command-Queue". */
export type Command =
  | {
      readonly kind: 'IOTINVAL.VMA' | 'IOTINVAL.GVMA';
      /** Page of the address; undefined with AV=0. */
      readonly pfn: number | undefined;
      /** Pages of the range that AV=1 names; 1 without the S bit. */
      readonly pages: number;
      readonly pscid: number | undefined;
      readonly gscid: number | undefined;
      /** NL: entries of non-leaf tables are meant too. */
      readonly nonLeaf: boolean;
    }
  | { readonly kind: 'IOFENCE.C' }
  | { readonly kind: 'IODIR.INVAL_DDT'; readonly deviceId: number | undefined }
  | { readonly kind: 'IODIR.INVAL_PDT'; readonly deviceId: number; readonly processId: number }
  | { readonly kind: 'ATS' };

/** Why a command stops the queue with cqcsr.cmd_ill. */
export interface IllegalCommand {
  readonly kind: 'illegal';
  readonly why: string;
}

const OPCODE = { iotinval: 1, iofence: 2, iodir: 3, ats: 4 } as const;

/**
 * Pages of the range coded in the address with the S bit: as for NAPOT, the lowest zero bit gives the size.
 * Gives the first page and the number of pages.
 */
function napotRange(coded: number): { readonly pfn: number; readonly pages: number } {
  let pages = 2;
  let rest = coded;
  while (rest % 2 === 1) {
    pages *= 2;
    rest = Math.floor(rest / 2);
  }
  return { pfn: coded - (coded % pages), pages };
}

/** Decodes a command for an IOMMU with these capabilities. */
export function decodeCommand(
  [first, second]: RawCommand,
  caps: Capabilities,
): Command | IllegalCommand {
  const opcode = getField(first, 6, 0);
  const func3 = getField(first, 9, 7);
  switch (opcode) {
    case OPCODE.iotinval:
      return decodeInvalidation(first, second, func3, caps);
    case OPCODE.iofence:
      return func3 === 0 ? { kind: 'IOFENCE.C' } : illegal(`IOFENCE with func3 ${func3}`);
    case OPCODE.iodir: {
      if (func3 > 1) return illegal(`IODIR with func3 ${func3}`);
      const deviceId = getField(first, 63, 40);
      const hasDevice = hasBit(first, 33);
      if (func3 === 0)
        return { kind: 'IODIR.INVAL_DDT', deviceId: hasDevice ? deviceId : undefined };
      if (!hasDevice) return illegal('IODIR.INVAL_PDT without DV');
      return { kind: 'IODIR.INVAL_PDT', deviceId, processId: getField(first, 31, 12) };
    }
    case OPCODE.ats:
      return caps.ats && func3 <= 1 ? { kind: 'ATS' } : illegal('ATS command');
    default:
      return illegal(`opcode ${opcode}`);
  }
}

function decodeInvalidation(
  first: Word64,
  second: Word64,
  func3: number,
  caps: Capabilities,
): Command | IllegalCommand {
  if (func3 > 1) return illegal(`IOTINVAL with func3 ${func3}`);
  const isGuest = func3 === 1;
  const hasAddress = hasBit(first, 10);
  const hasProcess = hasBit(first, 32);
  const hasGuest = hasBit(first, 33);
  const nonLeaf = hasBit(first, 34);
  const isRange = hasBit(second, 9);
  if (isGuest && hasProcess) return illegal('IOTINVAL.GVMA with PSCV');
  if (nonLeaf && !caps.nl) return illegal('NL without capabilities.NL');
  if (isRange && !caps.s) return illegal('S without capabilities.S');
  const coded = getField(second, 61, 10);
  const range = isRange ? napotRange(coded) : { pfn: coded, pages: 1 };
  return {
    kind: isGuest ? 'IOTINVAL.GVMA' : 'IOTINVAL.VMA',
    pfn: hasAddress ? range.pfn : undefined,
    pages: range.pages,
    pscid: hasProcess ? getField(first, 31, 12) : undefined,
    gscid: hasGuest ? getField(first, 59, 44) : undefined,
    nonLeaf,
  };
}

function illegal(why: string): IllegalCommand {
  return { kind: 'illegal', why };
}

/** Carries out a command on the caches. ATS commands and fences have no effect on them. */
export function execute(
  command: Command,
  directories: DirectoryCache,
  translations: TranslationCache,
): void {
  switch (command.kind) {
    case 'IOTINVAL.VMA':
      translations.drop((entry) => matchesFirstStage(entry, command));
      return;
    case 'IOTINVAL.GVMA':
      translations.drop((entry) => matchesSecondStage(entry, command));
      return;
    case 'IODIR.INVAL_DDT':
      directories.dropDevice(command.deviceId);
      return;
    case 'IODIR.INVAL_PDT':
      directories.dropProcess(command.deviceId, command.processId);
      return;
    case 'IOFENCE.C':
    case 'ATS':
      return;
  }
}

type Invalidation = Command & { readonly kind: 'IOTINVAL.VMA' | 'IOTINVAL.GVMA' };

/** Source: table "IOTINVAL.VMA operands and operations". Global entries stay when a PSCID is named. */
function matchesFirstStage(entry: CachedTranslation, command: Invalidation): boolean {
  if (command.gscid !== entry.gscid) return false;
  if (command.pscid !== undefined && (entry.global || entry.pscid !== command.pscid)) return false;
  if (entry.pscid === undefined) return false;
  if (command.pfn === undefined) return true;
  return command.pfn < entry.firstPfn + entry.pages && entry.firstPfn < command.pfn + command.pages;
}

/**
 * Source: table "IOTINVAL.GVMA operands and operations". A cached translation covers both stages and does not know its
 * guest-physical address, so an address narrows nothing for entries that used a first stage.
 */
function matchesSecondStage(entry: CachedTranslation, command: Invalidation): boolean {
  if (entry.gscid === undefined) return false;
  if (command.gscid !== undefined && entry.gscid !== command.gscid) return false;
  if (command.gscid === undefined || command.pfn === undefined || entry.pscid !== undefined)
    return true;
  return command.pfn < entry.firstPfn + entry.pages && entry.firstPfn < command.pfn + command.pages;
}
