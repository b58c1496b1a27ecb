import { LEAF, TABLE, type Access, type EntryKind, type FormatField } from './ptFormat.ts';
import type { Field } from './source.ts';

/*
 * Fields that several formats have, with the words that they have in common.
 */

/** A field of leaves only. */
export const onLeaf = (kind: EntryKind): boolean => kind === LEAF;
/** A field of pointers to tables only. */
export const onTable = (kind: EntryKind): boolean => kind === TABLE;

/** A bit with words for both its values. */
export function either(field: Field, clear: string, set: string): FormatField {
  return { ...field, means: (v) => (v === 0 ? clear : set) };
}

/** A bit that permits an access where it is set. */
export function permits(field: Field, access: Access, clear = `no ${access}`): FormatField {
  return { ...either(field, clear, access), grants: (v) => (v === 0 ? undefined : access) };
}

/** The dirty bit of a leaf. */
export function dirtyField(field: Field): FormatField {
  return { ...either(field, 'not dirty', 'dirty'), where: onLeaf };
}

/** The accessed bit. */
export function accessedField(field: Field): FormatField {
  return either(field, 'not accessed', 'accessed');
}

/** Software's mark of a table entry whose cache line was cleaned. */
export function flushedField(field: Field): FormatField {
  return { ...either(field, 'flush not known to be done', 'entry was flushed'), where: onTable };
}

/** PS of formats in the manner of x86: between the smallest pages and the largest leaves it tells leaves from tables. */
export function pageSizeField(field: Field, largestLeafLevel: number): FormatField {
  return {
    ...either(field, 'table', 'leaf'),
    structural: true,
    where: (_kind, level) => level > 0 && level <= largestLeafLevel,
  };
}
