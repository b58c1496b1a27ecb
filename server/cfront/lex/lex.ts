import type { Atom, TokenKind } from './atoms.ts';
import {
  EMPTY_HASH,
  hashWith,
  identifier,
  internHashed,
  internSlice,
  punctuator,
} from './atoms.ts';
import type { LexedFile } from './lexedFile.ts';
import { LINE_START, SPACE_BEFORE } from './lexedFile.ts';

const HASH = punctuator('#');
const IF = identifier('if');
const IFDEF = identifier('ifdef');
const IFNDEF = identifier('ifndef');
const ENDIF = identifier('endif');
const ELSE = identifier('else');
const ELIF = identifier('elif');

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const APOSTROPHE = 39;
const STAR = 42;
const SLASH = 47;
const BACKSLASH = 92;

/** Character classes by code unit below 128; everything above continues an identifier, as in GNU C. */
const LETTER = 1;
const DIGIT = 2;
const WHITE = 4;
const classOf = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  const ch = String.fromCharCode(c);
  if (/[A-Za-z_$]/.test(ch)) classOf[c] = LETTER;
  else if (/[0-9]/.test(ch)) classOf[c] = DIGIT;
  else if (/\s/.test(ch)) classOf[c] = WHITE;
}

function continuesIdentifier(unit: number): boolean {
  return unit >= 128 || (classOf[unit]! & (LETTER | DIGIT)) !== 0;
}

/** Punctuators longer than one character, longest first. `.` and `#` forms included. */
const LONG_PUNCTUATORS = [
  ...['<<=', '>>=', '...', '->', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||'],
  ...['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '##'],
];
const longByFirst = new Map<number, readonly string[]>();
for (const p of LONG_PUNCTUATORS) {
  const first = p.charCodeAt(0);
  longByFirst.set(first, [...(longByFirst.get(first) ?? []), p]);
}

/** Atoms of the characters that are a punctuator whatever follows them; -1 elsewhere. */
const aloneAtoms = new Int32Array(128).fill(-1);
for (const alone of '()[]{};,:?~') aloneAtoms[alone.charCodeAt(0)] = punctuator(alone);

function punctuatorLength(text: string, at: number): number {
  const candidates = longByFirst.get(text.charCodeAt(at));
  if (candidates !== undefined) {
    for (const p of candidates) if (text.startsWith(p, at)) return p.length;
  }
  return 1;
}

/** End of a string or character literal that opens at `open`; an unterminated one ends with its line. */
function literalEnd(text: string, open: number): number {
  const quote = text.charCodeAt(open);
  let i = open + 1;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === quote) return i + 1;
    else if (unit === NEWLINE) return i;
  }
  return Math.min(i, text.length);
}

/** End of a preprocessing number: digits, letters, dots, and a sign after an exponent letter. */
function numberEnd(text: string, start: number): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 43 || unit === 45) {
      const before = text.charCodeAt(i - 1) | 32;
      const hexadecimal = (text.charCodeAt(start + 1) | 32) === 120;
      if (before !== 112 && (before !== 101 || hexadecimal)) break;
    } else if (unit !== 46 && !continuesIdentifier(unit)) break;
  }
  return i;
}

/** Length of a line splice (backslash, newline) at `at`, or 0. */
function spliceLength(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH) return 0;
  const next = text.charCodeAt(at + 1);
  if (next === NEWLINE) return 2;
  return next === CARRIAGE_RETURN && text.charCodeAt(at + 2) === NEWLINE ? 3 : 0;
}

/** End of a `//` comment: the newline itself stays; a splice continues the comment. */
function lineCommentEnd(text: string, start: number): number {
  let from = start;
  for (;;) {
    const end = text.indexOf('\n', from);
    if (end < 0) return text.length;
    const before = text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 2 : end - 1;
    if (text.charCodeAt(before) !== BACKSLASH) return end;
    from = end + 1;
  }
}

/** Growing columns that are reused from file to file. */
interface Columns {
  atoms: Int32Array;
  offsets: Int32Array;
  flags: Uint8Array;
}
let columns: Columns = makeColumns(1 << 16);

function makeColumns(size: number): Columns {
  return {
    atoms: new Int32Array(size),
    offsets: new Int32Array(size),
    flags: new Uint8Array(size),
  };
}

function growColumns(): void {
  const bigger = makeColumns(columns.atoms.length * 2);
  bigger.atoms.set(columns.atoms);
  bigger.offsets.set(columns.offsets);
  bigger.flags.set(columns.flags);
  columns = bigger;
}

let nextBase = 1;

