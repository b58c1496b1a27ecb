import { ERRNO } from '../../../server/model/bits/errno.ts';
import { addr } from '../../../server/model/bits/pfn.ts';
import { NO_SIZES, pgSizes } from '../../../server/model/bits/pgSizes.ts';
import { or } from '../../../server/model/bits/pte64.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../../../server/model/fmt/prot.ts';
import {
  defineFormat,
  ITEMS_LG2,
  LEAF,
  TABLE,
  type PtFormat,
} from '../../../server/model/fmt/ptFormat.ts';
import { cited, field, flag } from '../../../server/model/fmt/source.ts';

const EXAMPLE_H = 'drivers/iommu/generic_pt/fmt/example.h';

const V = flag('V', 0, EXAMPLE_H, 'EXAMPLE_FMT_V');
const R = flag('R', 1, EXAMPLE_H, 'EXAMPLE_FMT_R');
const W = flag('W', 2, EXAMPLE_H, 'EXAMPLE_FMT_W');
const L = flag('L', 3, EXAMPLE_H, 'EXAMPLE_FMT_L');
const OA = field('OA', 47, 12, EXAMPLE_H, 'EXAMPLE_FMT_OA');

const GRANULE_LG2 = cited(12, EXAMPLE_H, 'PT_GRANULE_LG2SZ');
const MAX_TOP_LEVEL = cited(3, EXAMPLE_H, 'PT_MAX_TOP_LEVEL');
const MAX_OA_LG2 = cited(48, EXAMPLE_H, 'PT_MAX_OUTPUT_ADDRESS_LG2');

/** An invented format: four levels, leaves of 4 KiB and 2 MiB, permission bits of its own. */
export const example: PtFormat = defineFormat({
  name: 'example',
  granuleLg2: GRANULE_LG2,
  maxTopLevel: MAX_TOP_LEVEL,
  maxVaLg2: cited(48, EXAMPLE_H, 'PT_MAX_VA_ADDRESS_LG2'),
  maxOaLg2: MAX_OA_LG2,
  presentBits: V.mask,
  oa: OA,
  fields: [OA, L, W, R, V],
  kindOfPresent: (lo) => ((lo & L.mask.lo) === 0 ? TABLE : LEAF),
  canHaveLeaf: (level) => level <= 1,
  possibleSizes: (level) => (level <= 1 ? pgSizes(GRANULE_LG2 + ITEMS_LG2 * level) : NO_SIZES),
  leafBits(out) {
    out.lo = V.mask.lo | L.mask.lo;
    out.hi = 0;
  },
  tableBits: () => V.mask,
  setProt(out, prot) {
    out.lo = 0;
    out.hi = 0;
    if ((prot & IOMMU_READ) !== 0) out.lo |= R.mask.lo;
    if ((prot & IOMMU_WRITE) !== 0) out.lo |= W.mask.lo;
    return 0;
  },
  attrBits: or(R.mask, W.mask),
  init(common, config) {
    if (config.topLevel !== MAX_TOP_LEVEL) return -ERRNO.EOPNOTSUPP;
    common.topLevel = config.topLevel;
    common.maxOaszLg2 = Math.min(MAX_OA_LG2, config.oaszLg2);
    return 0;
  },
  hwInfo: (topPfn, topLevel) => ({ root: addr(topPfn), levels: topLevel + 1 }),
});
