import { formatAddr, type Addr } from '../bits/pfn.ts';
import { divPow2, modPow2, POW2 } from '../bits/pow2.ts';
import { formatWord, getField, isZero, without, word, type Word64 } from '../bits/pte64.ts';
import {
  ARM_FORMATS,
  ARM_LAST_LEVEL,
  armFields,
  armKind,
  armPfn,
  type ArmFormat,
} from './armLpae.ts';
import { BUILDS } from './builds.ts';
import {
  EMPTY,
  ITEMS_LG2,
  itemLg2,
  kindOf,
  LEAF,
  leafAddress,
  TABLE,
  TABLE_LG2,
  tablePfn,
  type Access,
  type EntryKind,
  type FormatField,
  type PtCommon,
  type PtFormat,
} from './ptFormat.ts';
import { cited } from './source.ts';

/** One field of an entry, read. */
export interface DecodedField {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly value: number;
  /** In plain words; empty where the number says all. */
  readonly meaning: string;
  readonly grants: Access | undefined;
  readonly structural: boolean;
}

/** An entry read as one of some level. */
export interface DecodedEntry {
  readonly format: string;
  readonly entry: Word64;
  /** Level 0 holds the smallest pages, for every format. */
  readonly level: number;
  readonly kind: 'empty' | 'table' | 'leaf';
  /** Bytes a leaf translates. Unit: lg2 bytes; 0 for the other kinds. */
  readonly sizeLg2: number;
  /** Where the leaf or the table is. */
  readonly address: Addr;
  /** The fields that this kind of entry has at this level, in descending order of bits. */
  readonly fields: readonly DecodedField[];
  /** Set bits that belong to no such field: the kernel never writes them. */
  readonly unexplained: Word64;
}

/** What decoding needs to know besides the entry. */
export interface DecodeOptions {
  /** The memory-encryption bit, where the machine has one. */
  readonly sme?: Word64;
  /** Granule of ARM tables. Unit: lg2 bytes; default 4 KiB. */
  readonly granuleLg2?: number;
}

const KIND_NAMES = { [EMPTY]: 'empty', [TABLE]: 'table', [LEAF]: 'leaf' } as const;
/** No feature bit is left out: a leaf is read with everything that could have been on. */
const ALL_FEATURES = -1;
const ARM_ENTRY_LG2 = TABLE_LG2 - ITEMS_LG2;
const ARM_TOP_LEVEL = cited(3, 'drivers/iommu/io-pgtable-arm.c', 'ARM_LPAE_MAX_LEVELS');

/** The names that can be decoded. */
export const DECODABLE: readonly string[] = [...Object.keys(BUILDS), ...Object.keys(ARM_FORMATS)];

/** Highest level of a format, where level 0 holds the smallest pages. */
export function topLevelOf(format: string): number {
  return BUILDS[format]?.format.maxTopLevel ?? ARM_TOP_LEVEL;
}

/** Reads an entry at a level. Gives `undefined` for a name that is no format. */
export function decodeEntry(
  format: string,
  entry: Word64,
  level: number,
  options: DecodeOptions = {},
): DecodedEntry | undefined {
  const build = BUILDS[format];
  if (build !== undefined) return decodeGeneric(build.format, entry, level, options);
  const arm = ARM_FORMATS[format];
  return arm === undefined ? undefined : decodeArm(arm, entry, level, options);
}

/**
 * Levels at which an entry makes sense, lowest first: no unexplained bits, and an address aligned to its size.
 * An entry can be plausible at several levels, and a corrupt one at none.
 */
export function plausibleLevels(
  format: string,
  entry: Word64,
  options: DecodeOptions = {},
): readonly number[] {
  const found: number[] = [];
  for (let level = 0; level <= topLevelOf(format); level++) {
    const decoded = decodeEntry(format, entry, level, options);
    if (decoded !== undefined && isPlausible(decoded)) found.push(level);
  }
  return found;
}

function isPlausible(decoded: DecodedEntry): boolean {
  const { entry, kind, level, sizeLg2, address } = decoded;
  if (kind === 'empty' || !isZero(decoded.unexplained)) return false;
  const written = BUILDS[decoded.format]?.format.isWritten;
  if (written?.(entry.lo, entry.hi, level) === false) return false;
  if (kind === 'table') return level > 0;
  return sizeLg2 > 0 && modPow2(address.pfn, Math.max(0, sizeLg2 - TABLE_LG2)) === 0;
}

