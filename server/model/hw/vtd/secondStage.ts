import type { Addr } from '../../bits/pfn.ts';
import { hasBit, or, word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaRequest, Refused } from '../common/dma.ts';
import { entryAt, fits, indexBits, inLeaf } from '../common/tables.ts';
import { readSecondEntry, secondItemLg2 } from './secondEntry.ts';
import { Legacy, refuse, Scalable, type Reason } from './faults.ts';

/*
 * Source of every bit in this file: Intel VT-d, "Second-Stage Paging Entries": A, D, SNP, nine address bits a
 * level.
 */

/** A leaf of the second stage, applied to one address. */
export interface SecondTranslation {
  readonly kind: 'second';
  readonly spa: Addr;
  readonly pageLg2: number;
  readonly read: boolean;
  readonly write: boolean;
  /** SNP of the leaf: the access is snooped by force. */
  readonly snoop: boolean;
}

/** What a walk of the second stage needs to know. */
export interface SecondStage {
  readonly levels: number;
  readonly root: number;
  /** Hardware sets A and D (PASID entry, SSADE). */
  readonly updatesAd: boolean;
  /** Width of physical addresses: what is above in an entry is reserved. Unit: bits. */
  readonly hawLg2: number;
  readonly reasons: SecondReasons;
  readonly fpd: 'shown' | 'hidden';
}

/** Which code each refusal has: legacy and scalable mode have their own. */
export interface SecondReasons {
  readonly beyond: Reason;
  readonly notReadable: Reason;
  readonly noRead: Reason;
  readonly noWrite: Reason;
  readonly reserved: Reason;
}

/** The codes of legacy mode. */
export const LEGACY_REASONS: SecondReasons = {
  beyond: Legacy.beyondMgaw,
  notReadable: Legacy.tableNotReadable,
  noRead: Legacy.noRead,
  noWrite: Legacy.noWrite,
  reserved: Legacy.pteReserved,
};

/** The codes of scalable mode. */
export const SCALABLE_REASONS: SecondReasons = {
  beyond: Scalable.secondBeyond,
  notReadable: Scalable.secondNotReadable,
  noRead: Scalable.secondPermission,
  noWrite: Scalable.secondPermission,
  reserved: Scalable.secondReserved,
};

const LEVEL_BITS = 9;
const ACCESSED = word(1 << 8);
const DIRTY = word(1 << 9);

/**
 * Walks second-stage tables.
 * There is no present bit: an entry with R and W clear is not present, at every level both permissions count.
 * Source: Intel VT-d, "Second-Stage Translation" and "Second-Stage Paging Entries".
 */
export function walkSecond(
  bus: Bus,
  stage: SecondStage,
  address: Addr,
  access: DmaRequest['access'],
): SecondTranslation | Refused {
  const stop = (reason: Reason): Refused => refuse('second', reason, stage.fpd);
  if (!fits(address, secondItemLg2(stage.levels))) return stop(stage.reasons.beyond);
  const noPermission = access === 'write' ? stage.reasons.noWrite : stage.reasons.noRead;
  const raw = new Int32Array(2);
  let ppn = stage.root;
  let read = true;
  let write = true;
  let level = stage.levels - 1;
  for (;;) {
    const at = entryAt(ppn, indexBits(address, secondItemLg2(level), LEVEL_BITS));
    if (bus.read(at, 1, raw) !== 'ok') return stop(stage.reasons.notReadable);
    const entry = word(raw[0]!, raw[1]);
    const reading = readSecondEntry(entry, level, stage.hawLg2);
    // Not present reads the same as not permitted.
    if (reading.kind === 'empty') return stop(noPermission);
    if (reading.kind === 'invalid') return stop(stage.reasons.reserved);
    read &&= reading.read;
    write &&= reading.write;
    if (access === 'write' ? !write : !read) return stop(noPermission);
    if (reading.kind === 'table') {
      ppn = reading.pfn;
      level--;
      continue;
    }
    if (stage.updatesAd) {
      const next = access === 'write' ? or(entry, ACCESSED, DIRTY) : or(entry, ACCESSED);
      const stored = bus.compareAndStore(at, entry, next);
      // Another agent changed the entry: it is read and judged again.
      if (stored === 'changed') continue;
      if (stored !== 'ok') return stop(stage.reasons.notReadable);
    }
    return {
      kind: 'second',
      spa: inLeaf(reading.pfn, reading.lg2, address),
      pageLg2: reading.lg2,
      read,
      write,
      snoop: hasBit(entry, 11),
    };
  }
}
