import { ERRNO } from '../bits/errno.ts';
import { bytes } from '../bits/pfn.ts';
import { pgSizes } from '../bits/pgSizes.ts';
import { or } from '../bits/pte64.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import { hasFeature, PT_FEAT } from './features.ts';
import { IOMMU_CACHE, IOMMU_MMIO, IOMMU_NOEXEC, IOMMU_READ, IOMMU_WRITE } from './prot.ts';
import { accessedField, dirtyField, either, onLeaf, permits } from './fieldForms.ts';
import {
  defineFormat,
  ITEMS_LG2,
  LEAF,
  TABLE,
  type FormatField,
  type PtCommon,
  type PtFormat,
} from './ptFormat.ts';
import { cited, field, flag } from './source.ts';

const RISCV_H = 'drivers/iommu/generic_pt/fmt/riscv.h';
const COMMON_H = 'include/linux/generic_pt/common.h';

/** 64 KiB leaves at level 0 (Svnapot). */
export const RISCV_SVNAPOT_64K: number = PT_FEAT.FMT_START;
/** Memory types in leaves (Svpbmt). A release kernel does not support it in its builds. */
export const RISCV_SVPBMT: number = PT_FEAT.FMT_START + cited(1, COMMON_H, 'PT_FEAT_RISCV_SVPBMT');

const V = flag('V', 0, RISCV_H, 'RISCVPT_V');
const R = flag('R', 1, RISCV_H, 'RISCVPT_R');
const W = flag('W', 2, RISCV_H, 'RISCVPT_W');
const X = flag('X', 3, RISCV_H, 'RISCVPT_X');
const U = flag('U', 4, RISCV_H, 'RISCVPT_U');
const G = flag('G', 5, RISCV_H, 'RISCVPT_G');
const A = flag('A', 6, RISCV_H, 'RISCVPT_A');
const D = flag('D', 7, RISCV_H, 'RISCVPT_D');
const RSW = field('RSW', 9, 8, RISCV_H, 'RISCVPT_RSW');
const PPN = field('PPN', 53, 10, RISCV_H, 'RISCVPT_PPN64');
const PBMT = field('PBMT', 62, 61, RISCV_H, 'RISCVPT_PBMT');
const NC = flag('NC', 61, RISCV_H, 'RISCVPT_NC');
const IO = flag('IO', 62, RISCV_H, 'RISCVPT_IO');
const N = flag('N', 63, RISCV_H, 'RISCVPT_N');
/** Set in the PPN of a 64 KiB leaf: the position of the lowest one codes the size. */
const NAPOT_64K = flag('64K', 13, RISCV_H, 'RISCVPT_PPN64_64K_SZ');

const GRANULE_LG2 = cited(12, RISCV_H, 'PT_GRANULE_LG2SZ');
const MAX_OA_LG2 = cited(56, RISCV_H, 'PT_MAX_OUTPUT_ADDRESS_LG2');
/** Items that a 64 KiB leaf takes, as log2. */
const NAPOT_ITEMS_LG2 = cited(4, RISCV_H, 'riscvpt_contig_count_lg2');
/** Top levels by the width of the IOVA: Sv39, Sv48 and Sv57. */
const TOP_LEVEL_OF: ReadonlyMap<number, number> = new Map([
  [cited(39, RISCV_H, 'riscvpt_iommu_fmt_init'), cited(2, RISCV_H, 'riscvpt_iommu_fmt_init')],
  [cited(48, RISCV_H, 'riscvpt_iommu_fmt_init'), cited(3, RISCV_H, 'riscvpt_iommu_fmt_init')],
  [cited(57, RISCV_H, 'riscvpt_iommu_fmt_init'), cited(4, RISCV_H, 'riscvpt_iommu_fmt_init')],
]);
/** iosatp.MODE minus the top level: Sv39 is mode 8 and has top level 2. */
const MODE_OF_LEVEL_0 = cited(6, RISCV_H, 'riscvpt_iommu_fmt_hw_info');

const ACCESS = R.mask.lo | W.mask.lo | X.mask.lo;

