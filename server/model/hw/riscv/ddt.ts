import { addr, type Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import {
  BASE_WORDS,
  decodeDeviceContext,
  EXTENDED_WORDS,
  isValidContext,
  type DeviceContext,
} from './deviceContext.ts';
import { Cause, fault } from './faults.ts';
import type { Capabilities, Ddtp, FeatureControl } from './registers.ts';
import type { Fault } from './request.ts';

/*
 * Source of every bit in this file: RISC-V IOMMU Architecture Specification 1.0, "Device-Directory-Table".
 */

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;

/** Widths of the directory indices, level 0 first: base format, extended format. Unit: bits. */
const BASE_SPLIT: readonly number[] = [7, 9, 8];
const EXTENDED_SPLIT: readonly number[] = [6, 9, 9];

/** A word of a table: `index` may reach past the first page of a root that is several pages long. */
export function wordAt(ppn: number, index: number, bytes: number = WORD_BYTES): Addr {
  const offset = index * bytes;
  return addr(ppn + Math.floor(offset / PAGE_BYTES), offset % PAGE_BYTES);
}

/** Cuts an identifier into indices, level 0 first. */
export function splitIndex(id: number, widths: readonly number[]): readonly number[] {
  let rest = id;
  return widths.map((width) => {
    const index = rest % 2 ** width;
    rest = Math.floor(rest / 2 ** width);
    return index;
  });
}

/** Words of a device context in this IOMMU. */
export function contextWords(caps: Capabilities): number {
  return caps.msiFlat ? EXTENDED_WORDS : BASE_WORDS;
}

/** Whether the device directory has enough levels for the id; checked before the directory is read. */
export function isDeviceIdInRange(
  deviceId: number,
  levels: 1 | 2 | 3,
  caps: Capabilities,
): boolean {
  const indices = splitIndex(deviceId, caps.msiFlat ? EXTENDED_SPLIT : BASE_SPLIT);
  return indices.slice(levels).every((index) => index === 0);
}

/**
 * Finds the device context of a device id.
 * Source: RISC-V IOMMU Architecture Specification 1.0, "Process to locate the Device-context".
 */
export function locateDeviceContext(
  bus: Bus,
  directory: Ddtp & { readonly mode: 1 | 2 | 3 },
  deviceId: number,
  caps: Capabilities,
  fctl: FeatureControl,
): DeviceContext | Fault {
  const indices = splitIndex(deviceId, caps.msiFlat ? EXTENDED_SPLIT : BASE_SPLIT);
  const words = new Int32Array(2 * EXTENDED_WORDS);

  // Steps 1-7: down the non-leaf directory pages.
  let ppn = directory.ppn;
  for (let level = directory.mode - 1; level > 0; level--) {
    const status = bus.read(wordAt(ppn, indices[level]!), 1, words);
    if (status === 'access-fault') return fault(Cause.ddtLoadAccessFault);
    if (status === 'corrupted') return fault(Cause.ddtCorrupted);
    const entry = word(words[0]!, words[1]);
    if (!hasBit(entry, 0)) return fault(Cause.ddtNotValid);
    if (hasReservedDirectoryBits(entry)) return fault(Cause.ddtMisconfigured);
    ppn = getField(entry, 53, 10);
  }

  // Steps 8-11: the context itself, read in one access.
  const count = contextWords(caps);
  const status = bus.read(wordAt(ppn, indices[0]!, count * WORD_BYTES), count, words);
  if (status === 'access-fault') return fault(Cause.ddtLoadAccessFault);
  if (status === 'corrupted') return fault(Cause.ddtCorrupted);
  const context: Word64[] = [];
  for (let n = 0; n < count; n++) context.push(word(words[2 * n]!, words[2 * n + 1]));
  if (!isValidContext(context[0]!)) return fault(Cause.ddtNotValid);
  return decodeDeviceContext(context, caps, fctl) ?? fault(Cause.ddtMisconfigured);
}

/** Bits 9:1 and 63:54 of a non-leaf directory entry are reserved; so they are in a process directory. */
export function hasReservedDirectoryBits(entry: Word64): boolean {
  return getField(entry, 9, 1) !== 0 || getField(entry, 63, 54) !== 0;
}
