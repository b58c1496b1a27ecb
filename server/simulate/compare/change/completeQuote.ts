import type { Atom } from '../../../cfront/lex/atoms.ts';
import { identifier, isIdentifier, punctuator, spellingOf } from '../../../cfront/lex/atoms.ts';
import { lex } from '../../../cfront/lex/lex.ts';
import type { LexedFile } from '../../../cfront/lex/lexedFile.ts';
import { sameType } from '../../../cfront/types/type.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { ChangedFile, FileText } from '../../../patch/change.ts';
import { REST_OF_PATCH } from '../../kernel/unquoted.ts';
import { functionsOf } from './changedFunctions.ts';

/** The text of a file as a quoted patch must have left it, and what was added to what the mail quotes. */
export interface CompletedText {
  /** As many lines as before, so that every line keeps its number. */
  readonly text: string;
  /** One clause each, without final full stop. */
  readonly additions: readonly string[];
}

/** A reply quotes only a part of what changes a file: what stands behind the end of a hunk is not known. */
export function isQuotedInPart({ filePatches }: ChangedFile): boolean {
  return filePatches.some(({ hunks }) =>
    hunks.some(({ missing }) => missing !== undefined && missing.why === 'trimmed'),
  );
}

/** A parameter that a patch turned from a value into the address of one. */
interface ByAddress {
  readonly function: string;
  /** From 0. */
  readonly position: number;
  readonly name: string;
}

const OPEN = punctuator('(');
const CLOSE = punctuator(')');
const COMMA = punctuator(',');
const BRACE = punctuator('{');
const STAR = punctuator('*');
const AND_ASSIGN = punctuator('&=');
const NOT = punctuator('~');
const DOT = punctuator('.');
const ARROW = punctuator('->');
const PARTNERS: ReadonlyMap<Atom, Atom> = new Map([
  [OPEN, CLOSE],
  [BRACE, punctuator('}')],
  [punctuator('['), punctuator(']')],
]);

/**
 * Completes what does not compile without the lines that a reply left out: where a parameter takes the address of
 * a value now, the lines that the mail does not show read it through the address, and pass one. Where the quoted
 * lines take a flag away through that address which nothing in sight sets, the others may set it, on ways that do
 * not pass those lines: a choice. Only lines that the quoted part leaves alone are touched.
 */
export function completeQuote(
  before: Unit,
  after: Unit,
  file: ChangedFile & { readonly after: FileText },
): CompletedText | undefined {
  const parameters = byAddress(before, after);
  if (parameters.length === 0) return undefined;
  const { path, text } = file.after;
  const lexed = lex(path, text);
  const isQuoted = (token: number): boolean =>
    file.map.ofAfter(lineAt(text, lexed.offsets[token]!))?.kind === 'added';
  const flags = new Map(parameters.map((one) => [one, clearedFlag(lexed, one, isQuoted)]));
  const edits = parameters.flatMap((parameter) => [
    ...usesOf(lexed, parameter, isQuoted),
    ...argumentsFor(lexed, parameter, flags.get(parameter), isQuoted),
  ]);
  if (edits.length === 0) return undefined;
  const additions = parameters.map((one) => additionText(one, flags.get(one)));
  return { text: edited(text, edits), additions };
}

/** A constant that quoted lines take away, `*p &= ~FLAG`, and that no other code of the file names. */
function clearedFlag(
  lexed: LexedFile,
  { name: parameter }: ByAddress,
  isQuoted: (token: number) => boolean,
): string | undefined {
  const { atoms, count } = lexed;
  const wanted = [STAR, identifier(parameter), AND_ASSIGN, NOT];
  const bodies = bodiesOf(lexed);
  for (let i = 0; i + wanted.length < count; i++) {
    if (!wanted.every((atom, n) => atoms[i + n] === atom) || !isQuoted(i)) continue;
    const at = i + wanted.length;
    const flag = atoms[at]!;
    if (isIdentifier(flag) && !bodies.some((body) => stands(lexed, flag, body, at)))
      return spellingOf(flag);
  }
  return undefined;
}

function additionText(
  { function: name, name: parameter }: ByAddress,
  flag: string | undefined,
): string {
  const read = `${name}() takes ${parameter} by address: the other lines are read so`;
  const set = `that they set ${flag} where it is not cleared is tried, because nothing in sight sets it`;
  return flag === undefined ? read : `${read}; ${set}`;
}

/** Parameters of a type on one side, and of a pointer to that type on the other. */
function byAddress(before: Unit, after: Unit): ByAddress[] {
  const old = functionsOf(before);
  return [...functionsOf(after)].flatMap(([name, { type }]) => {
    const earlier = old.get(name)?.type.parameters ?? [];
    return type.parameters.flatMap((parameter, position) => {
      const was = earlier[position];
      const isAddressNow =
        was?.name !== undefined &&
        was.name === parameter.name &&
        parameter.type.kind === 'pointer' &&
        was.type.kind !== 'aggregate' &&
        sameType(parameter.type.to, was.type);
      return isAddressNow ? [{ function: name, position, name: was.name }] : [];
    });
  });
}

