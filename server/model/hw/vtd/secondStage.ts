import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, or, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaRequest, Refused } from '../common/dma.ts';
import { entryAt, fits, indexBits, inLeaf } from '../common/tables.ts';
import { Legacy, refuse, Scalable, type Reason } from './faults.ts';

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

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
/** Leaves exist at the levels of 4 KiB, 2 MiB and 1 GiB. */
const HIGHEST_LEAF_LEVEL = 2;
const ACCESSED = word(1 << 8);
const DIRTY = word(1 << 9);

/** Bytes one entry maps. Unit: lg2. Level 0 is that of 4 KiB pages. */
function levelLg2(level: number): number {
  return PAGE_LG2 + LEVEL_BITS * level;
}

function hasReservedBits(
  entry: Word64,
  level: number,
  leafLg2: number | undefined,
  hawLg2: number,
): boolean {
  if (hawLg2 < 52 && getField(entry, 51, hawLg2) !== 0) return true;
  // PS is reserved where no leaf can be.
  if (level > HIGHEST_LEAF_LEVEL && hasBit(entry, 7)) return true;
  return (
    leafLg2 !== undefined && leafLg2 > PAGE_LG2 && getField(entry, leafLg2 - 1, PAGE_LG2) !== 0
  );
}

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
  if (!fits(address, levelLg2(stage.levels))) return stop(stage.reasons.beyond);
  const raw = new Int32Array(2);
  let ppn = stage.root;
  let read = true;
  let write = true;
  let level = stage.levels - 1;
  for (;;) {
    const lg2 = levelLg2(level);
    const at = entryAt(ppn, indexBits(address, lg2, LEVEL_BITS));
    if (bus.read(at, 1, raw) !== 'ok') return stop(stage.reasons.notReadable);
    const entry = word(raw[0]!, raw[1]);
    read &&= hasBit(entry, 0);
    write &&= hasBit(entry, 1);
    const isPresent = hasBit(entry, 0) || hasBit(entry, 1);
    const isLeaf = level === 0 || (level <= HIGHEST_LEAF_LEVEL && hasBit(entry, 7));
    if (isPresent && hasReservedBits(entry, level, isLeaf ? lg2 : undefined, stage.hawLg2)) {
      return stop(stage.reasons.reserved);
    }
    if (access === 'write' ? !write : !read) {
      return stop(access === 'write' ? stage.reasons.noWrite : stage.reasons.noRead);
    }
    if (!isLeaf) {
      ppn = getField(entry, 51, 12);
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
      spa: inLeaf(getField(entry, 51, 12), lg2, address),
      pageLg2: lg2,
      read,
      write,
      snoop: hasBit(entry, 11),
    };
  }
}
