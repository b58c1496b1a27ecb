import { ERRNO } from '../bits/errno.ts';
import { addr } from '../bits/pfn.ts';
import { NO_SIZES, type PgSizes } from '../bits/pgSizes.ts';
import { mask, or, shiftRight32, without, bit } from '../bits/pte64.ts';
import { ctz, INV_POW2, POW2 } from '../bits/pow2.ts';
import { hasFeature, PT_FEAT } from './features.ts';
import { IOMMU_MMIO, IOMMU_READ, IOMMU_WRITE } from './prot.ts';
import { dirtyField, either, onLeaf, permits } from './fieldForms.ts';
import {
  defineFormat,
  ITEMS_LG2,
  LEAF,
  TABLE,
  type FormatField,
  type PtFormat,
} from './ptFormat.ts';
import { cited, field, flag } from './source.ts';

const AMDV1_H = 'drivers/iommu/generic_pt/fmt/amdv1.h';
const COMMON_H = 'include/linux/generic_pt/common.h';

/** Tables are in encrypted memory: table pointers, and leaves to RAM, carry the C-bit. */
export const AMDV1_ENCRYPT_TABLES: number = PT_FEAT.FMT_START;
/** Leaves set FC: the device's accesses are coherent whatever it asks for. */
export const AMDV1_FORCE_COHERENCE: number =
  PT_FEAT.FMT_START + cited(1, COMMON_H, 'PT_FEAT_AMDV1_FORCE_COHERENCE');

const PR = flag('PR', 0, AMDV1_H, 'AMDV1PT_FMT_PR');
const D = flag('D', 6, AMDV1_H, 'AMDV1PT_FMT_D');
const NEXT_LEVEL = field('NextLevel', 11, 9, AMDV1_H, 'AMDV1PT_FMT_NEXT_LEVEL');
const OA = field('OA', 51, 12, AMDV1_H, 'AMDV1PT_FMT_OA');
const FC = flag('FC', 60, AMDV1_H, 'AMDV1PT_FMT_FC');
const IR = flag('IR', 61, AMDV1_H, 'AMDV1PT_FMT_IR');
const IW = flag('IW', 62, AMDV1_H, 'AMDV1PT_FMT_IW');

/** NextLevel of a leaf that has the size of its level. */
const NL_DEFAULT = cited(0, AMDV1_H, 'AMDV1PT_FMT_NL_DEFAULT');
/** NextLevel of a leaf whose size is coded in the address as a run of low ones. */
const NL_SIZE = cited(7, AMDV1_H, 'AMDV1PT_FMT_NL_SIZE');

const NL_SHIFT = NEXT_LEVEL.first;
const NL_FIELD = NEXT_LEVEL.mask.lo >>> NL_SHIFT;
/** Largest leaf the address field can code. Unit: lg2 bytes. */
const MAX_LEAF_LG2 = cited(51, AMDV1_H, 'amdv1pt_possible_sizes');
/** The one power of two that hardware gets wrong: 512 GiB. */
const BROKEN_SIZE = bit(cited(39, AMDV1_H, 'amdv1pt_possible_sizes'));

const FIELDS: readonly FormatField[] = [
  permits(IW, 'write'),
  permits(IR, 'read'),
  { ...either(FC, 'coherence as the device asks', 'coherence forced'), where: onLeaf },
  OA,
  {
    ...NEXT_LEVEL,
    structural: true,
    means: (v) =>
      v === NL_DEFAULT
        ? 'leaf of the size of its level'
        : v === NL_SIZE
          ? 'leaf, size coded in the low ones of OA'
          : `table of level ${v - 1}`,
  },
  dirtyField(D),
  { ...either(PR, 'not present', 'present'), structural: true },
];

/** The numbers in which the IOMMUFD selftest's variant differs from the real format. */
interface Variant {
  readonly name: string;
  readonly granuleLg2: number;
  readonly maxTopLevel: number;
  readonly maxVaLg2: number;
  readonly maxOaLg2: number;
  readonly hwInfo: boolean;
}

function nextLevel(lo: number): number {
  return (lo >>> NL_SHIFT) & NL_FIELD;
}

/** An address field without the ones at its low end, which code a size. Kernel: oaffz(). */
function withoutLowOnes(oa: number): number {
  const ones = ctz(oa + 1);
  return Math.floor(oa * INV_POW2[ones]!) * POW2[ones]!;
}

/** log2 of the items of a leaf whose size is coded in its address. */
function codedContigLg2(lo: number, hi: number, level: number): number {
  // Of n ones in the address, those above the bits of one item count its repetitions; one more doubles them.
  const code = shiftRight32(lo, hi, OA.first - 1 + ITEMS_LG2 * level);
  return ctz(~code >>> 0);
}

/**
 * AMD I/O page tables for host translation.
 * Level 0 here is mode 1 of the AMD I/O Virtualization Technology Specification, section 2.2.3.
 */
