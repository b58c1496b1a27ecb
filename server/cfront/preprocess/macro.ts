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
  readonly dynamic?: ((use: Location) => { readonly atom: Atom }) | undefined;
}

/** A macro of which the body is read when it is first used: most of those that headers define never are. */
class WrittenMacro implements Macro {
  readonly name: Atom;
  readonly parameters: readonly Atom[] | undefined;
  readonly variadic: boolean;
  readonly dynamic: undefined = undefined;
  private readonly file: LexedFile;
  private readonly start: number;
  private readonly end: number;
  private tokens: readonly BodyToken[] | undefined;

  /** The body is `[start, end)` of the file. */
  constructor(
    { name, parameters, variadic }: Pick<Macro, 'name' | 'parameters' | 'variadic'>,
    file: LexedFile,
    start: number,
    end: number,
  ) {
    this.name = name;
    this.parameters = parameters;
    this.variadic = variadic;
    this.file = file;
    this.start = start;
    this.end = end;
  }

  get body(): readonly BodyToken[] {
    return (this.tokens ??= bodyTokens(this.file, this.start, this.end, this.parameters ?? []));
  }
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
    const about = { name, parameters: undefined, variadic: false };
    return new WrittenMacro(about, file, start + 1, end);
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
  return new WrittenMacro({ name, parameters, variadic }, file, i + 1, end);
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
