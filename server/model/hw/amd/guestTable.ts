import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { Refused, Unknown } from '../common/dma.ts';
import { entryAt, indexBits, inLeaf } from '../common/tables.ts';
import { FaultFlag, hardwareError, pageFault } from './events.ts';
import { plainPfn, walkHost, type HostTable } from './hostTable.ts';

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
/** Leaves exist at the levels of 4 KiB, 2 MiB and 1 GiB. */
const HIGHEST_LEAF_LEVEL = 2;

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
  for (let level = tables.levels - 1; level >= 0; level--) {
    const lg2 = PAGE_LG2 + LEVEL_BITS * level;
    const stop = readGuest(bus, tables, entryAt(ppn, indexBits(iova, lg2, LEVEL_BITS)), raw);
    if (stop !== undefined) return stop;
    const entry = word(raw[0]!, raw[1]);
    if (!hasBit(entry, 0)) {
      return pageFault('first', `no present entry at level ${level}`, flagsOf(access, 0));
    }
    write &&= hasBit(entry, 1);
    user &&= hasBit(entry, 2);
    execute &&= !hasBit(entry, 63);
    const stored = getField(entry, 51, 12);
    const page = plainPfn(stored, tables.host.encryptionPfn);
    const isLeaf = level === 0 || hasBit(entry, 7);
    if (!isLeaf) {
      ppn = page;
      continue;
    }
    if (level > HIGHEST_LEAF_LEVEL || isMisaligned(page, lg2)) {
      return pageFault(
        'first',
        `a leaf at level ${level} with reserved bits`,
        flagsOf(access, FaultFlag.pr | FaultFlag.rz),
      );
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
      gpa: inLeaf(page, lg2, iova),
      pageLg2: lg2,
      read: true,
      write,
      execute,
      encrypted: page !== stored,
    };
  }
  return { kind: 'unknown', why: 'a guest table without levels' };
}

/** Bit 12 of a large leaf is PAT; the rest up to its size is reserved. */
function isMisaligned(page: number, lg2: number): boolean {
  const below = page % 2 ** (lg2 - PAGE_LG2);
  return lg2 > PAGE_LG2 && below - (below % 2) !== 0;
}
