import { ERRNO } from '../bits/errno.ts';
import { addr } from '../bits/pfn.ts';
import { NO_SIZES, pgSizes } from '../bits/pgSizes.ts';
import { or } from '../bits/pte64.ts';
import { PT_FEAT } from './features.ts';
import { IOMMU_MMIO, IOMMU_WRITE } from './prot.ts';
import {
  accessedField,
  dirtyField,
  either,
  flushedField,
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

const X86_64_H = 'drivers/iommu/generic_pt/fmt/x86_64.h';

/** Tables are in encrypted memory: table pointers, and leaves to RAM, carry the C-bit. */
export const X86_64_AMD_ENCRYPT_TABLES: number = PT_FEAT.FMT_START;

const P = flag('P', 0, X86_64_H, 'X86_64_FMT_P');
const RW = flag('RW', 1, X86_64_H, 'X86_64_FMT_RW');
const U = flag('U', 2, X86_64_H, 'X86_64_FMT_U');
const A = flag('A', 5, X86_64_H, 'X86_64_FMT_A');
const D = flag('D', 6, X86_64_H, 'X86_64_FMT_D');
const PS = flag('PS', 7, X86_64_H, 'X86_64_FMT_PS');
const OA = field('OA', 51, 12, X86_64_H, 'X86_64_FMT_OA');
const XD = flag('XD', 63, X86_64_H, 'X86_64_FMT_XD');
const FLUSHED = flag('SW0', 9, X86_64_H, 'x86_64_pt_sw_bit');

const GRANULE_LG2 = cited(12, X86_64_H, 'PT_GRANULE_LG2SZ');
const MAX_TOP_LEVEL = cited(4, X86_64_H, 'PT_MAX_TOP_LEVEL');
const MIN_TOP_LEVEL = cited(3, X86_64_H, 'x86_64_pt_iommu_fmt_init');
const MAX_LEAF_LEVEL = cited(2, X86_64_H, 'x86_64_pt_can_have_leaf');
const MAX_OA_LG2 = cited(52, X86_64_H, 'PT_MAX_OUTPUT_ADDRESS_LG2');
const SW_BITS: readonly number[] = [
  FLUSHED.first,
  cited(11, X86_64_H, 'x86_64_pt_sw_bit'),
  ...Array.from(
    { length: cited(11, X86_64_H, 'x86_64_pt_sw_bit') },
    (_, n) => n + cited(52, X86_64_H, 'x86_64_pt_sw_bit'),
  ),
];

const FIELDS: readonly FormatField[] = [
  either(XD, 'fetch allowed', 'no fetch'),
  OA,
  flushedField(FLUSHED),
  pageSizeField(PS, MAX_LEAF_LEVEL),
  dirtyField(D),
  accessedField(A),
  either(U, 'supervisor only', 'user'),
  permits(RW, 'write', 'read only'),
  // What is present can be read.
  { ...permits(P, 'read'), ...either(P, 'not present', 'present'), structural: true },
];

/**
 * The x86 CPU's long-mode tables: AMD guest tables (v2) and VT-d first stage. Kernel: fmt/x86_64.h.
 * READ, NOEXEC, PRIV and CACHE have no bits here: what is mapped can be read.
 */
export const x86_64: PtFormat = defineFormat({
  name: 'x86_64',
  granuleLg2: GRANULE_LG2,
  maxTopLevel: MAX_TOP_LEVEL,
  maxVaLg2: cited(57, X86_64_H, 'PT_MAX_VA_ADDRESS_LG2'),
  maxOaLg2: MAX_OA_LG2,
  presentBits: P.mask,
  oa: OA,
  fields: FIELDS,
  encryptFeature: X86_64_AMD_ENCRYPT_TABLES,
  swBits: SW_BITS,
  kindOfPresent: (lo, _hi, level) =>
    level === 0 || (level <= MAX_LEAF_LEVEL && (lo & PS.mask.lo) !== 0) ? LEAF : TABLE,
  canHaveLeaf: (level) => level <= MAX_LEAF_LEVEL,
  possibleSizes: (level) =>
    level <= MAX_LEAF_LEVEL ? pgSizes(GRANULE_LG2 + ITEMS_LG2 * level) : NO_SIZES,
  leafBits(out, _sizeLg2, level) {
    out.lo = level === 0 ? P.mask.lo : P.mask.lo | PS.mask.lo;
    out.hi = 0;
  },
  tableBits: () => or(P.mask, RW.mask, U.mask, A.mask),
  setProt(out, prot, common) {
    // Accessed and dirty are preset, so that hardware never has to write them.
    out.lo = U.mask.lo | A.mask.lo;
    out.hi = 0;
    if ((prot & IOMMU_WRITE) !== 0) out.lo |= RW.mask.lo | D.mask.lo;
    if ((prot & IOMMU_MMIO) === 0) {
      out.lo |= common.sme.lo;
      out.hi |= common.sme.hi;
    }
    return 0;
  },
  attrBits: or(RW.mask, U.mask, A.mask, D.mask, XD.mask),
  init(common, config) {
    if (config.topLevel < MIN_TOP_LEVEL || config.topLevel > MAX_TOP_LEVEL) {
      return -ERRNO.EOPNOTSUPP;
    }
    common.topLevel = config.topLevel;
    common.maxOaszLg2 = Math.min(MAX_OA_LG2, config.oaszLg2);
    return 0;
  },
  hwInfo: (topPfn, topLevel) => ({ gcr3_pt: addr(topPfn), levels: topLevel + 1 }),
});