function decodeGeneric(
  format: PtFormat,
  entry: Word64,
  level: number,
  { sme = word(0) }: DecodeOptions,
): DecodedEntry {
  const common: PtCommon = {
    features: ALL_FEATURES,
    maxVaszLg2: format.maxVaLg2,
    maxOaszLg2: format.maxOaLg2,
    topLevel: format.maxTopLevel,
    sme,
    debug: false,
  };
  const kind = kindOf(format, entry.lo, entry.hi, level);
  const perPageLg2 = TABLE_LG2 - format.granuleLg2;
  let address: Addr = { pfn: 0, offset: 0 };
  let sizeLg2 = 0;
  if (kind === TABLE) address = { pfn: tablePfn(format, entry.lo, entry.hi, common), offset: 0 };
  if (kind === LEAF) {
    const oa = leafAddress(format, entry.lo, entry.hi, common);
    address = {
      pfn: divPow2(oa, perPageLg2),
      offset: modPow2(oa, perPageLg2) << format.granuleLg2,
    };
    const contig = format.numContigLg2(entry.lo, entry.hi, level);
    // A level that can have no leaf, and a size code that spans the table, are corruption.
    const fits = format.canHaveLeaf(level) && contig <= ITEMS_LG2;
    sizeLg2 = fits ? itemLg2(format, level) + contig : 0;
  }
  const read = readFields(format.fields, without(entry, sme), kind, level);
  return { format: format.name, entry, level, kind: KIND_NAMES[kind], sizeLg2, address, ...read };
}

function decodeArm(
  format: ArmFormat,
  entry: Word64,
  level: number,
  { granuleLg2 = TABLE_LG2 }: DecodeOptions,
): DecodedEntry {
  const kind = armKind(format.stage, entry.lo, entry.hi, ARM_LAST_LEVEL - level);
  const bitsPerLevel = granuleLg2 - ARM_ENTRY_LG2;
  const pfn = kind === EMPTY ? 0 : armPfn(entry.lo, entry.hi, granuleLg2);
  const read = readFields(armFields(format.stage, granuleLg2), entry, kind, level);
  return {
    format: format.name,
    entry,
    level,
    kind: KIND_NAMES[kind],
    sizeLg2: kind === LEAF && level < ARM_TOP_LEVEL ? granuleLg2 + bitsPerLevel * level : 0,
    address: { pfn, offset: 0 },
    ...read,
  };
}

function readFields(
  known: readonly FormatField[],
  entry: Word64,
  kind: EntryKind,
  level: number,
): Pick<DecodedEntry, 'fields' | 'unexplained'> {
  let unexplained = entry;
  const fields: DecodedField[] = [];
  for (const field of known) {
    if (field.where !== undefined && !field.where(kind, level)) continue;
    const value = getField(entry, field.last, field.first);
    unexplained = without(unexplained, field.mask);
    fields.push({
      name: field.name,
      first: field.first,
      last: field.last,
      value,
      meaning: field.means?.(value) ?? '',
      grants: field.grants?.(value),
      structural: field.structural === true,
    });
  }
  return { fields, unexplained };
}

/** A size as people write it: `4 KiB`, `2 MiB`. Unit of the argument: lg2 bytes. */
export function sizeText(lg2: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const unit = Math.floor(lg2 / UNIT_LG2);
  return `${POW2[lg2 - unit * UNIT_LG2]!} ${units[unit]!}`;
}

const UNIT_LG2 = cited(10, 'include/linux/sizes.h', 'SZ_1K');

/** What an entry is, in one clause without its access. */
export function entryNoun(decoded: DecodedEntry): string {
  if (isZero(decoded.entry)) return 'empty';
  if (decoded.kind === 'empty') return 'not present';
  const address = formatAddr(decoded.address);
  if (decoded.kind === 'table') return `table of level ${decoded.level - 1} at ${address}`;
  if (decoded.sizeLg2 === 0) return `leaf where none can be, address ${address}`;
  return `${sizeText(decoded.sizeLg2)} leaf to ${address}`;
}

/** An entry in a few words with the flags that are set, for a line about memory that differs. */
export function entryText(decoded: DecodedEntry): string {
  const flags = decoded.fields
    .filter(({ first, last, value, structural }) => first === last && value === 1 && !structural)
    .map(({ name }) => name);
  const values = decoded.fields
    .filter(({ first, last, value, structural, name }) => {
      return last > first && value !== 0 && !structural && !ADDRESS_NAMES.has(name);
    })
    .map(({ name, value }) => `${name}=${value}`);
  const rest = isZero(decoded.unexplained)
    ? []
    : [`unexplained bits ${formatWord(decoded.unexplained)}`];
  return [entryNoun(decoded), ...flags, ...values, ...rest].join(', ');
}

const ADDRESS_NAMES: ReadonlySet<string> = new Set(['OA', 'OA[51:48]', 'PPN']);

/** What an entry lets the device do, in words; empty for entries that are no leaf. */
export function accessText({ kind, fields }: DecodedEntry): string {
  if (kind !== 'leaf') return '';
  const order: readonly Access[] = ['read', 'write', 'fetch'];
  const granted = order.filter((access) => fields.some(({ grants }) => grants === access));
  if (granted.length === 0) return 'no access';
  const last = granted.at(-1)!;
  return granted.length === 1 ? last : `${granted.slice(0, -1).join(', ')} and ${last}`;
}
