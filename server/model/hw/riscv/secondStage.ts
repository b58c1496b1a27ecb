import { addAddr, addr, type Addr } from '../../bits/pfn.ts';
import { word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import { wordAt } from './ddt.ts';
import type { StageRoot } from './deviceContext.ts';
import type { Access } from './faults.ts';
import { readPte, touched } from './pte.ts';
import type { Capabilities } from './registers.ts';
import type { Pbmt } from './request.ts';

/*
 * Source of every bit in this file: RISC-V Privileged Architecture, "Two-Stage Address Translation".
 */

/** How a walk of page tables can end short, before it is turned into a cause. */
export type WalkStop = 'page-fault' | 'access-fault' | 'corrupted';

/** A leaf of the second stage, applied to one guest-physical address. */
export interface GuestTranslation {
  readonly pa: Addr;
  readonly pageLg2: number;
  readonly pbmt: Pbmt;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly dirty: boolean;
}

/** What the second stage of one device consists of. */
export interface SecondStage {
  readonly root: StageRoot;
  /** DC.tc.GADE: the IOMMU sets A and D itself. */
  readonly updatesAd: boolean;
  /** log2 of the translation size that this IOMMU reports for a Bare stage; implementation-defined. */
  readonly bareLg2: number;
}

const LEVEL_BITS = 9;
const PAGE_LG2 = 12;
/** The root of a second stage is four pages: its index is two bits wider. */
const ROOT_EXTRA_BITS = 2;
const ENTRIES = 2 ** LEVEL_BITS;

/** Whether a guest-physical address fits the width of the second stage (41, 50 or 59 bits). */
function isInRange(gpa: Addr, levels: number): boolean {
  return gpa.pfn < 2 ** (LEVEL_BITS * levels + ROOT_EXTRA_BITS);
}

/** Offset of an address within its leaf. */
export function withinLeaf(leafPpn: number, pageLg2: number, address: Addr): Addr {
  const pages = 2 ** (pageLg2 - PAGE_LG2);
  return addAddr(addr(leafPpn), addr(address.pfn % pages, address.offset));
}

/**
 * Translates a guest-physical address, with the accesses to memory that this takes.
 * Source: RISC-V Privileged Architecture, "Two-Stage Address Translation", G-stage; each leaf must be a user page.
 */
export function translateGuest(
  bus: Bus,
  stage: SecondStage,
  gpa: Addr,
  need: Access,
  caps: Capabilities,
): GuestTranslation | WalkStop {
  const { levels } = stage.root;
  if (levels === 0) {
    return {
      pa: gpa,
      pageLg2: stage.bareLg2,
      pbmt: 0,
      read: true,
      write: true,
      execute: true,
      dirty: true,
    };
  }
  if (!isInRange(gpa, levels)) return 'page-fault';
  const raw = new Int32Array(2);
  let ppn = stage.root.ppn;
  // An entry of level 0 is a leaf or invalid, so every walk ends within the loop.
  for (let level = levels - 1; ; level--) {
    const below = Math.floor(gpa.pfn / 2 ** (LEVEL_BITS * level));
    const at = wordAt(ppn, level === levels - 1 ? below : below % ENTRIES);
    const status = bus.read(at, 1, raw);
    if (status !== 'ok') return status;
    const entry = word(raw[0]!, raw[1]);
    const reading = readPte(entry, level, caps);
    if (reading.kind === 'invalid') return 'page-fault';
    if (reading.kind === 'table') {
      ppn = reading.ppn;
      continue;
    }
    if (!reading.user) return 'page-fault';
    if ((need.read && !reading.read) || (need.write && !reading.write)) return 'page-fault';
    if (need.execute && !reading.execute) return 'page-fault';
    let { dirty } = reading;
    if (!reading.accessed || (need.write && !dirty)) {
      if (!stage.updatesAd) return 'page-fault';
      const next = touched(entry, need.write);
      const stored = bus.compareAndStore(at, entry, next);
      if (stored === 'changed') {
        // Another agent changed the entry: this level is read and judged again.
        level++;
        continue;
      }
      if (stored !== 'ok') return stored;
      dirty ||= need.write;
    }
    return {
      pa: withinLeaf(reading.ppn, reading.pageLg2, gpa),
      pageLg2: reading.pageLg2,
      pbmt: reading.pbmt,
      read: reading.read,
      write: reading.write,
      execute: reading.execute,
      dirty,
    };
  }
}
