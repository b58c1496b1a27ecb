import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { Refused, Unknown } from '../common/dma.ts';
import { entryAt, indexBits, inLeaf } from '../common/tables.ts';
import { readX86Entry, x86ItemLg2 } from '../common/x86Entry.ts';
import { FaultFlag, hardwareError, pageFault } from './events.ts';
import { plainPfn } from './hostEntry.ts';
import { walkHost, type HostTable } from './hostTable.ts';

/*
 * Source of every bit in this file: AMD64 Architecture Programmer's Manual, volume 2, "Long-Mode Page
 * Translation".
 */

/** A leaf of a guest (v2) page table: the format of x86-64 processors. */
export interface GuestTranslation {
  readonly kind: 'guest';
  readonly gpa: Addr;
  readonly pageLg2: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly encrypted: boolean;
}

/** Where the guest tables of a device start. */
export interface GuestTables {
  readonly gcr3Root: number;
  /** Levels of the GCR3 table less one. */
  readonly glx: number;
  /** Levels of the page table: 4 or 5. */
  readonly levels: number;
  /** Through which the tables themselves are found. */
  readonly host: HostTable;
}

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
const ENTRIES = 2 ** LEVEL_BITS;

/** Reads one word of a guest-physical table through the host table. */
function readGuest(
  bus: Bus,
  tables: GuestTables,
  gpa: Addr,
  into: Int32Array,
): Refused | Unknown | undefined {
  const at = walkHost(bus, tables.host, gpa, 'read');
  if (at.kind !== 'host') return at;
  return bus.read(at.spa, 1, into) === 'ok'
    ? undefined
    : hardwareError('page', 'a guest table is not readable');
}

function flagsOf(access: 'read' | 'write' | 'execute', more: number): number {
  return FaultFlag.gn | more | (access === 'write' ? FaultFlag.rw : 0);
}

/** Finds the page table of a PASID. Source: AMD IOMMU Specification 48882, "Guest CR3 Tables". */
function locateGcr3(
  bus: Bus,
  tables: GuestTables,
  pasid: number,
  access: 'read' | 'write' | 'execute',
): number | Refused | Unknown {
  const raw = new Int32Array(2);
  if (pasid >= 2 ** (LEVEL_BITS * (tables.glx + 1))) {
    return pageFault('first', 'the PASID is beyond the GCR3 table', flagsOf(access, 0));
  }
  let ppn = tables.gcr3Root;
  for (let level = tables.glx; level >= 0; level--) {
    const index = Math.floor(pasid / 2 ** (LEVEL_BITS * level)) % ENTRIES;
    const stop = readGuest(bus, tables, entryAt(ppn, index), raw);
    if (stop !== undefined) return stop;
    const entry = word(raw[0]!, raw[1]);
    if (!hasBit(entry, 0)) {
      return pageFault('first', `no valid GCR3 entry for PASID ${pasid}`, flagsOf(access, 0));
    }
    ppn = plainPfn(getField(entry, 51, 12), tables.host.encryptionPfn);
  }
  return ppn;
}

/**
 * Walks a guest (v2) page table.
 * Source: AMD IOMMU Specification 48882, "I/O Page Tables for Guest Translations"; AMD64 Architecture Programmer's
 * Manual, volume 2, "Long-Mode Page Translation".
 */
export function walkGuest(
  bus: Bus,
  tables: GuestTables,
  pasid: number,
  iova: Addr,
  access: 'read' | 'write' | 'execute',
  privileged: 'supervisor' | 'user',
): GuestTranslation | Refused | Unknown {
  const root = locateGcr3(bus, tables, pasid, access);
  if (typeof root !== 'number') return root;
  const pfnBits = LEVEL_BITS * tables.levels;
  const above = Math.floor(iova.pfn / 2 ** (pfnBits - 1));
  if (above !== 0 && above !== 2 ** (64 - PAGE_LG2 - pfnBits + 1) - 1) {
    return pageFault('first', 'the address is not canonical', flagsOf(access, 0));
  }
  const raw = new Int32Array(2);
  let ppn = root;
  let write = true;
  let user = true;
  let execute = true;
  // An entry of level 0 is a leaf or not there, so every walk ends within the loop.
  for (let level = tables.levels - 1; ; level--) {
    const stop = readGuest(
      bus,
      tables,
      entryAt(ppn, indexBits(iova, x86ItemLg2(level), LEVEL_BITS)),
      raw,
    );
    if (stop !== undefined) return stop;
    const entry = word(raw[0]!, raw[1]);
    const reading = readX86Entry(entry, level);
    if (reading.kind === 'empty') {
      return pageFault('first', `no present entry at level ${level + 1}`, flagsOf(access, 0));
    }
    if (reading.kind === 'invalid') {
      return pageFault(
        'first',
        `${reading.why}, at level ${level + 1}`,
        flagsOf(access, FaultFlag.pr | FaultFlag.rz),
      );
    }
    write &&= reading.write;
    user &&= hasBit(entry, 2);
    execute &&= !hasBit(entry, 63);
    const page = plainPfn(reading.pfn, tables.host.encryptionPfn);
    if (reading.kind === 'table') {
      ppn = page;
      continue;
    }
    const denied =
      (access === 'write' && !write) ||
      (access === 'execute' && !execute) ||
      (privileged === 'user' && !user);
    if (denied) {
      return pageFault(
        'first',
        `no ${access} permission`,
        flagsOf(access, FaultFlag.pr | FaultFlag.pe),
      );
    }
    return {
      kind: 'guest',
      gpa: inLeaf(page, reading.lg2, iova),
      pageLg2: reading.lg2,
      read: true,
      write,
      execute,
      encrypted: page !== reading.pfn,
    };
  }
}
