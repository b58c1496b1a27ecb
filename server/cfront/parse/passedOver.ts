import type { Atom } from '../lex/atoms.ts';
import { identifier, isIdentifier } from '../lex/atoms.ts';
import type { TokenStream } from '../lex/tokenStream.ts';
import {
  ASM_WORDS,
  ATTRIBUTE_WORDS,
  CONST_WORDS,
  DECLARATION_WORDS,
  IGNORED_SPECIFIERS,
  K,
  P,
  TYPEOF_WORDS,
} from './keywords.ts';

/** A declaration of one function that can be passed over, because what it declares shows from its brackets. */
export interface FunctionExtent {
  readonly name: Atom;
  /** Index of its first token. */
  readonly start: number;
  /** Index of the `}` of its body; undefined for a prototype. */
  readonly bodyEnd: number | undefined;
  /** Index of the token after it. */
  readonly end: number;
}

/** Words after which a declaration has to be read to know what it declares. */
const DECIDING: ReadonlySet<Atom> = new Set([
  ...TYPEOF_WORDS,
  ...ASM_WORDS,
  ...[identifier('typedef'), K.alignas, K.autoType, K.staticAssert, K.pragma],
]);

/** What stands before the brackets of a function only when it is no function, or not only one. */
const ENDS: ReadonlySet<Atom> = new Set([
  ...[P.semicolon, P.comma, P.assign, P.colon, P.close, P.closeSquare, P.closeCurly],
]);

/**
 * The extent of the function declaration that begins at a token: `specifiers name(parameters) attributes` with `;` or
 * a body. Undefined for everything else, and where in doubt.
 */
export function functionExtent(tokens: TokenStream, start: number): FunctionExtent | undefined {
  const { atoms, partners } = tokens;
  const open = parametersFrom(tokens, start);
  if (open === undefined || open < start + 2) return undefined;
  const name = atoms[open - 1]!;
  const first = atoms[open + 1];
  // `int (*f)(void)`, and `type (name)(void)` for the other reading of what stands before the bracket.
  if (!isIdentifier(name) || DECLARATION_WORDS.has(name)) return undefined;
  if (first === P.star || first === P.open) return undefined;
  const next = afterAttributes(tokens, partnerOf(tokens, open) + 1);
  if (atoms[next] === P.semicolon) return { name, start, bodyEnd: undefined, end: next + 1 };
  if (atoms[next] !== P.openCurly || partners[next]! >= tokens.count) return undefined;
  const bodyEnd = partners[next]!;
  return { name, start, bodyEnd, end: bodyEnd + 1 };
}

/** Index of the first `(` that is not an attribute's, if nothing before it says that this is no function. */
function parametersFrom(tokens: TokenStream, start: number): number | undefined {
  const { atoms, partners, count } = tokens;
  for (let i = start; i < count; i++) {
    const atom = atoms[i]!;
    if (atom === P.open) return partners[i]! < count ? i : undefined;
    if (ATTRIBUTE_WORDS.has(atom)) i = partnerOf(tokens, i + 1);
    else if (partners[i] !== 0 || ENDS.has(atom) || DECIDING.has(atom)) return undefined;
  }
  return undefined;
}

function afterAttributes(tokens: TokenStream, from: number): number {
  const { atoms, count } = tokens;
  for (let i = from; i < count; i++) {
    const atom = atoms[i]!;
    if (ATTRIBUTE_WORDS.has(atom) || ASM_WORDS.has(atom)) i = partnerOf(tokens, i + 1);
    else if (!IGNORED_SPECIFIERS.has(atom) && !CONST_WORDS.has(atom)) return i;
  }
  return count;
}

/** The closing bracket of the group that opens at a token; the end where none opens. */
function partnerOf({ partners, count }: TokenStream, open: number): number {
  const partner = partners[open] ?? 0;
  return partner === 0 ? count : partner;
}

/**
 * Whether the members between two brackets declare nothing outside of their struct: no constant, no tag, and no
 * pragma. Then they need not be read before somebody asks for a member.
 */
export function declaresMembersOnly({ atoms }: TokenStream, open: number, close: number): boolean {
  for (let i = open + 1; i < close; i++) {
    const atom = atoms[i]!;
    if (atom === K.enum || atom === K.pragma) return false;
    if (atom !== P.openCurly) continue;
    // `struct name {`; with attributes in between it is read, to be safe.
    const isAnonymous = atoms[i - 1] === K.struct || atoms[i - 1] === K.union;
    if (!isAnonymous) return false;
  }
  return true;
}
