import { ERRNO, type Ret } from '../bits/errno.ts';
import type { Addr } from '../bits/pfn.ts';
import { hasSize } from '../bits/pgSizes.ts';
import { POW2 } from '../bits/pow2.ts';
import {
  addressHi,
  addressLo,
  itemLg2,
  levelOfSize,
  TABLE,
  tablePfn,
  kindOf,
} from '../fmt/ptFormat.ts';
import { load, store } from '../mem/physMem.ts';
import { collectTables } from './clearContig.ts';
import type { SizeChangeMode } from './cut.ts';
import { findLeaf, type FoundLeaf } from './findLeaf.ts';
import { gatherPending, pendTable } from './gatherPending.ts';
import { createGather, addRange, iommuIotlbSync, type IotlbGather } from './iotlbGather.ts';
import {
  createPending,
  flushItems,
  granulesToAddr,
  indexOf,
  makeRange,
  type IommuTable,
} from './iommuTable.ts';
import { sizeChangeRule } from './sizeChange.ts';

/** A run of leaves that one large leaf can replace. */
interface Mergeable {
  readonly first: FoundLeaf;
  /** Dirty bits of all of them. */
  readonly dirtyLo: number;
}

/**
 * Merges runs of leaves into leaves of a size, wherever a whole aligned block of the range translates to one block
 * with equal protection. Blocks that do not are left as they are. Tables that become unused go to the gather.
 * Nothing of the kernel does this yet.
 */
export function increasePageSize(
  table: IommuTable,
  iova: Addr,
  length: Addr,
  sizeLg2: number,
  mode: SizeChangeMode,
  gather: IotlbGather,
): Ret {
  const refused = makeRange(table, iova, length);
  if (refused !== 0) return refused;
  if (!hasSize(table.pgsizes, sizeLg2)) return -ERRNO.ENXIO;
  const { va: start, last, vaSub, lastFull } = table.range;
  const granules = POW2[sizeLg2 - table.format.granuleLg2]!;
  const items = 1 << (sizeLg2 - itemLg2(table.format, levelOfSize(table.format, sizeLg2)));
  const rule = sizeChangeRule(table.format.name, items);
  if (mode === 'in place' && rule.inPlace !== 'allowed') return -ERRNO.EOPNOTSUPP;
  const begin = start + (vaSub === 0 ? 0 : 1);
  const end = last + (lastFull ? 1 : 0);
  for (let va = Math.ceil(begin / granules) * granules; va + granules <= end; va += granules) {
    const run = findRun(table, va, granules, sizeLg2);
    if (run !== undefined) mergeRun(table, run, va, sizeLg2, mode, gather);
  }
  return 0;
}

/** The leaves of a block, if they translate to one aligned block alike and at least one is smaller than it. */
function findRun(
  table: IommuTable,
  va: number,
  granules: number,
  sizeLg2: number,
): Mergeable | undefined {
  const first = findLeaf(table, va);
  if (first === undefined || first.sizeLg2 >= sizeLg2 || first.oa % granules !== 0)
    return undefined;
  const clean = ~table.format.dirtyLo;
  let dirtyLo = 0;
  for (let at = va; at < va + granules;) {
    const leaf = findLeaf(table, at);
    if (leaf === undefined || leaf.oa - first.oa !== at - va) return undefined;
    if ((leaf.restLo & clean) !== (first.restLo & clean) || leaf.restHi !== first.restHi) {
      return undefined;
    }
    dirtyLo |= leaf.restLo & table.format.dirtyLo;
    at += leaf.granules;
  }
  return { first, dirtyLo };
}

function mergeRun(
  table: IommuTable,
  { first, dirtyLo }: Mergeable,
  va: number,
  sizeLg2: number,
  mode: SizeChangeMode,
  gather: IotlbGather,
): void {
  const { format, mem, scratch } = table;
  const level = levelOfSize(format, sizeLg2);
  const items = 1 << (sizeLg2 - itemLg2(format, level));
  let pfn = table.topPfn;
  for (let at = table.topLevel; at > level; at--) {
    const { lo, hi } = load(mem, pfn, indexOf(table, va, at));
    pfn = tablePfn(format, lo, hi, table);
  }
  const index = indexOf(table, va, level);
  const pending = createPending();
  for (let n = 0; n < items; n++) {
    const { lo, hi } = load(mem, pfn, index + n);
    if (kindOf(format, lo, hi, level) !== TABLE) continue;
    const child = tablePfn(format, lo, hi, table);
    collectTables(table, pending, child, level - 1, ITEMS, 'pass over leaves');
    pendTable(table, pending, level, child);
  }
  const start = granulesToAddr(table, va);
  const span = granulesToAddr(table, POW2[sizeLg2 - format.granuleLg2]!);
  if (mode === 'break before make') {
    for (let n = 0; n < items; n++) store(mem, pfn, index + n, 0, 0);
    flushItems(table, pfn, index, items);
    const broken = createGather();
    addRange(broken, start, span);
    iommuIotlbSync(table.driver, broken);
  }
  format.leafBits(scratch, sizeLg2, level, table);
  const lo = first.restLo | dirtyLo | scratch.lo | addressLo(format, first.oa);
  const hi = first.restHi | scratch.hi | addressHi(format, first.oa);
  for (let n = 0; n < items; n++) store(mem, pfn, index + n, lo, hi);
  flushItems(table, pfn, index, items);
  gatherPending(table, gather, pending, start, span);
}

const ITEMS = 512;
