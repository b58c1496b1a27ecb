import { ERRNO, type Ret } from '../bits/errno.ts';
import { ZERO, type Addr } from '../bits/pfn.ts';
import { below, NO_SIZES, type PgSizes } from '../bits/pgSizes.ts';
import { modPow2, or53, POW2 } from '../bits/pow2.ts';
import { word, type Word64 } from '../bits/pte64.ts';
import { supportedFeatures, type Build, type BuildMode } from '../fmt/builds.ts';
import { features as featureBits, hasFeature, PT_FEAT } from '../fmt/features.ts';
import {
  addressOf,
  granuleOf,
  itemLg2,
  ITEMS_LG2,
  type HwInfo,
  type PtConfig,
} from '../fmt/ptFormat.ts';
import { logWarning } from '../mem/events.ts';
import { allocPages, putPagesList, startIncoherent, type IommuPages } from '../mem/iommuPages.ts';
import { collectTables } from './clearContig.ts';
import { topBytes } from './increaseTop.ts';
import {
  createLastIndex,
  createMapState,
  createPending,
  createUnmapState,
  granulesToAddr,
  isReached,
  setTop,
  topRangeLg2,
  walkFeatures,
  walkTowards,
  type IommuTable,
  type Profile,
  type PtDriver,
} from './iommuTable.ts';
import { itemIn, UNSEEN } from './seenTable.ts';

/** Everything a table is made from. */
export interface PtInit {
  readonly build: Build;
  readonly config: PtConfig;
  readonly pages: IommuPages;
  readonly driver: PtDriver;
  /** Default: a release kernel. */
  readonly mode?: BuildMode;
  /** Default: what 7.3 does. */
  readonly profile?: Profile;
  /** Kernel: sme_me_mask. Default: no memory encryption. */
  readonly sme?: Word64;
  /** Whether there is a device to flush for; default: yes. Kernel: iommu_device. */
  readonly device?: 'present' | 'absent';
}

/** A table, or the error with which its creation failed. */
export type PtInitResult =
  | { readonly ret: 0; readonly table: IommuTable }
  | { readonly ret: Ret; readonly table: undefined };

/** Creates a table with an empty top. Kernel: pt_iommu_init(). */
export function initTable(init: PtInit): PtInitResult {
  const { build, config, pages, driver } = init;
  const { format } = build;
  const mode = init.mode ?? 'release';
  const fail = (errno: number): PtInitResult => ({ ret: -errno, table: undefined });
  if (config.vaszLg2 > format.maxVaLg2 || config.vaszLg2 === 0 || config.oaszLg2 === 0) {
    return fail(ERRNO.EINVAL);
  }
  const features = (config.features | build.forced) >>> 0;
  const sme = init.sme ?? word(0);
  const table: IommuTable = {
    build,
    format,
    mode,
    debug: mode === 'debug',
    profile: init.profile ?? '7.3',
    pages,
    mem: pages.mem,
    driver,
    features,
    configured: config.features,
    maxVaszLg2: config.vaszLg2,
    maxOaszLg2: config.oaszLg2,
    sme: hasFeature(features, format.encryptFeature) ? sme : word(0),
    topPfn: 0,
    topLevel: 0,
    reach: 0,
    lastIndex: createLastIndex(),
    top: UNSEEN,
    unmap: createUnmapState(),
    pgsizes: NO_SIZES,
    ...walkFeatures(features),
    range: { va: 0, vaSub: 0, last: 0, lastFull: false },
    map: createMapState(),
    scratch: { lo: 0, hi: 0 },
  };
  const refused = format.init(table, config) || checkFeatures(table, config, init);
  if (refused !== 0) return { ret: refused, table: undefined };
  table.pgsizes = getInfo(table).pgsizes;
  const topPfn = allocTop(table);
  if (topPfn < 0) return fail(ERRNO.ENOMEM);
  setTop(table, topPfn, table.topLevel);
  return { ret: 0, table };
}

/** Kernel: pt_init_common() and the checks that follow it in pt_iommu_init(). */
function checkFeatures(table: IommuTable, config: PtConfig, { device, build }: PtInit): Ret {
  const { format, topLevel } = table;
  if (config.oaszLg2 > format.maxOaLg2) return -ERRNO.EINVAL;
  const fullVa = topRangeLg2(table, topLevel) === FULL_VA_LG2;
  if (fullVa) table.configured = (table.configured | featureBits(PT_FEAT.FULL_VA)) >>> 0;
  if ((table.configured & ~supportedFeatures(build, table.mode)) !== 0) return -ERRNO.EOPNOTSUPP;
  if (!table.debug && (table.configured & build.forced) >>> 0 !== build.forced) {
    return -ERRNO.EOPNOTSUPP;
  }
  if (
    !table.dynamicTop &&
    topLevel !== format.maxTopLevel &&
    table.maxVaszLg2 > itemLg2(format, topLevel) + ITEMS_LG2
  ) {
    return -ERRNO.EOPNOTSUPP;
  }
  table.maxOaszLg2 = Math.min(table.maxOaszLg2, format.maxOaLg2);
  if (table.signExtend && (hasFeature(table.configured, PT_FEAT.FULL_VA) || table.dynamicTop)) {
    return -ERRNO.EINVAL;
  }
  if (table.incoherent && device === 'absent') {
    if (table.mem.log !== null) logWarning(table.mem.log, 'incoherent walks without a device');
    return -ERRNO.EINVAL;
  }
  return 0;
}