function amdv1Format(variant: Variant): PtFormat {
  const { granuleLg2, maxTopLevel, hwInfo, ...numbers } = variant;
  return defineFormat({
    ...numbers,
    granuleLg2,
    maxTopLevel,
    presentBits: PR.mask,
    oa: OA,
    fields: FIELDS,
    encryptFeature: AMDV1_ENCRYPT_TABLES,
    dirty: D,
    kindOfPresent(lo, _hi, level) {
      if (level === 0) return LEAF;
      const next = nextLevel(lo);
      return next === NL_DEFAULT || next === NL_SIZE ? LEAF : TABLE;
    },
    // The top level has no leaves: specification, table 15.
    canHaveLeaf: (level) => level < maxTopLevel,
    possibleSizes(level): PgSizes {
      if (level >= maxTopLevel) return NO_SIZES;
      const item = granuleLg2 + ITEMS_LG2 * level;
      return without(mask(Math.min(MAX_LEAF_LG2, item + ITEMS_LG2 - 1), item), BROKEN_SIZE);
    },
    numContigLg2(lo, hi, level) {
      return nextLevel(lo) === NL_DEFAULT ? 0 : codedContigLg2(lo, hi, level);
    },
    isWritten(lo, hi, level) {
      const next = nextLevel(lo);
      if (next === NL_DEFAULT) return level < maxTopLevel;
      if (next !== NL_SIZE) return next === level;
      const contigLg2 = codedContigLg2(lo, hi, level);
      return level < maxTopLevel && contigLg2 > 0 && contigLg2 < ITEMS_LG2;
    },
    leafOa(oa, lo, _hi, common) {
      const next = nextLevel(lo);
      if (next === NL_DEFAULT) return oa;
      if (next === NL_SIZE) return withoutLowOnes(oa);
      // A corrupt NextLevel at level 0: the debug kernel refuses the address, the release kernel uses it.
      return common.debug ? 0 : oa;
    },
    leafBits(out, sizeLg2, level) {
      out.lo = PR.mask.lo;
      out.hi = 0;
      if (sizeLg2 === granuleLg2 + ITEMS_LG2 * level) return;
      // One less than the number of address bits inside the leaf: 8 KiB is coded by none.
      const codeLg2 = sizeLg2 - granuleLg2 - 1;
      const ones = mask(OA.first + codeLg2 - 1, OA.first);
      out.lo |= (NL_SIZE << NEXT_LEVEL.first) | ones.lo;
      out.hi |= ones.hi;
    },
    leafItems: (sizeLg2, level) => POW2[sizeLg2 - granuleLg2 - ITEMS_LG2 * level]!,
    // The walker ANDs IR and IW of all levels: leaves decide, so tables allow both.
    tableBits: (level) => or(PR.mask, { lo: level << NEXT_LEVEL.first, hi: 0 }, IR.mask, IW.mask),
    setProt(out, prot, common) {
      out.lo = 0;
      out.hi = hasFeature(common.features, AMDV1_FORCE_COHERENCE) ? FC.mask.hi : 0;
      if ((prot & IOMMU_READ) !== 0) out.hi |= IR.mask.hi;
      if ((prot & IOMMU_WRITE) !== 0) out.hi |= IW.mask.hi;
      if ((prot & IOMMU_MMIO) === 0) {
        out.lo |= common.sme.lo;
        out.hi |= common.sme.hi;
      }
      return 0;
    },
    attrBits: or(FC.mask, IR.mask, IW.mask),
    init(common, config) {
      if (config.topLevel === 0 || config.topLevel > maxTopLevel) return -ERRNO.EINVAL;
      const growing = hasFeature(common.features, PT_FEAT.DYNAMIC_TOP);
      const reach =
        growing || config.topLevel === maxTopLevel
          ? variant.maxVaLg2
          : granuleLg2 + ITEMS_LG2 * (config.topLevel + 1);
      common.maxVaszLg2 = Math.min(reach, config.vaszLg2);
      common.maxOaszLg2 = Math.min(variant.maxOaLg2, config.oaszLg2);
      common.topLevel = config.topLevel;
      return 0;
    },
    ...(hwInfo
      ? {
          hwInfo: (topPfn: number, topLevel: number) => ({
            host_pt_root: addr(topPfn),
            mode: topLevel + 1,
          }),
        }
      : {}),
  });
}

/** The AMD IOMMU's host tables. Kernel: fmt/amdv1.h. */
export const amdv1: PtFormat = amdv1Format({
  name: 'amdv1',
  granuleLg2: cited(12, AMDV1_H, 'PT_GRANULE_LG2SZ'),
  maxTopLevel: cited(5, AMDV1_H, 'PT_MAX_TOP_LEVEL'),
  maxVaLg2: cited(64, AMDV1_H, 'PT_MAX_VA_ADDRESS_LG2'),
  maxOaLg2: cited(52, AMDV1_H, 'PT_MAX_OUTPUT_ADDRESS_LG2'),
  hwInfo: true,
});

/** The IOMMUFD selftest's variant with 2 KiB pages. Kernel: fmt/iommu_mock.c. */
export const amdv1Mock: PtFormat = amdv1Format({
  name: 'amdv1_mock',
  granuleLg2: cited(11, AMDV1_H, 'PT_GRANULE_LG2SZ with AMDV1_IOMMUFD_SELFTEST'),
  maxTopLevel: cited(4, AMDV1_H, 'PT_MAX_TOP_LEVEL with AMDV1_IOMMUFD_SELFTEST'),
  maxVaLg2: cited(56, AMDV1_H, 'PT_MAX_VA_ADDRESS_LG2 with AMDV1_IOMMUFD_SELFTEST'),
  maxOaLg2: cited(51, AMDV1_H, 'PT_MAX_OUTPUT_ADDRESS_LG2 with AMDV1_IOMMUFD_SELFTEST'),
  hwInfo: false,
});
