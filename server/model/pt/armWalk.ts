import { ERRNO, type Ret } from '../bits/errno.ts';
import { addAddr, isBelow, isSame, lastByte, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
import { or53, POW2 } from '../bits/pow2.ts';
import { word, type Word64 } from '../bits/pte64.ts';
import {
  ARM_LAST_LEVEL,
  ARM_LEVELS,
  isArmLeaf,
  isArmTable,
  isWriteableDirty,
  RDONLY_LO,
} from '../fmt/armLpae.ts';
import { logIova } from '../mem/events.ts';
import { load, store } from '../mem/physMem.ts';
import {
  armIndex,
  armTarget,
  armWalkTowards,
  entriesAt,
  warnArm,
  type ArmTable,
} from './armTable.ts';
import { IOMMU_DIRTY_NO_CLEAR, type DirtyBitmap } from './dirty.ts';
import { addRange } from './iotlbGather.ts';
import { itemIn, type SeenTable } from './seenTable.ts';

/** A walk over the entries of a range. Kernel: struct io_pgtable_walk_data. */
interface Walk {
  /** Where the walk stands; it moves by whole leaves and is never aligned down. */
  at: Addr;
  readonly end: Addr;
  /** Called for each entry on the way, tables included. */
  readonly visit: (level: number, pfn: number, index: number, entry: Word64) => void;
}

/** Walks entries until the end of the range or the first one that is neither leaf nor table. Kernel: __arm_lpae_iopte_walk(). */
function walkEntries(table: ArmTable, walk: Walk, level: number, pfn: number): Ret {
  if (level === ARM_LEVELS) {
    warnArm(table, 'table pointer at the last level', 'always');
    return -ERRNO.EINVAL;
  }
  const entries = entriesAt(table, level);
  let index = armIndex(table, walk.at.pfn, level);
  for (; index < entries && isBelow(walk.at, walk.end); index++) {
    const entry = load(table.mem, pfn, index);
    walk.visit(level, pfn, index, entry);
    if (isArmLeaf(table.format.stage, entry.lo, level)) {
      walk.at = addAddr(walk.at, { pfn: table.spans[level]!, offset: 0 });
      continue;
    }
    if (!isArmTable(entry.lo, level)) return -ERRNO.EINVAL;
    const ret = walkEntries(table, walk, level + 1, armTarget(table, entry.lo, entry.hi));
    if (ret !== 0) return ret;
  }
  return 0;
}

const ONE_BYTE: Addr = Object.freeze({ pfn: 0, offset: 1 });

/**
 * What an IOVA translates to; 0 also stands for no translation. Addresses beyond ias alias.
 * Kernel: arm_lpae_iova_to_phys(), whose walk over one byte looks at one entry per level.
 */
export function armIovaToPhys(table: ArmTable, iova: Addr): Addr {
  const seen = armWalkTowards(table, iova.pfn, ARM_LAST_LEVEL);
  const { chunk, level } = seen;
  const at = seen.base + (itemIn(seen, iova.pfn) << 1);
  if (at >= chunk.length) return lookUpFrom(table, iova, seen);
  return translate(table, iova, level, chunk[at]!, chunk[at + 1]!);
}

/** Goes on from a table that leaves its chunk of memory. */
function lookUpFrom(table: ArmTable, iova: Addr, seen: SeenTable): Addr {
  let { pfn } = seen;
  for (let { level } = seen; ; level++) {
    const { lo, hi } = load(table.mem, pfn, armIndex(table, iova.pfn, level));
    if (!isArmTable(lo, level)) return translate(table, iova, level, lo, hi);
    pfn = armTarget(table, lo, hi);
  }
}

/** What an entry makes of an address, if it is a leaf. */
function translate(table: ArmTable, iova: Addr, level: number, lo: number, hi: number): Addr {
  if (!isArmLeaf(table.format.stage, lo, level)) return ZERO;
  const target = armTarget(table, lo, hi);
  const pfn = table.spans[level] === 1 ? target : insideBlock(table, level, target, iova.pfn);
  return { pfn, offset: iova.offset };
}

/** Page to which a block at `target` translates a page. */
function insideBlock(table: ArmTable, level: number, target: number, iovaPfn: number): number {
  const span = table.spans[level]!;
  // An or, not a sum: the kernel maps output addresses that are not aligned to the page size.
  return or53(target, iovaPfn - Math.floor(iovaPfn * table.perSpan[level]!) * span);
}

/** The entries that translate an IOVA, by ARM level; levels not reached are zero. Kernel: arm_lpae_pgtable_walk(). */
export function armWalk(
  table: ArmTable,
  iova: Addr,
): { readonly ret: Ret; readonly entries: readonly Word64[] } {
  const entries = Array.from({ length: ARM_LEVELS }, () => word(0));
  const walk: Walk = {
    at: iova,
    end: addAddr(iova, ONE_BYTE),
    visit: (level, _pfn, _index, entry) => {
      entries[level] = entry;
    },
  };
  const ret = walkEntries(table, walk, table.geometry.startLevel, table.pgdPfn);
  return { ret, entries };
}

/** Reports leaves that the device wrote to, and makes them read-only again unless told otherwise. Kernel: arm_lpae_read_and_clear_dirty(). */
export function armReadAndClearDirty(
  table: ArmTable,
  iova: Addr,
  length: Addr,
  flags: number,
  bitmap: DirtyBitmap,
): Ret {
  const last = lastByte(iova, length);
  if (isSame(length, ZERO) || last.pfn >= POW2[table.config.ias - PAGE_LG2]!) {
    warnArm(table, 'empty or out-of-range dirty range', 'always');
    return -ERRNO.EINVAL;
  }
  if (!table.format.dirty) return -ERRNO.EINVAL;
  const walk: Walk = {
    at: iova,
    end: addAddr(iova, length),
    visit: (level, pfn, index, entry) => {
      if (!isArmLeaf(table.format.stage, entry.lo, level)) return;
      if (!isWriteableDirty(entry.lo, entry.hi)) return;
      const span = { pfn: table.spans[level]!, offset: 0 };
      if (bitmap.record !== null) {
        if (table.mem.log !== null) logIova(table.mem.log, 'dirty', walk.at, span);
        bitmap.record(walk.at, span);
      }
      addRange(bitmap.gather, walk.at, span);
      if ((flags & IOMMU_DIRTY_NO_CLEAR) === 0) {
        store(table.mem, pfn, index, entry.lo | RDONLY_LO, entry.hi);
      }
    },
  };
  return walkEntries(table, walk, table.geometry.startLevel, table.pgdPfn);
}
