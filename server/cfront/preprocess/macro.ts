import type { Atom } from '../lex/atoms.ts';
import { identifier, intern, isIdentifier, punctuator } from '../lex/atoms.ts';
import type { LexedFile } from '../lex/lexedFile.ts';
import { SPACE_BEFORE } from '../lex/lexedFile.ts';
import type { Location } from '../lex/sourceMap.ts';
import type { HideSet } from './hideSet.ts';

const OPEN = punctuator('(');
const CLOSE = punctuator(')');
const COMMA = punctuator(',');
const ELLIPSIS = punctuator('...');
const VA_ARGS = identifier('__VA_ARGS__');

/** Stands for an empty operand of `##`; never leaves the expansion of one macro. */
export const PLACEMARKER: Atom = intern('', 'placemarker');

/** A token on its way through macro expansion. */
export interface PpToken {
  readonly atom: Atom;
  readonly space: boolean;
  readonly hide: HideSet | null;
  readonly use: Location;
  readonly definition: Location;
  /** It was made from a place or a count: `__LINE__`, `__COUNTER__`, a name with one of them in it. */
  readonly ofPlace: boolean;
}

/** One token of a macro body, with what substitution needs to know about it. */
export interface BodyToken {
  readonly atom: Atom;
  readonly space: boolean;
  /** Index of the parameter this token names, or -1. */
  readonly parameter: number;
  readonly definition: Location;
}

/** A macro definition. */
export interface Macro {
  readonly name: Atom;
  /** Undefined for an object-like macro. A variadic macro's last parameter takes the rest. */
  readonly parameters: readonly Atom[] | undefined;
  readonly variadic: boolean;
  readonly body: readonly BodyToken[];
  /** Built-in macros (`__LINE__`, `__FILE__`, `__COUNTER__`) compute their one token at each use. */
  readonly dynamic?: (use: Location) => { readonly atom: Atom };
}

/** A `#define` line: the name at `start`, the body up to `end`. Undefined when the line is malformed. */
export function parseMacro(file: LexedFile, start: number, end: number): Macro | undefined {
  const name = file.atoms[start]!;
  if (start >= end || !isIdentifier(name)) return undefined;
  const functionLike =
    start + 1 < end &&
    file.atoms[start + 1] === OPEN &&
    (file.flags[start + 1]! & SPACE_BEFORE) === 0;
  if (!functionLike) {
    const body = bodyTokens(file, start + 1, end, []);
    return { name, parameters: undefined, variadic: false, body };
  }
  const parameters: Atom[] = [];
  let variadic = false;
  let i = start + 2;
  for (; i < end && file.atoms[i] !== CLOSE; i++) {
    const atom = file.atoms[i]!;
    if (atom === ELLIPSIS) {
      variadic = true;
      // GNU form `args...` names the rest; the standard form calls it __VA_ARGS__.
      if (file.atoms[i - 1] === COMMA || file.atoms[i - 1] === OPEN) parameters.push(VA_ARGS);
    } else if (isIdentifier(atom)) parameters.push(atom);
  }
  if (i >= end) return undefined;
  return { name, parameters, variadic, body: bodyTokens(file, i + 1, end, parameters) };
}

function bodyTokens(
  file: LexedFile,
  start: number,
  end: number,
  parameters: readonly Atom[],
): BodyToken[] {
  const body: BodyToken[] = [];
  for (let i = start; i < end; i++) {
    const atom = file.atoms[i]!;
    body.push({
      atom,
      space: (file.flags[i]! & SPACE_BEFORE) !== 0,
      parameter: parameters.length === 0 ? -1 : parameters.indexOf(atom),
      definition: file.base + file.offsets[i]!,
    });
  }
  return body;
}

const definitionsOf = new WeakMap<LexedFile, Map<number, Macro | undefined>>();

/** {@link parseMacro}, remembered with the file: a definition does not depend on the unit that reads it. */
export function macroDefinition(file: LexedFile, start: number, end: number): Macro | undefined {
  let known = definitionsOf.get(file);
  if (known === undefined) {
    known = new Map();
    definitionsOf.set(file, known);
  }
  if (known.has(start)) return known.get(start);
  const macro = parseMacro(file, start, end);
  known.set(start, macro);
  return macro;
}
