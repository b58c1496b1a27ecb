import type { Addr } from '../bits/pfn.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import type { MutableWord64, Word64 } from '../bits/pte64.ts';
import {
  IOMMU_CACHE,
  IOMMU_MMIO,
  IOMMU_NOEXEC,
  IOMMU_PRIV,
  IOMMU_READ,
  IOMMU_WRITE,
} from './prot.ts';
import { either, flushedField, onLeaf, onTable, permits } from './fieldForms.ts';
import { EMPTY, LEAF, TABLE, type EntryKind, type FormatField } from './ptFormat.ts';
import { cited, field, flag } from './source.ts';

const ARM_C = 'drivers/iommu/io-pgtable-arm.c';
const IO_PGTABLE_H = 'include/linux/io-pgtable.h';

/** Levels of a full walk; ARM numbers them from 0 at the top to 3 at the pages. */
export const ARM_LEVELS: number = cited(4, ARM_C, 'ARM_LPAE_MAX_LEVELS');
/** The level of pages. */
export const ARM_LAST_LEVEL: number = ARM_LEVELS - 1;

/** Bits by which a driver asks for variants of a format. */
export const QUIRK: {
  readonly ARM_NS: number;
  readonly ARM_TTBR1: number;
  readonly ARM_OUTER_WBWA: number;
  readonly ARM_HD: number;
  readonly ARM_S2FWB: number;
  readonly NO_WARN: number;
} = Object.freeze({
  ARM_NS: 1 << cited(0, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_ARM_NS'),
  ARM_TTBR1: 1 << cited(5, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_ARM_TTBR1'),
  ARM_OUTER_WBWA: 1 << cited(6, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_ARM_OUTER_WBWA'),
  ARM_HD: 1 << cited(7, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_ARM_HD'),
  ARM_S2FWB: 1 << cited(8, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_ARM_S2FWB'),
  NO_WARN: 1 << cited(9, IO_PGTABLE_H, 'IO_PGTABLE_QUIRK_NO_WARN'),
});

const TYPE = field('Type', 1, 0, ARM_C, 'ARM_LPAE_PTE_TYPE_MASK');
const TYPE_BLOCK = cited(1, ARM_C, 'ARM_LPAE_PTE_TYPE_BLOCK');
const TYPE_TABLE = cited(3, ARM_C, 'ARM_LPAE_PTE_TYPE_TABLE');
const TYPE_PAGE = cited(3, ARM_C, 'ARM_LPAE_PTE_TYPE_PAGE');
const ADDRESS = field('OA', 47, 12, ARM_C, 'ARM_LPAE_PTE_ADDR_MASK');
/** With 64 KiB granules, bits 51:48 of the address stand where its bits 15:12 would. */
const ADDRESS_HIGH = field('OA[51:48]', 15, 12, ARM_C, 'paddr_to_iopte');
const ADDRESS_64K = field('OA', 47, 16, ARM_C, 'iopte_to_paddr');
const NSTABLE = flag('NSTable', 63, ARM_C, 'ARM_LPAE_PTE_NSTABLE');
const SW_SYNC = flag('SW_SYNC', 55, ARM_C, 'ARM_LPAE_PTE_SW_SYNC');
const XN = field('XN', 54, 53, ARM_C, 'ARM_LPAE_PTE_XN');
const DBM = flag('DBM', 51, ARM_C, 'ARM_LPAE_PTE_DBM');
const NG = flag('nG', 11, ARM_C, 'ARM_LPAE_PTE_nG');
const AF = flag('AF', 10, ARM_C, 'ARM_LPAE_PTE_AF');
const SH = field('SH', 9, 8, ARM_C, 'ARM_LPAE_PTE_SH_IS');
const SH_OUTER = cited(2, ARM_C, 'ARM_LPAE_PTE_SH_OS');
const SH_INNER = cited(3, ARM_C, 'ARM_LPAE_PTE_SH_IS');
const RDONLY = flag('RDONLY', 7, ARM_C, 'ARM_LPAE_PTE_AP_RDONLY');
const UNPRIV = flag('UNPRIV', 6, ARM_C, 'ARM_LPAE_PTE_AP_UNPRIV');
const NS = flag('NS', 5, ARM_C, 'ARM_LPAE_PTE_NS');
const ATTR_INDEX = field('AttrIndx', 4, 2, ARM_C, 'ARM_LPAE_PTE_ATTRINDX_SHIFT');
const HAP_READ = flag('HAP.R', 6, ARM_C, 'ARM_LPAE_PTE_HAP_READ');
const HAP_WRITE = flag('HAP.W', 7, ARM_C, 'ARM_LPAE_PTE_HAP_WRITE');
const MEM_ATTR = field('MemAttr', 5, 2, ARM_C, 'ARM_LPAE_PTE_MEMATTR_OIWB');

const INDEX_NC = cited(0, ARM_C, 'ARM_LPAE_MAIR_ATTR_IDX_NC');
const INDEX_CACHE = cited(1, ARM_C, 'ARM_LPAE_MAIR_ATTR_IDX_CACHE');
const INDEX_DEV = cited(2, ARM_C, 'ARM_LPAE_MAIR_ATTR_IDX_DEV');
const MEM_DEV = cited(0x1, ARM_C, 'ARM_LPAE_PTE_MEMATTR_DEV');
const MEM_NC = cited(0x5, ARM_C, 'ARM_LPAE_PTE_MEMATTR_NC');
const MEM_WB = cited(0xf, ARM_C, 'ARM_LPAE_PTE_MEMATTR_OIWB');
const MEM_FWB_WB = cited(0x6, ARM_C, 'ARM_LPAE_PTE_MEMATTR_FWB_WB');

const GRANULE_64K_LG2 = cited(16, ARM_C, 'iopte_to_paddr');
const HIGH_NIBBLE_LG2 = cited(36, ARM_C, 'paddr_to_iopte');
const PAGE_LG2 = ADDRESS.first;
const LO_PFN_BITS = cited(20, ARM_C, 'ARM_LPAE_PTE_ADDR_MASK');
/** What the lowest bit of an entry's upper half weighs as a page frame number, and the reciprocal. */
const HI_PFN_WEIGHT = POW2[LO_PFN_BITS]!;
const PER_HI_PFN = INV_POW2[LO_PFN_BITS]!;
const PER_HIGH_NIBBLE = INV_POW2[HIGH_NIBBLE_LG2]!;
/** Masks that every step of a walk needs, at hand. */
const TYPE_LO = TYPE.mask.lo;
const ADDRESS_HI = ADDRESS.mask.hi;
const HIGH_NIBBLE_LO = ADDRESS_HIGH.mask.lo;

/** Which rules of io-pgtable-arm.c an entry follows. */
export type ArmStage = 's1' | 's2' | 'mali';

/** The mark that an entry's cache line was flushed, in the high half. */
export const SW_SYNC_HI: number = SW_SYNC.mask.hi;
/** An entry whose DBM is set and RDONLY clear was written to by the device. */
export const RDONLY_LO: number = RDONLY.mask.lo;

/** Registers the driver programs, by the kernel's field names. A record of numbers is a structure of bit fields. */
export type ArmRegisters = Readonly<
  Record<
    string,
    | { readonly address: Addr }
    | { readonly word: Word64 }
    | { readonly bits: Readonly<Record<string, number>> }
  >
>;

/** Names a format and says how it differs from its siblings. Kernel: enum io_pgtable_fmt. */
export interface ArmFormat {
  readonly name: string;
  readonly stage: ArmStage;
  /** Widest input and output addresses; the driver's request is refused beyond. Unit: lg2 bytes. */
  readonly maxIas: number;
  readonly maxOas: number;
  /** Only granules of 4 KiB are possible. */
  readonly only4K: boolean;
  /** Whether dirty tracking is offered: the kernel names one format. Kernel: arm_lpae_read_and_clear_dirty(). */
  readonly dirty: boolean;
  /** Quirks it accepts. */
  readonly quirks: number;
}

const ANY_WIDTH = cited(255, IO_PGTABLE_H, 'struct io_pgtable_cfg');
const IAS_32_S1 = cited(32, ARM_C, 'arm_32_lpae_alloc_pgtable_s1');
const OAS_32 = cited(40, ARM_C, 'arm_32_lpae_alloc_pgtable_s1');
const IAS_32_S2 = cited(40, ARM_C, 'arm_32_lpae_alloc_pgtable_s2');
const IAS_MALI = cited(48, ARM_C, 'arm_mali_lpae_alloc_pgtable');
const OAS_MALI = cited(40, ARM_C, 'arm_mali_lpae_alloc_pgtable');
const S1_QUIRKS =
  QUIRK.ARM_NS | QUIRK.ARM_TTBR1 | QUIRK.ARM_OUTER_WBWA | QUIRK.ARM_HD | QUIRK.NO_WARN;
const S2_QUIRKS = QUIRK.ARM_S2FWB | QUIRK.NO_WARN;

/** The formats of io-pgtable-arm.c by the name that vectors and commands use. */
export const ARM_FORMATS: Readonly<Record<string, ArmFormat>> = Object.freeze({
  arm_64_lpae_s1: {
    name: 'arm_64_lpae_s1',
    stage: 's1',
    maxIas: ANY_WIDTH,
    maxOas: ANY_WIDTH,
    only4K: false,
    dirty: true,
    quirks: S1_QUIRKS,
  },
  arm_64_lpae_s2: {
    name: 'arm_64_lpae_s2',
    stage: 's2',
    maxIas: ANY_WIDTH,
    maxOas: ANY_WIDTH,
    only4K: false,
    dirty: false,
    quirks: S2_QUIRKS,
  },
  arm_32_lpae_s1: {
    name: 'arm_32_lpae_s1',
    stage: 's1',
    maxIas: IAS_32_S1,
    maxOas: OAS_32,
    only4K: true,
    dirty: false,
    quirks: S1_QUIRKS,
  },
  arm_32_lpae_s2: {
    name: 'arm_32_lpae_s2',
    stage: 's2',
    maxIas: IAS_32_S2,
    maxOas: OAS_32,
    only4K: true,
    dirty: false,
    quirks: S2_QUIRKS,
  },
  arm_mali_lpae: {
    name: 'arm_mali_lpae',
    stage: 'mali',
    maxIas: IAS_MALI,
    maxOas: OAS_MALI,
    only4K: true,
    dirty: false,
    quirks: 0,
  },
});

/** Whether an entry ends the walk. Mali has no page type: its leaves are blocks at every level. Kernel: iopte_leaf(). */
export function isArmLeaf(stage: ArmStage, lo: number, level: number): boolean {
  return (lo & TYPE_LO) === armLeafType(stage, level);
}

/** Whether the type bits say table, at whatever level. Kernel: iopte_type(). */
export function hasTableType(lo: number): boolean {
  return (lo & TYPE_LO) === TYPE_TABLE;
}

/** Whether an entry points to a table. Kernel: iopte_table(). */
export function isArmTable(lo: number, level: number): boolean {
  return level !== ARM_LAST_LEVEL && hasTableType(lo);
}

/** Classifies an entry for display. */
export function armKind(stage: ArmStage, lo: number, hi: number, level: number): EntryKind {
  if (isArmLeaf(stage, lo, level)) return LEAF;
  if (isArmTable(lo, level)) return TABLE;
  return (lo | hi) === 0 ? EMPTY : level === ARM_LAST_LEVEL ? EMPTY : TABLE;
}

/** Type bits of a leaf at a level. */
export function armLeafType(stage: ArmStage, level: number): number {
  return level === ARM_LAST_LEVEL && stage !== 'mali' ? TYPE_PAGE : TYPE_BLOCK;
}

/** Low half of an address field. Unit of the address: page frame number. Kernel: paddr_to_iopte(). */
export function armAddressLo(pfn: number): number {
  const high = (pfn * PER_HIGH_NIBBLE) << PAGE_LG2;
  // The shift leaves no bit below the field.
  return (pfn << PAGE_LG2) | (high & HIGH_NIBBLE_LO);
}

/** High half of an address field. Unit of the address: page frame number. Kernel: paddr_to_iopte(). */
export function armAddressHi(pfn: number): number {
  return (pfn * PER_HI_PFN) & ADDRESS_HI;
}

/** Page that an entry points to. Kernel: iopte_to_paddr(). */
export function armPfn(lo: number, hi: number, granuleLg2: number): number {
  const upper = (hi & ADDRESS_HI) * HI_PFN_WEIGHT;
  return upper + (granuleLg2 < GRANULE_64K_LG2 ? lo >>> PAGE_LG2 : pfnOf64K(lo));
}

/** What the low half of an entry gives to the page frame number with 64 KiB granules. */
function pfnOf64K(lo: number): number {
  const nibble = (lo & ADDRESS_HIGH.mask.lo) >>> PAGE_LG2;
  const low = (lo & ADDRESS_64K.mask.lo) >>> PAGE_LG2;
  return nibble * POW2[HIGH_NIBBLE_LG2]! + low;
}

/** Bits of a table entry besides the address and the flush mark. Kernel: arm_lpae_install_table(). */
export function armTableBits(quirks: number): Word64 {
  return { lo: TYPE_TABLE, hi: (quirks & QUIRK.ARM_NS) === 0 ? 0 : NSTABLE.mask.hi };
}

/** Whether hardware wrote to a leaf's page. Kernel: iopte_writeable_dirty(). */
export function isWriteableDirty(lo: number, hi: number): boolean {
  return (hi & DBM.mask.hi) !== 0 && (lo & RDONLY.mask.lo) === 0;
}

/** Translates IOMMU_READ and its siblings to entry bits. Kernel: arm_lpae_prot_to_pte(). */
export function armProt(stage: ArmStage, quirks: number, prot: number, out: MutableWord64): void {
  out.lo = 0;
  out.hi = 0;
  const has = (bit: number): boolean => (prot & bit) !== 0;
  if (stage === 's1') {
    out.lo |= NG.mask.lo;
    if (has(IOMMU_READ) && !has(IOMMU_WRITE)) out.lo |= RDONLY.mask.lo;
    else if ((quirks & QUIRK.ARM_HD) !== 0) out.hi |= DBM.mask.hi;
    if (!has(IOMMU_PRIV)) out.lo |= UNPRIV.mask.lo;
  } else {
    if (has(IOMMU_READ)) out.lo |= HAP_READ.mask.lo;
    if (has(IOMMU_WRITE)) out.lo |= HAP_WRITE.mask.lo;
  }
  // Mali has the memory attributes of stage 1 with the permissions of stage 2.
  if (stage === 's2') {
    const writeBack = (quirks & QUIRK.ARM_S2FWB) === 0 ? MEM_WB : MEM_FWB_WB;
    const attr = has(IOMMU_MMIO) ? MEM_DEV : has(IOMMU_CACHE) ? writeBack : MEM_NC;
    out.lo |= attr << MEM_ATTR.first;
  } else {
    const index = has(IOMMU_MMIO) ? INDEX_DEV : has(IOMMU_CACHE) ? INDEX_CACHE : INDEX_NC;
    out.lo |= index << ATTR_INDEX.first;
  }
  // To Mali, inner shareable is the GPU alone.
  out.lo |= (has(IOMMU_CACHE) && stage !== 'mali' ? SH_INNER : SH_OUTER) << SH.first;
  if (has(IOMMU_NOEXEC)) out.hi |= XN.mask.hi;
  if ((quirks & QUIRK.ARM_NS) !== 0) out.lo |= NS.mask.lo;
  if (stage !== 'mali') out.lo |= AF.mask.lo;
}

/** XN of stage 1: PXN below UXN. */
const XN_FIELD: FormatField = {
  ...XN,
  where: onLeaf,
  means: (v) => ['fetch allowed', 'no privileged fetch', 'no unprivileged fetch', 'no fetch'][v],
};
const XN_FIELD_S2: FormatField = { ...either(XN, 'fetch allowed', 'no fetch'), where: onLeaf };
const SH_FIELD: FormatField = {
  ...SH,
  where: onLeaf,
  means: (v) => ['non-shareable', 'reserved', 'outer shareable', 'inner shareable'][v],
};
const TABLE_FIELDS: readonly FormatField[] = [
  { ...either(NSTABLE, 'secure table', 'non-secure table'), where: onTable },
  flushedField(SW_SYNC),
];
const TYPE_FIELD: FormatField = {
  ...TYPE,
  structural: true,
  means: (v) => ['invalid', 'block', 'invalid', 'table or page'][v],
};
const ATTR_INDEX_FIELD: FormatField = {
  ...ATTR_INDEX,
  where: onLeaf,
  means: (v) => ['not cached', 'cached', 'device'][v],
};
const HAP_FIELDS: readonly FormatField[] = [
  { ...permits(HAP_WRITE, 'write'), where: onLeaf },
  { ...permits(HAP_READ, 'read'), where: onLeaf },
];
const AF_FIELD: FormatField = { ...either(AF, 'access faults', 'accessed'), where: onLeaf };

/** Fields of a stage for decoding, in descending order of bits. */
const ARM_FIELDS: Readonly<Record<ArmStage, readonly FormatField[]>> = Object.freeze<
  Record<ArmStage, readonly FormatField[]>
>({
  s1: [
    ...TABLE_FIELDS,
    XN_FIELD,
    { ...either(DBM, 'writes not tracked', 'writes tracked'), where: onLeaf },
    ADDRESS,
    { ...either(NG, 'global', 'of one address space'), where: onLeaf },
    AF_FIELD,
    SH_FIELD,
    {
      ...either(RDONLY, 'write', 'read only'),
      where: onLeaf,
      grants: (v) => (v === 0 ? 'write' : undefined),
    },
    { ...either(UNPRIV, 'privileged only', 'unprivileged'), where: onLeaf },
    { ...either(NS, 'secure', 'non-secure'), where: onLeaf },
    ATTR_INDEX_FIELD,
    // Stage 1 has no bit for reading: what is mapped can be read.
    { ...TYPE_FIELD, grants: () => 'read' },
  ],
  s2: [
    ...TABLE_FIELDS,
    XN_FIELD_S2,
    ADDRESS,
    AF_FIELD,
    SH_FIELD,
    ...HAP_FIELDS,
    {
      ...MEM_ATTR,
      where: onLeaf,
      means: (v) =>
        v === MEM_DEV
          ? 'device'
          : v === MEM_NC
            ? 'not cached'
            : v === MEM_WB
              ? 'write-back'
              : v === MEM_FWB_WB
                ? 'write-back forced (S2FWB)'
                : undefined,
    },
    TYPE_FIELD,
  ],
  mali: [
    ...TABLE_FIELDS,
    XN_FIELD_S2,
    ADDRESS,
    SH_FIELD,
    ...HAP_FIELDS,
    ATTR_INDEX_FIELD,
    TYPE_FIELD,
  ],
});

/** The fields of a stage with a granule: with 64 KiB the address has its upper part in its low bits. */
export function armFields(stage: ArmStage, granuleLg2: number): readonly FormatField[] {
  const fields = ARM_FIELDS[stage];
  if (granuleLg2 < GRANULE_64K_LG2) return fields;
  return fields.flatMap((one) => (one.name === ADDRESS.name ? [ADDRESS_64K, ADDRESS_HIGH] : [one]));
}