/** Text to put in place of a range of the file, end exclusive. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The parameter where its function reads it: `p` becomes `(*p)`. */
function usesOf(
  lexed: LexedFile,
  { function: name, name: parameter }: ByAddress,
  isQuoted: (token: number) => boolean,
): Edit[] {
  const { atoms, offsets } = lexed;
  const wanted = identifier(parameter);
  const edits: Edit[] = [];
  for (const call of namesOf(lexed, name)) {
    const body = call.close + 1;
    if (atoms[body] !== BRACE) continue;
    const end = partnerOf(lexed, body);
    for (let i = body; i < end; i++) {
      const isMember = atoms[i - 1] === DOT || atoms[i - 1] === ARROW;
      if (atoms[i] !== wanted || isMember || isQuoted(i)) continue;
      const start = offsets[i]!;
      edits.push({ start, end: start + parameter.length, text: `(*${parameter})` });
    }
  }
  return edits;
}

/**
 * What callers pass: `e` becomes `&(e)`. A flag that the function may set is set before the call: where its quoted
 * lines take it away, it goes again.
 */
function argumentsFor(
  lexed: LexedFile,
  { function: name, position }: ByAddress,
  flag: string | undefined,
  isQuoted: (token: number) => boolean,
): Edit[] {
  const { offsets, text } = lexed;
  const bodies = bodiesOf(lexed);
  return namesOf(lexed, name).flatMap(({ open, close }) => {
    // Declarations and the definition itself stand outside of bodies.
    if (!bodies.some((body) => body.open < open && close < body.close)) return [];
    const parts = commasOf(lexed, open, close);
    const [from, to] = [parts[position], parts[position + 1]];
    if (from === undefined || to === undefined || isQuoted(from + 1)) return [];
    const start = offsets[from + 1]!;
    const argument = text.slice(start, offsets[to]);
    const asked = `extern _Bool ${REST_OF_PATCH}(void); if (${REST_OF_PATCH}()) (${argument}) |= ${flag};`;
    const address = `&(${argument})`;
    const made = flag === undefined ? address : `({ ${asked} ${address}; })`;
    return [{ start, end: start + argument.length, text: made }];
  });
}

/** Indexes of the bracket before the first argument, of the commas, and of the bracket behind the last. */
function commasOf(lexed: LexedFile, open: number, close: number): number[] {
  const found = [open];
  for (let i = open + 1; i < close; i++) {
    if (lexed.atoms[i] === COMMA) found.push(i);
    else if (PARTNERS.has(lexed.atoms[i]!)) i = partnerOf(lexed, i);
  }
  return [...found, close];
}

/** Where a name stands before a bracket, with the indexes of the bracket and of its partner. */
function namesOf(lexed: LexedFile, name: string): Bracketed[] {
  const { atoms, count } = lexed;
  const wanted = identifier(name);
  const found: Bracketed[] = [];
  for (let i = 0; i + 1 < count; i++) {
    if (atoms[i] !== wanted || atoms[i + 1] !== OPEN) continue;
    found.push({ open: i + 1, close: partnerOf(lexed, i + 1) });
  }
  return found;
}

/** Index of the bracket that closes the one at `open`; the end of the file where there is none. */
function partnerOf({ atoms, count }: LexedFile, open: number): number {
  const opening = atoms[open]!;
  const closing = PARTNERS.get(opening);
  let depth = 0;
  for (let i = open; i < count; i++) {
    if (atoms[i] === opening) depth++;
    else if (atoms[i] === closing && --depth === 0) return i;
  }
  return count;
}

/** A range of tokens by the indexes of its brackets. */
interface Bracketed {
  readonly open: number;
  readonly close: number;
}

/** The bodies of functions. */
function bodiesOf(lexed: LexedFile): Bracketed[] {
  const { atoms, count } = lexed;
  const found: Bracketed[] = [];
  for (let i = 0; i < count; i++) {
    if (atoms[i] !== BRACE) continue;
    const close = partnerOf(lexed, i);
    if (atoms[i - 1] === CLOSE) found.push({ open: i, close });
    i = close;
  }
  return found;
}

/** Whether a spelling stands in a range, but not only at `except`. */
function stands(
  { atoms }: LexedFile,
  atom: Atom,
  { open, close }: Bracketed,
  except: number,
): boolean {
  for (let i = open; i < close; i++) if (atoms[i] === atom && i !== except) return true;
  return false;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let done = 0;
  for (const { start, end, text: made } of [...edits].sort((a, b) => a.start - b.start)) {
    if (start < done) continue;
    result += text.slice(done, start) + made;
    done = end;
  }
  return result + text.slice(done);
}
