import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word, type Word64 } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { Refused, Unknown } from '../common/dma.ts';
import { entryAt, fits, indexBits, inLeaf } from '../common/tables.ts';
import { FaultFlag, hardwareError, pageFault } from './events.ts';

/** A leaf of the host page table, applied to one address. */
export interface HostTranslation {
  readonly kind: 'host';
  readonly spa: Addr;
  readonly pageLg2: number;
  /** IR of every level and of the device table entry. */
  readonly read: boolean;
  readonly write: boolean;
  readonly forceCoherent: boolean;
  /** The leaf carries the encryption bit (SME C-bit). Undefined without translation. */
  readonly encrypted: boolean | undefined;
}

/** What the walk of a host table needs to know. */
export interface HostTable {
  /** Levels. Range: 0 (no translation) to 6. */
  readonly mode: number;
  readonly root: number;
  readonly ir: boolean;
  readonly iw: boolean;
  /** Page-number bit that marks encrypted memory; it is no part of an address. 0 without memory encryption. */
  readonly encryptionPfn: number;
}

const PAGE_LG2 = 12;
const LEVEL_BITS = 9;
/** NextLevel of a leaf whose size is in its address bits. */
const SIZE_IN_ADDRESS = 7;

/** Page number without the encryption bit. */
export function plainPfn(pfn: number, encryptionPfn: number): number {
  if (encryptionPfn === 0) return pfn;
  return Math.floor(pfn / encryptionPfn) % 2 === 1 ? pfn - encryptionPfn : pfn;
}

/** log2 of the bytes one entry of a level maps; level 1 is that of 4 KiB pages, as the specification counts. */
function levelLg2(level: number): number {
  return PAGE_LG2 + LEVEL_BITS * (level - 1);
}

/** Size of a leaf with NextLevel 7: the ones from bit 12 up, and one more. Unit: lg2 bytes. */
function codedLg2(entry: Word64): number {
  let ones = 0;
  while (PAGE_LG2 + ones < 52 && hasBit(entry, PAGE_LG2 + ones)) ones++;
  return PAGE_LG2 + ones + 1;
}

function flagsOf(access: 'read' | 'write' | 'execute', more: number): number {
  return more | (access === 'write' ? FaultFlag.rw : 0);
}

/**
 * Walks a host (v1) page table.
 * Source: AMD IOMMU Specification 48882, "I/O Page Tables for Host Translations".
 */
export function walkHost(
  bus: Bus,
  table: HostTable,
  iova: Addr,
  access: 'read' | 'write' | 'execute',
): HostTranslation | Refused | Unknown {
  let read = table.ir;
  let write = table.iw;
  const denied = (): boolean => (access === 'write' ? !write : !read);
  if (table.mode === 0) {
    if (denied())
      return pageFault(
        'second',
        'the device table entry permits no such access',
        flagsOf(access, FaultFlag.pe),
      );
    return {
      kind: 'host',
      spa: iova,
      pageLg2: 64,
      read,
      write,
      forceCoherent: false,
      encrypted: undefined,
    };
  }
  const top = Math.min(64, levelLg2(table.mode + 1));
  if (!fits(iova, top)) {
    return pageFault(
      'second',
      `the address is beyond the ${top} bits of mode ${table.mode}`,
      flagsOf(access, 0),
    );
  }
  const raw = new Int32Array(2);
  let ppn = plainPfn(table.root, table.encryptionPfn);
  let level = table.mode;
  for (;;) {
    const index = indexBits(iova, levelLg2(level), LEVEL_BITS);
    if (bus.read(entryAt(ppn, index), 1, raw) !== 'ok') {
      return hardwareError('page', `level ${level} of the host table is not readable`);
    }
    const entry = word(raw[0]!, raw[1]);
    if (!hasBit(entry, 0)) {
      return pageFault('second', `no present entry at level ${level}`, flagsOf(access, 0));
    }
    const nextLevel = getField(entry, 11, 9);
    read &&= hasBit(entry, 61);
    write &&= hasBit(entry, 62);
    const isLeaf = nextLevel === 0 || nextLevel === SIZE_IN_ADDRESS;
    // Bits 58:52 are reserved in every entry; A, U and FC are ignored in a pointer.
    if (getField(entry, 58, 52) !== 0) {
      return pageFault(
        'second',
        `reserved bits at level ${level}`,
        flagsOf(access, FaultFlag.pr | FaultFlag.rz),
      );
    }
    if (!isLeaf) {
      if (nextLevel >= level) {
        return pageFault(
          'second',
          `NextLevel ${nextLevel} at level ${level} does not go down`,
          flagsOf(access, FaultFlag.pr | FaultFlag.rz),
        );
      }
      const skipped = levelLg2(level) - levelLg2(nextLevel + 1);
      if (skipped > 0 && indexBits(iova, levelLg2(nextLevel + 1), skipped) !== 0) {
        return {
          kind: 'unknown',
          why: 'the table skips levels whose address bits are not zero (specification 48882 is not checked here; the kernel never builds it)',
        };
      }
      ppn = plainPfn(getField(entry, 51, 12), table.encryptionPfn);
      level = nextLevel;
      continue;
    }
    const pageLg2 = nextLevel === 0 ? levelLg2(level) : codedLg2(entry);
    if (
      nextLevel === SIZE_IN_ADDRESS &&
      (pageLg2 <= levelLg2(level) || pageLg2 >= levelLg2(level + 1))
    ) {
      return {
        kind: 'unknown',
        why: `a leaf of 2^${pageLg2} bytes at level ${level}, which maps 2^${levelLg2(level)} per entry`,
      };
    }
    if (denied()) {
      return pageFault(
        'second',
        `no ${access} permission`,
        flagsOf(access, FaultFlag.pr | FaultFlag.pe),
      );
    }
    const stored = getField(entry, 51, 12);
    const page = plainPfn(stored, table.encryptionPfn);
    if (nextLevel === 0 && page % 2 ** (pageLg2 - PAGE_LG2) !== 0) {
      return pageFault(
        'second',
        `the leaf at level ${level} is not aligned to its size`,
        flagsOf(access, FaultFlag.pr | FaultFlag.rz),
      );
    }
    return {
      kind: 'host',
      spa: inLeaf(page, pageLg2, iova),
      pageLg2,
      read,
      write,
      forceCoherent: hasBit(entry, 60),
      encrypted: page !== stored,
    };
  }
}