/** Reserves the locations of a text. Unit: UTF-16 units of all texts lexed by this process, below 2^31. */
function reserveLocations(length: number): number {
  if (nextBase + length >= 0x7fffffff) nextBase = 1;
  const base = nextBase;
  nextBase += length + 1;
  return base;
}

/**
 * Splits a text into preprocessing tokens. Never fails: an unterminated literal or comment ends with
 * the line or the file, and any unknown character becomes a one-character punctuator.
 */
export function lex(path: string, text: string): LexedFile {
  let count = 0;
  let flags = LINE_START;
  const directives: number[] = [];
  let i = 0;
  while (i < text.length) {
    const unit = text.charCodeAt(i);
    const cls = unit < 128 ? classOf[unit]! : LETTER;
    let atom: Atom;
    let end = i;
    if (cls === WHITE) {
      flags |= unit === NEWLINE ? LINE_START | SPACE_BEFORE : SPACE_BEFORE;
      i++;
      continue;
    } else if (cls === LETTER) {
      // Most of a header is names: their hash is made on the way to their end.
      let hash = EMPTY_HASH;
      let next = unit;
      do {
        hash = hashWith(hash, next);
        end++;
        next = end < text.length ? text.charCodeAt(end) : NEWLINE;
      } while (continuesIdentifier(next));
      // An encoding prefix belongs to its literal.
      const isPrefix =
        (next === QUOTE || next === APOSTROPHE) &&
        end - i === 1 &&
        (unit === 76 || unit === 85 || unit === 117);
      if (isPrefix) {
        end = literalEnd(text, end);
        atom = internSlice(text, i, end, next === QUOTE ? 'string' : 'character');
      } else atom = internHashed(text, i, end, hash, 'identifier');
    } else if (unit < 128 && aloneAtoms[unit]! >= 0) {
      atom = aloneAtoms[unit]!;
      end = i + 1;
    } else {
      const splice = spliceLength(text, i);
      if (splice > 0) {
        flags |= SPACE_BEFORE;
        i += splice;
        continue;
      }
      if (unit === SLASH) {
        const next = text.charCodeAt(i + 1);
        if (next === STAR) {
          const close = text.indexOf('*/', i + 2);
          i = close < 0 ? text.length : close + 2;
          flags |= SPACE_BEFORE;
          continue;
        }
        if (next === SLASH) {
          i = lineCommentEnd(text, i);
          continue;
        }
      }
      const kind = kindAt(text, i, unit, cls);
      end = endOf(text, i, kind);
      atom = internSlice(text, i, end, kind);
    }
    if (count === columns.atoms.length) growColumns();
    columns.atoms[count] = atom;
    columns.offsets[count] = i;
    columns.flags[count] = flags;
    if (atom === HASH && (flags & LINE_START) !== 0) directives.push(count);
    count++;
    flags = 0;
    i = end;
  }
  const atoms = columns.atoms.slice(0, count);
  return {
    path,
    text,
    base: reserveLocations(text.length),
    count,
    atoms,
    offsets: columns.offsets.slice(0, count),
    flags: columns.flags.slice(0, count),
    directives: Int32Array.from(directives),
    guard: includeGuard(atoms, columns.flags, directives),
  };
}

/** The kind of what is no name. */
function kindAt(text: string, at: number, unit: number, cls: number): TokenKind {
  if (cls === DIGIT) return 'number';
  if (unit === 46 && classOf[text.charCodeAt(at + 1)] === DIGIT) return 'number';
  if (unit === QUOTE) return 'string';
  return unit === APOSTROPHE ? 'character' : 'punctuator';
}

function endOf(text: string, at: number, kind: TokenKind): number {
  if (kind === 'number') return numberEnd(text, at);
  return kind === 'punctuator' ? at + punctuatorLength(text, at) : literalEnd(text, at);
}

/** The guard macro of a file that consists of one `#ifndef X … #endif` without `#else`. */
function includeGuard(
  atoms: Int32Array,
  flags: Uint8Array,
  directives: readonly number[],
): Atom | undefined {
  if (directives[0] !== 0 || atoms[1] !== IFNDEF || atoms.length < 5) return undefined;
  let depth = 0;
  for (const at of directives) {
    const name = atoms[at + 1];
    if (name === IF || name === IFDEF || name === IFNDEF) depth++;
    else if ((name === ELSE || name === ELIF) && depth === 1) return undefined;
    else if (name === ENDIF && --depth === 0) {
      return endsAfterDirective(at, atoms.length, flags) ? atoms[2] : undefined;
    }
  }
  return undefined;
}

function endsAfterDirective(at: number, count: number, flags: Uint8Array): boolean {
  for (let i = at + 1; i < count; i++) if ((flags[i]! & LINE_START) !== 0) return false;
  return true;
}
