import type { Addr } from '../../bits/pfn.ts';
import { getField, hasBit, word } from '../../bits/pte64.ts';
import type { Bus } from '../common/bus.ts';
import type { DmaRequest, Refused, Unknown } from '../common/dma.ts';
import { entryAt, fits, indexBits, inLeaf } from '../common/tables.ts';
import { FaultFlag, hardwareError, pageFault } from './events.ts';
import { hostItemLg2, plainPfn, readHostEntry } from './hostEntry.ts';

/*
 * Source of every bit in this file: AMD IOMMU Specification 48882, "I/O Page Tables for Host Translations".
 */

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

const LEVEL_BITS = 9;
const ADDRESS_BITS = 64;

/**
 * Walks a host (v1) page table.
 * Source: AMD IOMMU Specification 48882, "I/O Page Tables for Host Translations".
 */
export function walkHost(
  bus: Bus,
  table: HostTable,
  iova: Addr,
  access: DmaRequest['access'],
): HostTranslation | Refused | Unknown {
  const stop = (why: string, flags: number): Refused =>
    pageFault('second', why, flags | (access === 'write' ? FaultFlag.rw : 0));
  let read = table.ir;
  let write = table.iw;
  const denied = (): boolean => (access === 'write' ? !write : !read);
  if (table.mode === 0) {
    if (denied()) return stop('the device table entry permits no such access', FaultFlag.pe);
    const untranslated = { pageLg2: ADDRESS_BITS, forceCoherent: false, encrypted: undefined };
    return { kind: 'host', spa: iova, read, write, ...untranslated };
  }
  const top = Math.min(ADDRESS_BITS, hostItemLg2(table.mode));
  if (!fits(iova, top))
    return stop(`the address is beyond the ${top} bits of mode ${table.mode}`, 0);

  const raw = new Int32Array(2);
  let ppn = plainPfn(table.root, table.encryptionPfn);
  let level = table.mode - 1;
  for (;;) {
    const index = indexBits(iova, hostItemLg2(level), LEVEL_BITS);
    if (bus.read(entryAt(ppn, index), 1, raw) !== 'ok') {
      return hardwareError('page', `level ${level + 1} of the host table is not readable`);
    }
    const entry = word(raw[0]!, raw[1]);
    const reading = readHostEntry(entry, level, table.encryptionPfn);
    switch (reading.kind) {
      case 'empty':
        return stop(`no present entry at level ${level + 1}`, 0);
      case 'invalid':
        return stop(`${reading.why}, at level ${level + 1}`, FaultFlag.pr | FaultFlag.rz);
      case 'table': {
        read &&= reading.read;
        write &&= reading.write;
        const skipped = hostItemLg2(level) - hostItemLg2(reading.nextLevel + 1);
        if (skipped > 0 && indexBits(iova, hostItemLg2(reading.nextLevel + 1), skipped) !== 0) {
          return { kind: 'unknown', why: SKIPPED_LEVELS };
        }
        ppn = reading.pfn;
        level = reading.nextLevel;
        break;
      }
      case 'leaf':
        read &&= reading.read;
        write &&= reading.write;
        if (denied()) return stop(`no ${access} permission`, FaultFlag.pr | FaultFlag.pe);
        return {
          kind: 'host',
          spa: inLeaf(reading.pfn, reading.lg2, iova),
          pageLg2: reading.lg2,
          read,
          write,
          forceCoherent: hasBit(entry, 60),
          encrypted: isEncrypted(getField(entry, 51, 12), table.encryptionPfn),
        };
    }
  }
}

const SKIPPED_LEVELS =
  'the table skips levels whose address bits are not zero: the kernel never builds it, and what hardware does was not looked up';

function isEncrypted(pfn: number, encryptionPfn: number): boolean {
  return plainPfn(pfn, encryptionPfn) !== pfn;
}
