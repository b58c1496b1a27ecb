import type { StripField } from '../bits/strip.ts';
import type { FieldEntry, FieldFamily } from './define.ts';
import type { KnownField } from './lookup.ts';

/** Bits that a tree gives an entry; undefined where it defines none. */
export type BitsOf = (
  entry: FieldEntry,
) => { readonly high: number; readonly low: number } | undefined;

/** The fields of the same word, the asked one among them, named as short as they stay clear. */
export function neighboursOf({ entry, family }: KnownField, bitsOf: BitsOf): readonly StripField[] {
  const group = groupOf(entry, family);
  const chosen: { readonly entry: FieldEntry; readonly high: number; readonly low: number }[] = [];
  const others = family.entries.filter(
    (other) =>
      other !== entry &&
      isDrawn(other) &&
      other.word === entry.word &&
      groupOf(other, family) === group,
  );
  const candidates = [entry, ...others];
  for (const candidate of candidates) {
    const bits = bitsOf(candidate);
    if (bits === undefined) continue;
    const clash = chosen.some(({ high, low }) => high >= bits.low && bits.high >= low);
    if (!clash) chosen.push({ entry: candidate, ...bits });
  }
  return chosen.map((one) => ({
    name: shortName(one.entry.name, family),
    high: one.high,
    low: one.low,
  }));
}

const isDrawn = ({ kind }: FieldEntry): boolean =>
  kind === 'field' || kind === 'bit' || kind === 'member' || kind === 'accessor';

/**
 * What keeps two fields in one diagram: the word of an entry, or the beginning of a register's name.
 * Commands and events lay the same bits out differently by opcode, so that their group is the beginning of the name too.
 */
function groupOf({ name, path }: FieldEntry, { prefixes, path: main }: FieldFamily): string {
  if (prefixes !== undefined) {
    const ours = prefixes.some((prefix) => name.startsWith(prefix));
    const struct = name.includes('.') ? name.slice(0, name.indexOf('.')) : '';
    return ours ? `${path === main ? '' : path} ${struct}` : name;
  }
  return beginningOf(name) ?? name;
}

const beginningOf = (name: string): string | undefined =>
  /^(?:[A-Z]\w*?_\d_|[A-Za-z]+\d*_[A-Z]+\d?_|[A-Za-z0-9]+_)/.exec(name)?.[0];

/** A name without what all names of its family begin with, and without `_MASK`. */
export function shortName(name: string, family: FieldFamily): string {
  const beginning = family.prefixes ?? [beginningOf(name) ?? ''];
  const prefix = beginning.find(
    (candidate) => name.startsWith(candidate) && name.length > candidate.length,
  );
  const shorter = prefix === undefined ? name : name.slice(prefix.length);
  return shorter.replace(/(.)_MASK$/, '$1').replace(/^.*\.|^\d_/, '');
}
