import type { Ret } from '../bits/errno.ts';
import type { Addr } from '../bits/pfn.ts';
import type { PgSizes } from '../bits/pgSizes.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import { bit, type MutableWord64, type Word64 } from '../bits/pte64.ts';
import { cited, type Field } from './source.ts';

const PT_DEFS_H = 'drivers/iommu/generic_pt/pt_defs.h';

/** What software takes an entry for. Kernel: enum pt_entry_type. */
export type EntryKind = 0 | 1 | 2;
/** Nothing there. Kernel: PT_ENTRY_EMPTY. */
export const EMPTY: 0 = cited(0, PT_DEFS_H, 'PT_ENTRY_EMPTY');
/** Points to a table of the next lower level. Kernel: PT_ENTRY_TABLE. */
export const TABLE: 1 = cited(1, PT_DEFS_H, 'PT_ENTRY_TABLE');
/** Gives an output address. Kernel: PT_ENTRY_OA. */
export const LEAF: 2 = cited(2, PT_DEFS_H, 'PT_ENTRY_OA');

/**
 * The part of a table instance that formats may ask about.
 * Kernel: struct pt_common.
 */
export interface PtCommon {
  /** Features that act, forced ones included: what pt_feature() answers. */
  readonly features: number;
  /** Bits of the largest IOVA. Unit: lg2 bytes. */
  maxVaszLg2: number;
  /** Bits of the largest output address. Unit: lg2 bytes. */
  maxOaszLg2: number;
  topLevel: number;
  /** The memory-encryption bit where the format uses it for this table, zero otherwise. Kernel: sme_me_mask. */
  readonly sme: Word64;
  /** Whether the kernel was built with CONFIG_DEBUG_GENERIC_PT. */
  readonly debug: boolean;
}

/** What a driver asks for when it creates a table. Kernel: struct pt_iommu_*_cfg. */
export interface PtConfig {
  /** Bitmap of requested features. */
  readonly features: number;
  /** Kernel: hw_max_vasz_lg2. */
  readonly vaszLg2: number;
  /** Kernel: hw_max_oasz_lg2. */
  readonly oaszLg2: number;
  /** Kernel: starting_level or top_level. */
  readonly topLevel: number;
}

/** What the driver writes to the hardware's context entry, by the kernel's field names. */
export type HwInfo = Readonly<Record<string, Addr | number>>;

/**
 * What one page-table format must say, as software reads and writes it.
 * Counterpart of the prototypes in pt_common.h; `defineFormat` fills what pt_fmt_defaults.h fills.
 * Output addresses are granule numbers: bytes / 2^granuleLg2.
 */
export interface PtFormatSpec {
  readonly name: string;
  /** Bytes of the smallest item's translation. Unit: lg2 bytes. Kernel: PT_GRANULE_LG2SZ. */
  readonly granuleLg2: number;
  /** Range: 0 is the table of smallest pages. Kernel: PT_MAX_TOP_LEVEL. */
  readonly maxTopLevel: number;
  /** Unit: lg2 bytes. Kernel: PT_MAX_VA_ADDRESS_LG2. */
  readonly maxVaLg2: number;
  /** Unit: lg2 bytes. Kernel: PT_MAX_OUTPUT_ADDRESS_LG2. */
  readonly maxOaLg2: number;
  /** An entry with none of these bits is empty to software. */
  readonly presentBits: Word64;
  /** Where the output address or table address stands. */
  readonly oa: Field;
  /** Fields for decoding, in descending order of bits; `levels` limits one to some levels. */
  readonly fields: readonly FormatField[];
  /** Feature that puts the memory-encryption bit into entries. */
  readonly encryptFeature?: number;
  /** The hardware's dirty bit, in the low half. Kernel: pt_entry_is_write_dirty(). */
  readonly dirty?: Field;
  /** Positions of bits that hardware ignores, in the order of pt_sw_bit(). */
  readonly swBits?: readonly number[];
  /** Classifies an entry that is not empty. Kernel: pt_load_entry_raw(). */
  readonly kindOfPresent: (lo: number, hi: number, level: number) => EntryKind;
  /** Kernel: pt_can_have_leaf(). */
  readonly canHaveLeaf: (level: number) => boolean;
  /** Leaf sizes of a level. Kernel: pt_possible_sizes(); not masked by what the domain allows. */
  readonly possibleSizes: (level: number, common: PtCommon) => PgSizes;
  /** log2 of the items that one leaf takes. Kernel: pt_entry_num_contig_lg2(). */
  readonly numContigLg2?: (lo: number, hi: number, level: number) => number;
  /** Removes the size code from a leaf's output address. Kernel: pt_entry_oa(). */
  readonly leafOa?: (oa: number, lo: number, hi: number, common: PtCommon) => number;
  /** All bits of a leaf besides its address and attributes. Kernel: pt_install_leaf_entry(). */
  readonly leafBits: (out: MutableWord64, sizeLg2: number, level: number, common: PtCommon) => void;
  /** Items that a leaf of a size is written to; one when absent. Kernel: the loop in pt_install_leaf_entry(). */
  readonly leafItems?: (sizeLg2: number, level: number, common: PtCommon) => number;
  /** All bits of a table entry besides the address. Kernel: pt_install_table(). */
  readonly tableBits: (level: number) => Word64;
  /** Translates IOMMU_READ and its siblings to entry bits. Kernel: pt_iommu_set_prot(). */
  readonly setProt: (out: MutableWord64, prot: number, common: PtCommon) => Ret;
  /** Bits that setProt() controls. Kernel: pt_attr_from_entry(). */
  readonly attrBits: Word64;
  /** Checks the configuration and sets levels and sizes. Kernel: pt_iommu_fmt_init(). */
  readonly init: (common: PtCommon, config: PtConfig) => Ret;
  /** Whether a present entry has a type and size that the kernel writes at a level; all do when absent. */
  readonly isWritten?: (lo: number, hi: number, level: number) => boolean;
  /** Kernel: pt_iommu_fmt_hw_info(). */
  readonly hwInfo?: (topPfn: number, topLevel: number) => HwInfo;
}