const FIELDS: readonly FormatField[] = [
  {
    ...either(N, 'leaf of the size of its level', 'Svnapot leaf'),
    structural: true,
    where: (kind, level) => kind === LEAF && level === 0,
  },
  {
    ...PBMT,
    where: onLeaf,
    means: (v) => ['memory type of the platform', 'NC', 'IO', 'reserved'][v],
  },
  PPN,
  RSW,
  dirtyField(D),
  { ...accessedField(A), where: onLeaf },
  either(G, 'of one address space', 'global'),
  { ...either(U, 'supervisor', 'user'), where: onLeaf },
  permits(X, 'fetch'),
  permits(W, 'write'),
  permits(R, 'read'),
  { ...either(V, 'not valid', 'valid'), structural: true },
];

/** Whether a leaf of a size takes several items. */
function isNapot(sizeLg2: number, level: number, common: PtCommon): boolean {
  return level === 0 && sizeLg2 !== GRANULE_LG2 && hasFeature(common.features, RISCV_SVNAPOT_64K);
}

/** RISC-V first-stage tables Sv39, Sv48 and Sv57. Kernel: fmt/riscv.h, fmt/iommu_riscv64.c. */
export const riscv64: PtFormat = defineFormat({
  name: 'riscv_64',
  granuleLg2: GRANULE_LG2,
  maxTopLevel: cited(4, RISCV_H, 'PT_MAX_TOP_LEVEL'),
  maxVaLg2: cited(57, RISCV_H, 'PT_MAX_VA_ADDRESS_LG2'),
  maxOaLg2: MAX_OA_LG2,
  presentBits: V.mask,
  oa: PPN,
  fields: FIELDS,
  kindOfPresent: (lo, _hi, level) => (level === 0 || (lo & ACCESS) !== 0 ? LEAF : TABLE),
  canHaveLeaf: () => true,
  possibleSizes(level, common) {
    const item = GRANULE_LG2 + ITEMS_LG2 * level;
    if (level > 0 || !hasFeature(common.features, RISCV_SVNAPOT_64K)) return pgSizes(item);
    return pgSizes(item, item + NAPOT_ITEMS_LG2);
  },
  numContigLg2: (_lo, hi) => ((hi & N.mask.hi) === 0 ? 0 : NAPOT_ITEMS_LG2),
  leafOa(oa, _lo, hi, common) {
    if ((hi & N.mask.hi) === 0 || !hasFeature(common.features, RISCV_SVNAPOT_64K)) return oa;
    return Math.floor(oa * INV_POW2[NAPOT_ITEMS_LG2]!) * POW2[NAPOT_ITEMS_LG2]!;
  },
  leafBits(out, sizeLg2, level, common) {
    const napot = isNapot(sizeLg2, level, common);
    out.lo = napot ? V.mask.lo | NAPOT_64K.mask.lo : V.mask.lo;
    out.hi = napot ? N.mask.hi : 0;
  },
  leafItems: (sizeLg2, level, common) =>
    isNapot(sizeLg2, level, common) ? POW2[NAPOT_ITEMS_LG2]! : 1,
  tableBits: () => V.mask,
  setProt(out, prot, common) {
    out.lo = A.mask.lo | U.mask.lo;
    out.hi = 0;
    // Write without read is reserved.
    if ((prot & IOMMU_WRITE) !== 0) out.lo |= W.mask.lo | R.mask.lo | D.mask.lo;
    if ((prot & IOMMU_READ) !== 0) out.lo |= R.mask.lo;
    if ((prot & IOMMU_NOEXEC) === 0) out.lo |= X.mask.lo;
    if (hasFeature(common.features, RISCV_SVPBMT)) {
      if ((prot & IOMMU_MMIO) !== 0) out.hi |= IO.mask.hi;
      else if ((prot & IOMMU_CACHE) === 0) out.hi |= NC.mask.hi;
    }
    return (out.lo & ACCESS) === 0 ? -ERRNO.EOPNOTSUPP : 0;
  },
  attrBits: or(R.mask, W.mask, X.mask, U.mask, G.mask, A.mask, D.mask, NC.mask, IO.mask),
  init(common, config) {
    const topLevel = TOP_LEVEL_OF.get(config.vaszLg2);
    if (topLevel === undefined) return -ERRNO.EINVAL;
    common.topLevel = topLevel;
    common.maxOaszLg2 = Math.min(MAX_OA_LG2, config.oaszLg2);
    return 0;
  },
  hwInfo: (topPfn, topLevel) => ({
    ppn: bytes(topPfn),
    fsc_iosatp_mode: topLevel + MODE_OF_LEVEL_0,
  }),
});
