import { getField, hasBit, word } from '../../bits/pte64.ts';
import type { Addr } from '../../bits/pfn.ts';
import type { Bus, BusStatus } from '../common/bus.ts';
import { hasReservedDirectoryBits, splitIndex, wordAt } from './ddt.ts';
import type { PdtLevels, StageRoot } from './deviceContext.ts';
import { Cause, fault, type Access } from './faults.ts';
import { guestStop } from './firstStage.ts';
import { firstStageMode, type Capabilities } from './registers.ts';
import type { Fault } from './request.ts';
import { translateGuest, type SecondStage } from './secondStage.ts';

/*
 * Source of every bit in this file: RISC-V IOMMU Architecture Specification 1.0, "Process-Directory-Table".
 */

/** A process context, decoded and known to be valid. */
export interface ProcessContext {
  readonly firstStage: StageRoot;
  /** PC.ta.ENS: supervisor accesses are allowed. */
  readonly ens: boolean;
  /** PC.ta.SUM: supervisor accesses may use user pages. */
  readonly sum: boolean;
  /** Range: 20 bits. */
  readonly pscid: number;
}

const CONTEXT_WORDS = 2;
const CONTEXT_BYTES = 16;
/** Widths of the directory indices, level 0 first. Unit: bits. */
const PDI_WIDTHS: readonly number[] = [8, 9, 3];
const READ: Access = { read: true, write: false, execute: false };

/** Whether the process directory has enough levels for the id; without a directory (Bare) there is nothing to exceed. */
export function isProcessIdInRange(processId: number, levels: PdtLevels): boolean {
  const above = splitIndex(processId, PDI_WIDTHS).slice(levels);
  return levels === 0 || above.every((index) => index === 0);
}

/**
 * Finds the process context of a process id; the directory's addresses are guest-physical.
 * Source: RISC-V IOMMU Architecture Specification 1.0, "Process to locate the Process-context".
 */
export function locateProcessContext(
  bus: Bus,
  directory: { readonly levels: PdtLevels; readonly ppn: number },
  second: SecondStage,
  processId: number,
  access: Access,
  caps: Capabilities,
): ProcessContext | Fault {
  const indices = splitIndex(processId, PDI_WIDTHS);
  const words = new Int32Array(2 * CONTEXT_WORDS);

  const readGuest = (gpa: Addr, count: number): Fault | undefined => {
    const at = translateGuest(bus, second, gpa, READ, caps);
    if (typeof at === 'string') return guestStop(at, gpa, 'implicit-read', access);
    return directoryFault(bus.read(at.pa, count, words));
  };

  let ppn = directory.ppn;
  for (let level = directory.levels - 1; level > 0; level--) {
    const stop = readGuest(wordAt(ppn, indices[level]!), 1);
    if (stop !== undefined) return stop;
    const entry = word(words[0]!, words[1]);
    if (!hasBit(entry, 0)) return fault(Cause.pdtNotValid);
    if (hasReservedDirectoryBits(entry)) return fault(Cause.pdtMisconfigured);
    ppn = getField(entry, 53, 10);
  }

  const stop = readGuest(wordAt(ppn, indices[0]!, CONTEXT_BYTES), CONTEXT_WORDS);
  if (stop !== undefined) return stop;
  const ta = word(words[0]!, words[1]);
  const fsc = word(words[2]!, words[3]);
  if (!hasBit(ta, 0)) return fault(Cause.pdtNotValid);
  const levels = firstStageMode(getField(fsc, 63, 60), caps);
  const reserved =
    getField(ta, 11, 3) !== 0 || getField(ta, 63, 32) !== 0 || getField(fsc, 59, 44) !== 0;
  if (reserved || levels === undefined) return fault(Cause.pdtMisconfigured);
  return {
    firstStage: { levels, ppn: getField(fsc, 43, 0) },
    ens: hasBit(ta, 1),
    sum: hasBit(ta, 2),
    pscid: getField(ta, 31, 12),
  };
}

function directoryFault(status: BusStatus): Fault | undefined {
  if (status === 'access-fault') return fault(Cause.pdtLoadAccessFault);
  if (status === 'corrupted') return fault(Cause.pdtCorrupted);
  return undefined;
}