/** What an entry may allow. */
export type Access = 'read' | 'write' | 'fetch';

/** A field of a format together with what its values mean. */
export interface FormatField extends Field {
  /** Levels and kinds in which the field has this meaning; all when absent. */
  readonly where?: (kind: EntryKind, level: number) => boolean;
  /** What a value lets the device do. */
  readonly grants?: (value: number) => Access | undefined;
  /** The field says what the entry is (present, size, type), which a summary says in words. */
  readonly structural?: true;
  /** The meaning of a value in plain words; `undefined` prints the number alone. */
  readonly means?: (value: number) => string | undefined;
}

/** A complete format: every optional member filled, every derived number computed. */
export interface PtFormat extends PtFormatSpec {
  readonly presentLo: number;
  readonly presentHi: number;
  /** Lowest bit of the address field; 32 minus it is the number of its bits in the low half. */
  readonly oaShift: number;
  readonly oaHiMask: number;
  readonly oaLoMask: number;
  /** Weight of the high half's address bits. */
  readonly oaHiWeight: number;
  /** Granules per page of 4 KiB, and the bits of an address within a granule. */
  readonly granulesPerPage: number;
  readonly granuleMask: number;
  /** Pages per granule: what turns a table's address field into a page frame number. */
  readonly pagesPerGranule: number;
  readonly dirtyLo: number;
  readonly swBits: readonly number[];
  /** Software bit 0, the mark that a table entry was flushed. It lies in the low half of every format. */
  readonly flushedLo: number;
  readonly encryptFeature: number;
  readonly leafItems: (sizeLg2: number, level: number, common: PtCommon) => number;
  readonly numContigLg2: (lo: number, hi: number, level: number) => number;
  readonly leafOa: (oa: number, lo: number, hi: number, common: PtCommon) => number;
}

/** log2 of the bytes of a table. Every 64-bit generic_pt format uses pages of 4 KiB. */
export const TABLE_LG2: number = cited(
  12,
  'drivers/iommu/generic_pt/fmt/amdv1.h',
  'PT_TABLEMEM_LG2SZ',
);

/** log2 of the bytes of an item. */
const ITEM_BYTES_LG2: number = cited(
  3,
  'drivers/iommu/generic_pt/fmt/amdv1.h',
  'PT_ITEM_WORD_SIZE',
);

/** log2 of the items in a table below the top. Kernel: pt_num_items_lg2(). */
export const ITEMS_LG2: number = TABLE_LG2 - ITEM_BYTES_LG2;

/** Bits of half a word. */
const HALF_BITS: number = cited(32, 'include/uapi/asm-generic/int-l64.h', '__u32');

const noContig = (): number => 0;
const oneItem = (): number => 1;
const plainOa = (oa: number): number => oa;

