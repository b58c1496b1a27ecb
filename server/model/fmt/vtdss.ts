import { ERRNO } from '../bits/errno.ts';
import { addr } from '../bits/pfn.ts';
import { NO_SIZES, pgSizes } from '../bits/pgSizes.ts';
import { mask, or } from '../bits/pte64.ts';
import { hasFeature, PT_FEAT } from './features.ts';
import { IOMMU_READ, IOMMU_WRITE } from './prot.ts';
import {
  accessedField,
  dirtyField,
  either,
  flushedField,
  onLeaf,
  pageSizeField,
  permits,
} from './fieldForms.ts';
import {
  defineFormat,
  ITEMS_LG2,
  LEAF,
  TABLE,
  type FormatField,
  type PtFormat,
} from './ptFormat.ts';
import { cited, field, flag } from './source.ts';

const VTDSS_H = 'drivers/iommu/generic_pt/fmt/vtdss.h';
const COMMON_H = 'include/linux/generic_pt/common.h';

/** Leaves set SNP: the device's accesses snoop whatever it asks for. */
export const VTDSS_FORCE_COHERENCE: number = PT_FEAT.FMT_START;
/** Read-only leaves are refused: a nested parent must not have them on hardware with erratum SPR17. */
export const VTDSS_FORCE_WRITEABLE: number =
  PT_FEAT.FMT_START + cited(1, COMMON_H, 'PT_FEAT_VTDSS_FORCE_WRITEABLE');

const R = flag('R', 0, VTDSS_H, 'VTDSS_FMT_R');
const W = flag('W', 1, VTDSS_H, 'VTDSS_FMT_W');
const PS = flag('PS', 7, VTDSS_H, 'VTDSS_FMT_PS');
const A = flag('A', 8, VTDSS_H, 'VTDSS_FMT_A');
const D = flag('D', 9, VTDSS_H, 'VTDSS_FMT_D');
const FLUSHED = flag('SW0', 10, VTDSS_H, 'vtdss_pt_sw_bit');
const SNP = flag('SNP', 11, VTDSS_H, 'VTDSS_FMT_SNP');
const OA = field('OA', 51, 12, VTDSS_H, 'VTDSS_FMT_OA');

const GRANULE_LG2 = cited(12, VTDSS_H, 'PT_GRANULE_LG2SZ');
const MAX_TOP_LEVEL = cited(4, VTDSS_H, 'PT_MAX_TOP_LEVEL');
const MIN_TOP_LEVEL = cited(2, VTDSS_H, 'vtdss_pt_iommu_fmt_init');
const MAX_LEAF_LEVEL = cited(2, VTDSS_H, 'vtdss_pt_can_have_leaf');
const WORD_LAST_BIT = cited(63, VTDSS_H, 'vtdss_pt_sw_bit');
const SW_BITS: readonly number[] = [
  FLUSHED.first,
  ...Array.from(
    { length: cited(9, VTDSS_H, 'vtdss_pt_sw_bit') },
    (_, n) => n + cited(52, VTDSS_H, 'vtdss_pt_sw_bit'),
  ),
  WORD_LAST_BIT,
];

const FIELDS: readonly FormatField[] = [
  OA,
  { ...either(SNP, 'not snooped by force', 'snooped by force'), where: onLeaf },
  flushedField(FLUSHED),
  dirtyField(D),
  accessedField(A),
  pageSizeField(PS, MAX_LEAF_LEVEL),
  permits(W, 'write'),
  permits(R, 'read'),
];

/**
 * VT-d second-stage tables. Kernel: fmt/vtdss.h.
 * There is no present bit: software calls every word but zero present, hardware asks for R or W.
 */
export const vtdss: PtFormat = defineFormat({
  name: 'vtdss',
  granuleLg2: GRANULE_LG2,
  maxTopLevel: MAX_TOP_LEVEL,
  maxVaLg2: cited(57, VTDSS_H, 'PT_MAX_VA_ADDRESS_LG2'),
  maxOaLg2: cited(52, VTDSS_H, 'PT_MAX_OUTPUT_ADDRESS_LG2'),
  presentBits: mask(WORD_LAST_BIT, 0),
  oa: OA,
  fields: FIELDS,
  dirty: D,
  swBits: SW_BITS,
  kindOfPresent: (lo, _hi, level) =>
    level === 0 || (level <= MAX_LEAF_LEVEL && (lo & PS.mask.lo) !== 0) ? LEAF : TABLE,
  canHaveLeaf: (level) => level <= MAX_LEAF_LEVEL,
  possibleSizes: (level) =>
    level <= MAX_LEAF_LEVEL ? pgSizes(GRANULE_LG2 + ITEMS_LG2 * level) : NO_SIZES,
  leafBits(out, _sizeLg2, level) {
    out.lo = level === 0 ? 0 : PS.mask.lo;
    out.hi = 0;
  },
  tableBits: () => or(R.mask, W.mask),
  setProt(out, prot, common) {
    // Without R or W the word of a leaf to address 0 would be empty.
    if ((prot & (IOMMU_READ | IOMMU_WRITE)) === 0) return -ERRNO.EINVAL;
    out.lo = hasFeature(common.features, VTDSS_FORCE_COHERENCE) ? SNP.mask.lo : 0;
    out.hi = 0;
    if ((prot & IOMMU_READ) !== 0) out.lo |= R.mask.lo;
    if ((prot & IOMMU_WRITE) !== 0) out.lo |= W.mask.lo;
    const writeOnly = hasFeature(common.features, VTDSS_FORCE_WRITEABLE);
    return writeOnly && (prot & IOMMU_WRITE) === 0 ? -ERRNO.EINVAL : 0;
  },
  attrBits: or(R.mask, W.mask, SNP.mask),
  init(common, config) {
    if (config.topLevel > MAX_TOP_LEVEL || config.topLevel < MIN_TOP_LEVEL) {
      return -ERRNO.EOPNOTSUPP;
    }
    common.topLevel = config.topLevel;
    return 0;
  },
  hwInfo: (topPfn, topLevel) => ({ ssptptr: addr(topPfn), aw: topLevel - 1 }),
});
