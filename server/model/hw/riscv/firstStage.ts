import { addr, type Addr } from '../../bits/pfn.ts';
import { or, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import { wordAt } from './ddt.ts';
import type { StageRoot } from './deviceContext.ts';
import { causeOf, fault, Cause, type Access } from './faults.ts';
import { readPte, touched } from './pte.ts';
import type { Capabilities } from './registers.ts';
import type { Fault, Pbmt } from './request.ts';
import { translateGuest, withinLeaf, type SecondStage, type WalkStop } from './secondStage.ts';

/*
 * Source of every bit in this file: RISC-V Privileged Architecture, "Virtual Address Translation Process"; RISC-V
 * IOMMU Architecture Specification 1.0, "Fault/Event-Queue", iotval2.
 */

/** Privilege of the access in the first stage. */
export interface Privilege {
  readonly supervisor: boolean;
  /** PC.ta.SUM: supervisor accesses may use user pages. */
  readonly sum: boolean;
}

/** What the first stage of one process consists of. */
export interface FirstStage {
  readonly root: StageRoot;
  /** DC.tc.SADE: the IOMMU sets A and D itself. */
  readonly updatesAd: boolean;
}

/** A leaf of the first stage, applied to one IOVA. */
export interface FirstTranslation {
  readonly gpa: Addr;
  readonly pageLg2: number;
  readonly pbmt: Pbmt;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly dirty: boolean;
  readonly global: boolean;
}

const LEVEL_BITS = 9;
const PAGE_LG2 = 12;
const ENTRIES = 2 ** LEVEL_BITS;
const READ: Access = { read: true, write: false, execute: false };
const WRITE: Access = { read: false, write: true, execute: false };

/** Whether the bits above the translated width repeat its top bit. */
function isCanonical(iova: Addr, levels: number): boolean {
  const pfnBits = LEVEL_BITS * levels;
  const above = Math.floor(iova.pfn / 2 ** (pfnBits - 1));
  return above === 0 || above === 2 ** (64 - PAGE_LG2 - pfnBits + 1) - 1;
}

/** The guest-physical address that a guest-page fault reports, with its flags in bits 1:0. */
export function guestFaultValue(
  gpa: Addr,
  by: 'device' | 'implicit-read' | 'implicit-write',
): Word64 {
  const low = ((gpa.pfn % 2 ** 20) * 2 ** PAGE_LG2 + gpa.offset) & ~3;
  const flags = by === 'device' ? 0 : by === 'implicit-read' ? 1 : 3;
  return or(word(low, Math.floor(gpa.pfn / 2 ** 20)), word(flags));
}

/** Turns a stop of the second stage into the fault that is reported. */
export function guestStop(
  stop: WalkStop,
  gpa: Addr,
  by: 'device' | 'implicit-read' | 'implicit-write',
  access: Access,
): Fault {
  switch (stop) {
    case 'page-fault':
      return { cause: causeOf('guest-page', access), iotval2: guestFaultValue(gpa, by) };
    case 'access-fault':
      return fault(causeOf('access', access));
    case 'corrupted':
      return fault(Cause.ptCorrupted);
  }
}

/**
 * Translates an IOVA to a guest-physical address. Every entry is itself found through the second stage.
 * Source: RISC-V Privileged Architecture, "Virtual Address Translation Process".
 */
export function translateFirst(
  bus: Bus,
  first: FirstStage,
  second: SecondStage,
  iova: Addr,
  access: Access,
  privilege: Privilege,
  caps: Capabilities,
): FirstTranslation | Fault {
  const { levels } = first.root;
  if (levels === 0) {
    return {
      gpa: iova,
      pageLg2: second.bareLg2,
      pbmt: 0,
      read: true,
      write: true,
      execute: true,
      dirty: true,
      global: false,
    };
  }
  const pageFault = fault(causeOf('page', access));
  // Step 1: the address must be canonical.
  if (!isCanonical(iova, levels)) return pageFault;
  const raw = new Int32Array(2);
  let ppn = first.root.ppn;
  let globalAbove = false;
  // An entry of level 0 is a leaf or invalid, so every walk ends within the loop.
  for (let level = levels - 1; ; level--) {
    const index = Math.floor(iova.pfn / 2 ** (LEVEL_BITS * level)) % ENTRIES;
    const entryGpa = wordAt(ppn, index);
    // Step 2: fetch the entry, through the second stage where there is one.
    const at = translateGuest(bus, second, entryGpa, READ, caps);
    if (typeof at === 'string') return guestStop(at, entryGpa, 'implicit-read', access);
    const status = bus.read(at.pa, 1, raw);
    if (status !== 'ok') return guestStop(status, entryGpa, 'implicit-read', access);
    const entry = word(raw[0]!, raw[1]);
    // Steps 3-4: invalid, reserved, or a pointer to the next level.
    const reading = readPte(entry, level, caps);
    if (reading.kind === 'invalid') return pageFault;
    if (reading.kind === 'table') {
      globalAbove ||= (raw[0]! & (1 << 5)) !== 0;
      ppn = reading.ppn;
      continue;
    }
    // Steps 5-6: permissions and privilege.
    if ((access.read && !reading.read) || (access.write && !reading.write)) return pageFault;
    if (access.execute && !reading.execute) return pageFault;
    if (
      reading.user
        ? privilege.supervisor && (access.execute || !privilege.sum)
        : !privilege.supervisor
    ) {
      return pageFault;
    }
    // Steps 7-9: A and D.
    let { dirty } = reading;
    if (!reading.accessed || (access.write && !dirty)) {
      if (!first.updatesAd) return pageFault;
      // The fetch above may have found a page that is writable and already dirty; else the store asks again.
      const target = at.write && at.dirty ? at : translateGuest(bus, second, entryGpa, WRITE, caps);
      if (typeof target === 'string') return guestStop(target, entryGpa, 'implicit-write', access);
      const stored = bus.compareAndStore(target.pa, entry, touched(entry, access.write));
      if (stored === 'changed') {
        level++;
        continue;
      }
      if (stored !== 'ok') return guestStop(stored, entryGpa, 'implicit-write', access);
      dirty ||= access.write;
    }
    return {
      gpa: withinLeaf(reading.ppn, reading.pageLg2, addr(iova.pfn, iova.offset)),
      pageLg2: reading.pageLg2,
      pbmt: reading.pbmt,
      read: reading.read,
      write: reading.write,
      execute: reading.execute,
      dirty,
      global: globalAbove || reading.global,
    };
  }
}