/** Completes a format as pt_fmt_defaults.h does; all formats get the same shape, which keeps the walkers fast. */
export function defineFormat(spec: PtFormatSpec): PtFormat {
  const { oa } = spec;
  return Object.freeze({
    name: spec.name,
    granuleLg2: spec.granuleLg2,
    maxTopLevel: spec.maxTopLevel,
    maxVaLg2: spec.maxVaLg2,
    maxOaLg2: spec.maxOaLg2,
    presentBits: spec.presentBits,
    presentLo: spec.presentBits.lo,
    presentHi: spec.presentBits.hi,
    oa,
    oaShift: oa.first,
    oaHiMask: oa.mask.hi,
    oaLoMask: oa.mask.lo,
    oaHiWeight: POW2[HALF_BITS - oa.first]!,
    granulesPerPage: 1 << (TABLE_LG2 - spec.granuleLg2),
    granuleMask: (1 << spec.granuleLg2) - 1,
    // A 2 KiB granule number counts twice per page; tables are page-aligned, so nothing is lost.
    pagesPerGranule: POW2[spec.granuleLg2]! * INV_POW2[TABLE_LG2]!,
    fields: spec.fields,
    // No feature has this position: bitmaps are 32 bits wide and only the low ones are in use.
    encryptFeature: spec.encryptFeature ?? HALF_BITS - 1,
    dirtyLo: spec.dirty?.mask.lo ?? 0,
    ...(spec.dirty === undefined ? {} : { dirty: spec.dirty }),
    swBits: spec.swBits ?? [],
    flushedLo: spec.swBits === undefined ? 0 : bit(spec.swBits[0]!).lo,
    kindOfPresent: spec.kindOfPresent,
    canHaveLeaf: spec.canHaveLeaf,
    possibleSizes: spec.possibleSizes,
    numContigLg2: spec.numContigLg2 ?? noContig,
    leafOa: spec.leafOa ?? plainOa,
    leafBits: spec.leafBits,
    leafItems: spec.leafItems ?? oneItem,
    tableBits: spec.tableBits,
    setProt: spec.setProt,
    attrBits: spec.attrBits,
    init: spec.init,
    ...(spec.isWritten === undefined ? {} : { isWritten: spec.isWritten }),
    ...(spec.hwInfo === undefined ? {} : { hwInfo: spec.hwInfo }),
  });
}

/** log2 of the bytes one item of a level translates. Kernel: pt_table_item_lg2sz(). */
export function itemLg2(format: PtFormat, level: number): number {
  return format.granuleLg2 + ITEMS_LG2 * level;
}

/** The lowest level whose tables can hold leaves of a size. Kernel: pt_pgsz_lg2_to_level(). */
export function levelOfSize(format: PtFormat, sizeLg2: number): number {
  return Math.floor((sizeLg2 - format.granuleLg2) / ITEMS_LG2);
}

/** Classifies an entry. Kernel: pt_load_entry_raw(). */
export function kindOf(format: PtFormat, lo: number, hi: number, level: number): EntryKind {
  if (((lo & format.presentLo) | (hi & format.presentHi)) === 0) return EMPTY;
  return format.kindOfPresent(lo, hi, level);
}

/** The address field of an entry as a granule number, the encryption bit removed. */
export function addressOf(format: PtFormat, lo: number, hi: number, common: PtCommon): number {
  const { sme } = common;
  const high = hi & ~sme.hi & format.oaHiMask;
  return high * format.oaHiWeight + ((lo & ~sme.lo) >>> format.oaShift);
}

/** Granule that an address lies in. */
export function granuleOf(format: PtFormat, { pfn, offset }: Addr): number {
  return pfn * format.granulesPerPage + (offset >> format.granuleLg2);
}

/** Page of the table that an entry points to. Kernel: pt_table_pa(). */
export function tablePfn(format: PtFormat, lo: number, hi: number, common: PtCommon): number {
  return Math.floor(addressOf(format, lo, hi, common) * format.pagesPerGranule);
}

/** Granule number where a leaf's output begins. Kernel: pt_entry_oa(). */
export function leafAddress(format: PtFormat, lo: number, hi: number, common: PtCommon): number {
  return format.leafOa(addressOf(format, lo, hi, common), lo, hi, common);
}

/** Low half of an address field. Addresses past the field's width lose their high bits, as FIELD_PREP() does. */
export function addressLo(format: PtFormat, granule: number): number {
  return (granule << format.oaShift) & format.oaLoMask;
}

/** High half of an address field. */
export function addressHi(format: PtFormat, granule: number): number {
  return (granule / format.oaHiWeight) & format.oaHiMask;
}
