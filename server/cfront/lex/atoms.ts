/** What a spelling is. The kind is a function of the spelling, so it is stored once per atom. */
export type TokenKind =
  'identifier' | 'number' | 'string' | 'character' | 'punctuator' | 'placemarker';

/**
 * An interned spelling: two tokens are spelled alike exactly when their atoms are equal.
 * Atoms index dense tables (macro table, symbol tables), which is what makes expansion cheap.
 */
export type Atom = number;

const spellings: string[] = [];
const kinds: TokenKind[] = [];
let hashSlots = new Int32Array(1 << 16).fill(-1);

/** The hash of no characters: FNV-1a over UTF-16 units. */
export const EMPTY_HASH: number = 0x811c9dc5 | 0;

/** The hash of some characters and one more. */
export function hashWith(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function hashOf(text: string, start: number, end: number): number {
  let hash = EMPTY_HASH;
  for (let i = start; i < end; i++) hash = hashWith(hash, text.charCodeAt(i));
  return hash;
}

function sameSpelling(atom: Atom, text: string, start: number, end: number): boolean {
  const spelling = spellings[atom]!;
  if (spelling.length !== end - start) return false;
  for (let i = 0; i < spelling.length; i++) {
    if (spelling.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  }
  return true;
}

function grow(): void {
  const old = hashSlots;
  hashSlots = new Int32Array(old.length * 2).fill(-1);
  const mask = hashSlots.length - 1;
  for (const atom of old) {
    if (atom < 0) continue;
    const spelling = spellings[atom]!;
    let slot = hashOf(spelling, 0, spelling.length) & mask;
    while (hashSlots[slot]! >= 0) slot = (slot + 1) & mask;
    hashSlots[slot] = atom;
  }
}

/**
 * Interns a slice of a text without cutting the slice out when it is known already.
 * The table lives as long as the process; it holds each spelling of the trees seen once.
 */
export function internSlice(text: string, start: number, end: number, kind: TokenKind): Atom {
  return internHashed(text, start, end, hashOf(text, start, end), kind);
}

/** {@link internSlice} for who has the hash of the slice already. */
export function internHashed(
  text: string,
  start: number,
  end: number,
  hash: number,
  kind: TokenKind,
): Atom {
  const mask = hashSlots.length - 1;
  let slot = hash & mask;
  for (;;) {
    const atom = hashSlots[slot]!;
    if (atom < 0) break;
    if (sameSpelling(atom, text, start, end)) return atom;
    slot = (slot + 1) & mask;
  }
  const atom = spellings.length;
  // A slice of a header would keep the whole header text alive; joining copies it.
  spellings.push(end - start > 12 ? ` ${text.slice(start, end)}`.slice(1) : text.slice(start, end));
  kinds.push(kind);
  hashSlots[slot] = atom;
  if (spellings.length * 2 > hashSlots.length) grow();
  return atom;
}

/** Interns a whole spelling. */
export function intern(spelling: string, kind: TokenKind): Atom {
  return internSlice(spelling, 0, spelling.length, kind);
}

/** The spelling of an atom. */
export function spellingOf(atom: Atom): string {
  return spellings[atom]!;
}

/** The kind of an atom. */
export function kindOf(atom: Atom): TokenKind {
  return kinds[atom]!;
}

/** Whether an atom is an identifier or keyword: the only atoms that macros and symbols can have. */
export function isIdentifier(atom: Atom): boolean {
  return kinds[atom] === 'identifier';
}

/** Atom of an identifier. */
export function identifier(spelling: string): Atom {
  return intern(spelling, 'identifier');
}

/** Atom of a punctuator. */
export function punctuator(spelling: string): Atom {
  return intern(spelling, 'punctuator');
}