const FULL_VA_LG2 = 64;

function allocTop(table: IommuTable): number {
  const byteCount = topBytes(table, table.topLevel);
  if (byteCount < 0) return -1;
  const pfn = allocPages(table.pages, byteCount);
  if (pfn >= 0 && table.incoherent) startIncoherent(table.pages, pfn);
  return pfn;
}

/** A range of IOVAs, last byte included, and the bits it was made from. */
export interface VaRange {
  readonly start: Addr;
  readonly last: Addr;
  /** Unit: lg2 bytes. */
  readonly vaszLg2: number;
}

/** What a table can do, as the driver and the core learn it. */
export interface PtInfo {
  /** Sizes the table supports, before a driver narrows them. Kernel: pt_iommu_info.pgsize_bitmap. */
  readonly pgsizes: PgSizes;
  /** Where the core may map; of a sign-extended table only the lower half. Kernel: domain.geometry. */
  readonly aperture: VaRange;
  /** What the present top reaches. Kernel: pt_top_range(). */
  readonly topRange: VaRange;
  /** The upper half of a sign-extended table, the top range otherwise. Kernel: pt_upper_range(). */
  readonly upperRange: VaRange;
  /** The whole table without sign extension. Kernel: pt_all_range(). */
  readonly allRange: VaRange;
  readonly hwInfo: HwInfo | undefined;
}

/** Describes a table. Kernel: NS(get_info)() and the range functions of pt_iter.h. */
export function getInfo(table: IommuTable): PtInfo {
  const { format, topLevel, maxVaszLg2 } = table;
  let lo = 0;
  let hi = 0;
  const last = table.dynamicTop ? format.maxTopLevel : topLevel;
  for (let level = 0; level <= last; level++) {
    if (table.dynamicTop && itemLg2(format, level) >= maxVaszLg2) break;
    const sizes = format.possibleSizes(level, table);
    lo |= sizes.lo;
    hi |= sizes.hi;
  }
  // A leaf may not take the whole table, and its output has to fit.
  const pgsizes = below(below({ lo, hi }, maxVaszLg2 - 1), table.maxOaszLg2);
  const reach = topRangeLg2(table, topLevel);
  const signBit = table.signExtend ? 1 : 0;
  const apertureLg2 = table.dynamicTop ? maxVaszLg2 : reach - signBit;
  return {
    pgsizes,
    aperture: lowRange(apertureLg2, apertureLg2),
    topRange: lowRange(reach - signBit, reach),
    upperRange: table.signExtend ? highRange(reach - 1, reach) : lowRange(reach, reach),
    allRange: lowRange(reach, reach),
    hwInfo: format.hwInfo?.(table.topPfn, topLevel),
  };
}

const PAGE_LG2 = 12;
const LAST_OFFSET = (1 << PAGE_LG2) - 1;

/** The lowest 2^lg2 bytes. */
function lowRange(lg2: number, vaszLg2: number): VaRange {
  const last =
    lg2 >= PAGE_LG2
      ? { pfn: POW2[lg2 - PAGE_LG2]! - 1, offset: LAST_OFFSET }
      : { pfn: 0, offset: (1 << lg2) - 1 };
  return { start: ZERO, last, vaszLg2 };
}

/** The highest 2^lg2 bytes of the 64-bit space. Range of `lg2`: from the page size. */
function highRange(lg2: number, vaszLg2: number): VaRange {
  const pfns = POW2[FULL_VA_LG2 - PAGE_LG2]!;
  return {
    start: { pfn: pfns - POW2[lg2 - PAGE_LG2]!, offset: 0 },
    last: { pfn: pfns - 1, offset: LAST_OFFSET },
    vaszLg2,
  };
}

/** What an IOVA translates to. Address 0 also stands for no translation. Kernel: DOMAIN_NS(iova_to_phys)(). */
export function iovaToPhys(table: IommuTable, iova: Addr): Addr {
  const { format } = table;
  const va = granuleOf(format, iova);
  if (!isReached(table, va, va, table.reach)) return ZERO;
  const seen = walkTowards(table, va, 0);
  const { chunk, level } = seen;
  const at = seen.base + (itemIn(seen, va) << 1);
  const lo = chunk[at]!;
  const hi = chunk[at + 1]!;
  // The walk stops above the pages where an entry leads to no table, and at the pages all that is there are leaves.
  if (((lo & format.presentLo) | (hi & format.presentHi)) === 0) return ZERO;
  const oa = format.leafOa(addressOf(format, lo, hi, table), lo, hi, table);
  const lg2 = ITEMS_LG2 * level + format.numContigLg2(lo, hi, level);
  const target = lg2 === 0 ? oa : insideLeaf(oa, va, lg2);
  return granulesToAddr(table, target, iova.offset & format.granuleMask);
}

/** Granule to which a leaf of 2^lg2 granules at `oa` translates a granule. */
function insideLeaf(oa: number, va: number, lg2: number): number {
  // An or, not a sum: they differ where a corrupt entry's address is not aligned to its size.
  return or53(oa, modPow2(va, lg2));
}

/** Frees all tables: the top, then each table before its children. Kernel: NS(deinit)(). */
export function deinitTable(table: IommuTable): void {
  const pending = createPending();
  pending.freelist.push(table.topPfn);
  collectTables(
    table,
    pending,
    table.topPfn,
    table.topLevel,
    table.lastIndex[table.topLevel]! + 1,
    'pass over leaves',
  );
  putPagesList(table.pages, pending.freelist);
}
