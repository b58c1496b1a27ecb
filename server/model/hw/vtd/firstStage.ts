import type { Addr } from '../../bits/pfn.ts';
import { hasBit, or, word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaRequest, Refused } from '../common/dma.ts';
import { entryAt, indexBits, inLeaf } from '../common/tables.ts';
import { readX86Entry, x86ItemLg2 } from '../common/x86Entry.ts';
import { refuse, Scalable, type Reason } from './faults.ts';
import { walkSecond, type SecondStage } from './secondStage.ts';

/*
 * Source of every bit in this file: Intel SDM, volume 3, "Paging": A and D, nine address bits a level.
 */

/** A leaf of the first stage, applied to one address. */
export interface FirstTranslation {
  readonly kind: 'first';
  /** Guest-physical when nested, else system physical. */
  readonly gpa: Addr;
  readonly pageLg2: number;
  readonly write: boolean;
  readonly execute: boolean;
}

/** What a walk of the first stage needs to know. */
export interface FirstStage {
  /** 4 or 5. */
  readonly levels: number;
  readonly root: number;
  /** Write protection holds for supervisor requests too. */
  readonly wpe: boolean;
  /** Through which the tables are found; undefined where they are system physical. */
  readonly nestedIn: SecondStage | undefined;
  readonly fpd: 'shown' | 'hidden';
}

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
const ACCESSED = word(1 << 5);
const DIRTY = word(1 << 6);

/**
 * Walks first-stage tables: the format of x86-64 processors.
 * Source: Intel VT-d, "First-Stage Translation". A and D are always set by hardware there.
 */
export function walkFirst(
  bus: Bus,
  stage: FirstStage,
  iova: Addr,
  access: DmaRequest['access'],
  privileged: 'supervisor' | 'user',
): FirstTranslation | Refused {
  const stop = (reason: Reason): Refused => refuse('first', reason, stage.fpd);
  const pfnBits = LEVEL_BITS * stage.levels;
  const above = Math.floor(iova.pfn / 2 ** (pfnBits - 1));
  if (above !== 0 && above !== 2 ** (64 - PAGE_LG2 - pfnBits + 1) - 1)
    return stop(Scalable.notCanonical);

  const raw = new Int32Array(2);
  let ppn = stage.root;
  let write = true;
  let user = true;
  let execute = true;
  let level = stage.levels - 1;
  for (;;) {
    const at = systemAddress(
      bus,
      stage,
      entryAt(ppn, indexBits(iova, x86ItemLg2(level), LEVEL_BITS)),
    );
    if ('kind' in at) return at;
    if (bus.read(at, 1, raw) !== 'ok') return stop(Scalable.firstNotReadable);
    const entry = word(raw[0]!, raw[1]);
    const reading = readX86Entry(entry, level);
    if (reading.kind === 'empty') return stop(Scalable.firstNotPresent);
    if (reading.kind === 'invalid') return stop(Scalable.firstReserved);
    write &&= reading.write;
    user &&= hasBit(entry, 2);
    execute &&= !hasBit(entry, 63);
    const isLeaf = reading.kind === 'leaf';
    if (isLeaf) {
      if (privileged === 'user' && !user) return stop(Scalable.userSupervisor);
      const mayWrite = write || (privileged === 'supervisor' && !stage.wpe);
      if (access === 'write' && !mayWrite) return stop(Scalable.noWrite);
      if (access === 'execute' && !execute) return stop(Scalable.noExecute);
    }
    const next = isLeaf && access === 'write' ? or(entry, ACCESSED, DIRTY) : or(entry, ACCESSED);
    if (next.lo !== entry.lo) {
      const stored = bus.compareAndStore(at, entry, next);
      // Another agent changed the entry: it is read and judged again.
      if (stored === 'changed') continue;
      if (stored !== 'ok') return stop(Scalable.firstNotReadable);
    }
    if (reading.kind === 'table') {
      ppn = reading.pfn;
      level--;
      continue;
    }
    return {
      kind: 'first',
      gpa: inLeaf(reading.pfn, reading.lg2, iova),
      pageLg2: reading.lg2,
      write,
      execute,
    };
  }
}

function systemAddress(bus: Bus, stage: FirstStage, gpa: Addr): Addr | Refused {
  if (stage.nestedIn === undefined) return gpa;
  const found = walkSecond(bus, stage.nestedIn, gpa, 'read');
  return found.kind === 'second' ? found.spa : found;
}
