import type { Atom } from '../lex/atoms.ts';
import { identifier, intern, isIdentifier, kindOf, punctuator, spellingOf } from '../lex/atoms.ts';
import type { LexedFile } from '../lex/lexedFile.ts';
import { LINE_START, SPACE_BEFORE } from '../lex/lexedFile.ts';
import { literalBytes } from '../lex/literals.ts';
import type { Location } from '../lex/sourceMap.ts';
import { SourceMap } from '../lex/sourceMap.ts';
import type { TokenStream } from '../lex/tokenStream.ts';
import { TokenWriter } from '../lex/tokenStream.ts';
import { evaluateCondition } from './condition.ts';
import type { Rest } from './expand.ts';
import { Expander } from './expand.ts';
import type { IncludeName, IncludePath } from './includePath.ts';
import type { Macro, PpToken } from './macro.ts';
import { macroDefinition } from './macro.ts';
import { MacroTable } from './macroTable.ts';
import { expandAndRemember, rememberedExpansion } from './plainExpansion.ts';

const OPEN = punctuator('(');
const CLOSE = punctuator(')');
const LESS = punctuator('<');
const GREATER = punctuator('>');
const DEFINED = identifier('defined');
const PRAGMA = identifier('_Pragma');
const HAS_INCLUDE = identifier('__has_include');
const ONE = intern('1', 'number');
const ZERO = intern('0', 'number');

/** gcc's own limit on nested includes. */
const MAX_INCLUDE_DEPTH = 200;

/** Something the preprocessor could not do; the unit goes on without it. */
export interface PreprocessProblem {
  readonly kind: 'missing-include' | 'error-directive' | 'malformed';
  readonly message: string;
  readonly at: Location;
}

/** Text that the configuration leaves out of a file. */
export interface InactiveRange {
  readonly file: string;
  /** Offsets in the file: from the directive that closed the text out to the one that ended it. */
  readonly start: number;
  readonly end: number;
}

/** What is to be preprocessed, and how. */
export interface PreprocessInput {
  readonly root: LexedFile;
  readonly includePath: IncludePath;
  /** Files read before the root, as `-include` does. */
  readonly forced: readonly LexedFile[];
  /** Definitions in force from the start, as a text of `#define` lines. */
  readonly predefined: LexedFile;
  /** Names that no header may define: the parser knows their meaning itself. */
  readonly kept: ReadonlySet<Atom>;
  /** Result of an earlier run with the same headers and configuration; see {@link Preamble}. */
  readonly reuse?: Preamble | undefined;
}

/**
 * The state after the leading directives of a root file: all its includes, before its first own token.
 * When only the rest of the file changed, a run starts from here.
 */
export interface Preamble {
  /** Text of the root up to its first own token. */
  readonly text: string;
  readonly macros: MacroTable;
  readonly writer: TokenWriter;
  readonly once: ReadonlySet<LexedFile>;
  readonly problems: readonly PreprocessProblem[];
  readonly files: readonly LexedFile[];
  readonly counter: number;
}

/** A preprocessed unit. */
export interface Preprocessed {
  readonly tokens: TokenStream;
  readonly sources: SourceMap;
  readonly problems: readonly PreprocessProblem[];
  readonly inactive: readonly InactiveRange[];
  readonly preamble: Preamble | undefined;
  /** The macros in force at the end. */
  readonly macros: MacroTable;
}

interface Conditional {
  /** Whether the text around the group is active. */
  readonly outer: boolean;
  taken: boolean;
}

interface Frame {
  readonly file: LexedFile;
  at: number;
  /** Index into `file.directives` of the next one at or after `at`. */
  directive: number;
  readonly conditionals: Conditional[];
  active: boolean;
  inactiveFrom: number;
}

/** Runs the preprocessor over a unit. Never fails; see `problems`. */
export function preprocess(input: PreprocessInput): Preprocessed {
  return new Preprocessor(input).run();
}

class Preprocessor {
  private readonly input: PreprocessInput;
  private readonly macros: MacroTable;
  private readonly expander: Expander;
  private readonly writer: TokenWriter;
  private readonly sources = new SourceMap();
  private readonly files = new Set<LexedFile>();
  private readonly once: Set<LexedFile>;
  private readonly problems: PreprocessProblem[];
  private readonly inactive: InactiveRange[] = [];
  private frame!: Frame;
  private depth = 0;
  private counter: number;
  private preamble: Preamble | undefined;

  constructor(input: PreprocessInput) {
    this.input = input;
    const reuse = fittingPreamble(input);
    this.preamble = reuse;
    this.macros = reuse === undefined ? new MacroTable() : reuse.macros.copy();
    this.writer = reuse === undefined ? new TokenWriter() : reuse.writer.copy();
    this.once = new Set(reuse?.once);
    this.problems = [...(reuse?.problems ?? [])];
    this.counter = reuse?.counter ?? 0;
    for (const file of reuse?.files ?? []) this.enter(file);
    this.expander = new Expander(this.macros, (macro, at) => {
      this.problem('malformed', `call of macro ${spellingOf(macro.name)} has no closing )`, at);
    });
  }

  run(): Preprocessed {
    if (this.preamble === undefined) {
      this.defineDynamic();
      this.readFile(this.input.predefined);
      for (const file of this.input.forced) this.readFile(file);
    }
    this.readFile(this.input.root);
    const { sources, problems, inactive, preamble, macros } = this;
    return { tokens: this.writer.finish(), sources, problems, inactive, preamble, macros };
  }

  private enter(file: LexedFile): void {
    this.files.add(file);
    this.sources.enter(file);
  }

  private problem(kind: PreprocessProblem['kind'], message: string, at: Location): void {
    this.problems.push({ kind, message, at });
  }

  private defineDynamic(): void {
    const define = (name: string, atomAt: (use: Location) => Atom): void => {
      const atom = identifier(name);
      this.macros.set(atom, {
        name: atom,
        parameters: undefined,
        variadic: false,
        body: [],
        dynamic: (use) => ({ atom: atomAt(use) }),
      });
    };
    define('__LINE__', (use) => intern(String(this.sources.place(use).line), 'number'));
    define('__FILE__', (use) => intern(`"${this.sources.place(use).file}"`, 'string'));
    define('__COUNTER__', () => intern(String(this.counter++), 'number'));
  }

  private readFile(file: LexedFile): void {
    if (this.depth >= MAX_INCLUDE_DEPTH) {
      this.problem('malformed', `includes nested deeper than ${MAX_INCLUDE_DEPTH}`, file.base);
      return;
    }
    this.enter(file);
    const outer = this.frame as Frame | undefined;
    const frame: Frame = {
      ...{ file, at: 0, directive: 0, conditionals: [], active: true, inactiveFrom: 0 },
    };
    this.frame = frame;
    this.depth++;
    if (file === this.input.root && this.depth === 1 && this.preamble !== undefined) {
      this.skipPreamble(frame, this.preamble);
    }
    while (frame.at < file.count) {
      if (frame.at === file.directives[frame.directive]) this.directive(frame);
      else if (frame.active) this.text(frame);
      else frame.at = file.directives[frame.directive] ?? file.count;
    }
    if (frame.conditionals.length > 0) {
      this.problem('malformed', '#if without #endif', file.base + file.text.length);
    }
    this.depth--;
    if (outer !== undefined) this.frame = outer;
  }

  /** Copies text tokens up to the next directive, expanding macros. */
  private text(frame: Frame): void {
    const { file } = frame;
    if (file === this.input.root && this.preamble === undefined && this.depth === 1) {
      if (frame.conditionals.length === 0) this.preamble = this.takePreamble(frame);
    }
    const { atoms, offsets, base } = file;
    const limit = file.directives[frame.directive] ?? file.count;
    while (frame.at < limit) {
      const atom = atoms[frame.at]!;
      const location = base + offsets[frame.at]!;
      const macro = this.macros.get(atom);
      if (macro === undefined || isNoCall(macro, atoms[frame.at + 1], frame.at + 1 < limit)) {
        frame.at++;
        this.writer.push(atom, location, location);
        continue;
      }
      const remembered = rememberedExpansion(macro, this.macros);
      if (remembered !== undefined) {
        frame.at++;
        this.writer.pushAll(remembered, location);
        continue;
      }
      const head = tokenAt(file, frame.at++);
      const rest = this.restOfFile(frame);
      for (const token of expandAndRemember(this.expander, this.macros, { macro, head, rest })) {
        this.writer.pushExpanded(token);
      }
      // Arguments may have run over directives: the limit is another one now.
      if (frame.at > limit || frame.at === frame.file.count) return;
    }
  }

  /** The tokens after the current one, with directives between them obeyed. */
  private restOfFile(frame: Frame): Rest {
    const settle = (): boolean => {
      for (;;) {
        if (frame.at >= frame.file.count) return false;
        if (frame.at === frame.file.directives[frame.directive]) {
          if (isInclude(frame.file, frame.at)) return false;
          this.directive(frame);
        } else if (frame.active) return true;
        else frame.at = frame.file.directives[frame.directive] ?? frame.file.count;
      }
    };
    return {
      peek: () => (settle() ? tokenAt(frame.file, frame.at) : undefined),
      take: () => (settle() ? tokenAt(frame.file, frame.at++) : undefined),
    };
  }

  private directive(frame: Frame): void {
    const { file } = frame;
    const hash = frame.at;
    let end = hash + 1;
    while (end < file.count && (file.flags[end]! & LINE_START) === 0) end++;
    frame.at = end;
    frame.directive++;
    if (end === hash + 1) return;
    const first = hash + 2;
    switch (spellingOf(file.atoms[hash + 1]!)) {
      case 'if':
        this.openConditional(frame, hash, () => this.condition(file, first, end));
        break;
      case 'ifdef':
        this.openConditional(frame, hash, () => this.macros.get(file.atoms[first]!) !== undefined);
        break;
      case 'ifndef':
        this.openConditional(frame, hash, () => this.macros.get(file.atoms[first]!) === undefined);
        break;
      case 'elif':
        this.nextBranch(frame, hash, () => this.condition(file, first, end));
        break;
      case 'else':
        this.nextBranch(frame, hash, () => true);
        break;
      case 'endif':
        this.setActive(frame, frame.conditionals.pop()?.outer ?? true, hash);
        break;
      default:
        if (frame.active) this.activeDirective(frame, hash, end);
    }
  }

  private activeDirective(frame: Frame, hash: number, end: number): void {
    const { file } = frame;
    const first = hash + 2;
    const at = file.base + file.offsets[hash]!;
    switch (spellingOf(file.atoms[hash + 1]!)) {
      case 'define': {
        if (first < end && this.input.kept.has(file.atoms[first]!)) break;
        const macro = macroDefinition(file, first, end);
        if (macro === undefined) this.problem('malformed', 'malformed #define', at);
        else this.macros.set(macro.name, macro);
        break;
      }
      case 'undef':
        if (first < end) this.macros.set(file.atoms[first]!, undefined);
        break;
      case 'include':
      case 'include_next':
        this.include(file, first, end, at);
        break;
      case 'pragma':
        if (first < end) this.pragma(file, first, end);
        break;
      case 'error': {
        const words = Array.from(file.atoms.subarray(first, end), spellingOf).join(' ');
        this.problem('error-directive', `#error ${words}`, at);
        break;
      }
      default:
        break;
    }
  }

  private openConditional(frame: Frame, hash: number, condition: () => boolean): void {
    const taken = frame.active && condition();
    frame.conditionals.push({ outer: frame.active, taken });
    this.setActive(frame, taken, hash);
  }

  private nextBranch(frame: Frame, hash: number, condition: () => boolean): void {
    const conditional = frame.conditionals[frame.conditionals.length - 1];
    if (conditional === undefined) return;
    const active = conditional.outer && !conditional.taken && condition();
    if (active) conditional.taken = true;
    this.setActive(frame, active, hash);
  }

  private setActive(frame: Frame, active: boolean, hash: number): void {
    if (active === frame.active) return;
    const offset = frame.file.offsets[hash]!;
    if (!active) frame.inactiveFrom = offset;
    else if (!frame.file.path.includes('include/')) {
      this.inactive.push({ file: frame.file.path, start: frame.inactiveFrom, end: offset });
    }
    frame.active = active;
  }

  private pragma(file: LexedFile, first: number, end: number): void {
    const name = spellingOf(file.atoms[first]!);
    if (name === 'once') this.once.add(file);
    if (name !== 'pack') return;
    // Handed on in the form that C has for it: `_Pragma("pack(1)")` (C11 6.10.9).
    const words = Array.from(file.atoms.subarray(first, end), spellingOf).join(' ');
    const at = file.base + file.offsets[first]!;
    for (const atom of [PRAGMA, OPEN, intern(`"${words}"`, 'string'), CLOSE]) {
      this.writer.push(atom, at, at);
    }
  }

  private condition(file: LexedFile, start: number, end: number): boolean {
    const tokens: PpToken[] = [];
    for (let i = start; i < end; i++) {
      const token = tokenAt(file, i);
      if (token.atom === DEFINED) {
        const grouped = file.atoms[i + 1] === OPEN;
        const name = file.atoms[grouped ? i + 2 : i + 1]!;
        tokens.push({ ...token, atom: this.macros.get(name) === undefined ? ZERO : ONE });
        i += grouped ? 3 : 1;
      } else if (isIdentifier(token.atom) && spellingOf(token.atom).startsWith('__has_')) {
        const close = closingParen(file, i + 1, end);
        const found = token.atom === HAS_INCLUDE && this.canInclude(file, i + 2, close);
        tokens.push({ ...token, atom: found ? ONE : ZERO });
        i = close;
      } else tokens.push(token);
    }
    return evaluateCondition(this.withoutDefined(this.expander.expand(tokens)));
  }

  /** Replaces `defined` that a macro brought. Its operand was expanded if it is one; what is left as a name is none. */
  private withoutDefined(tokens: readonly PpToken[]): Atom[] {
    const atoms: Atom[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const { atom } = tokens[i]!;
      if (atom !== DEFINED) {
        atoms.push(atom);
        continue;
      }
      const grouped = tokens[i + 1]?.atom === OPEN;
      const close = grouped ? tokens.findIndex((t, at) => at > i && t.atom === CLOSE) : i + 1;
      const operand = tokens.slice(grouped ? i + 2 : i + 1, grouped ? close : close + 1);
      const [name] = operand;
      const isUnknown =
        operand.length === 1 &&
        isIdentifier(name!.atom) &&
        this.macros.get(name!.atom) === undefined;
      atoms.push(isUnknown ? ZERO : ONE);
      i = close < 0 ? tokens.length : close;
    }
    return atoms;
  }

  private canInclude(file: LexedFile, start: number, end: number): boolean {
    const name = includeName(slice(file, start, end));
    return name !== undefined && this.input.includePath.find(name, file.path) !== undefined;
  }

  private include(file: LexedFile, start: number, end: number, at: Location): void {
    let tokens: readonly PpToken[] = slice(file, start, end);
    const head = tokens[0];
    if (head === undefined) return;
    if (kindOf(head.atom) !== 'string' && head.atom !== LESS) tokens = this.expander.expand(tokens);
    const name = includeName(tokens);
    if (name === undefined) {
      this.problem('malformed', 'malformed #include', at);
      return;
    }
    const target = this.input.includePath.find(name, file.path);
    if (target === undefined) this.problem('missing-include', name.name, at);
    else if (!this.isEmptyNow(target)) this.readFile(target);
  }

  private isEmptyNow(file: LexedFile): boolean {
    return (
      this.once.has(file) || (file.guard !== undefined && this.macros.get(file.guard) !== undefined)
    );
  }

  private takePreamble(frame: Frame): Preamble {
    return {
      text: frame.file.text.slice(0, frame.file.offsets[frame.at]),
      macros: this.macros.copy(),
      writer: this.writer.copy(),
      once: new Set(this.once),
      problems: [...this.problems],
      files: [...this.files].filter((file) => file !== frame.file),
      counter: this.counter,
    };
  }

  private skipPreamble(frame: Frame, preamble: Preamble): void {
    const { file } = frame;
    while (frame.at < file.count && file.offsets[frame.at]! < preamble.text.length) frame.at++;
    while ((file.directives[frame.directive] ?? Infinity) < frame.at) frame.directive++;
  }
}

function fittingPreamble({ reuse, root }: PreprocessInput): Preamble | undefined {
  if (reuse === undefined || !root.text.startsWith(reuse.text)) return undefined;
  // The first own token must still start where the preamble ends.
  return root.offsets.includes(reuse.text.length) ? reuse : undefined;
}

/** Whether a name of a function-like macro is only a name here. What comes after a directive is seen later. */
function isNoCall(macro: Macro, next: Atom | undefined, isSeen: boolean): boolean {
  return isSeen && macro.parameters !== undefined && next !== OPEN;
}

function tokenAt(file: LexedFile, index: number): PpToken {
  const location = file.base + file.offsets[index]!;
  return {
    atom: file.atoms[index]!,
    space: (file.flags[index]! & (SPACE_BEFORE | LINE_START)) !== 0,
    hide: null,
    ofPlace: false,
    use: location,
    definition: location,
  };
}

function slice(file: LexedFile, start: number, end: number): PpToken[] {
  const tokens: PpToken[] = [];
  for (let i = start; i < end; i++) tokens.push(tokenAt(file, i));
  return tokens;
}

function isInclude(file: LexedFile, hash: number): boolean {
  const name = file.atoms[hash + 1];
  return name !== undefined && spellingOf(name).startsWith('include');
}

function closingParen(file: LexedFile, open: number, end: number): number {
  let depth = 0;
  for (let i = open; i < end; i++) {
    if (file.atoms[i] === OPEN) depth++;
    else if (file.atoms[i] === CLOSE && --depth === 0) return i;
  }
  return end;
}

function includeName(tokens: readonly PpToken[]): IncludeName | undefined {
  const head = tokens[0];
  if (head === undefined) return undefined;
  if (kindOf(head.atom) === 'string') {
    const name = String.fromCharCode(...literalBytes(spellingOf(head.atom)));
    return { name, quoted: true };
  }
  if (head.atom !== LESS) return undefined;
  let name = '';
  for (const token of tokens.slice(1)) {
    if (token.atom === GREATER) return { name, quoted: false };
    name += spellingOf(token.atom);
  }
  return undefined;
}

/** The text of `#define` lines for a table of names and values; parameters may be part of a name. */
export function defineLines(defines: ReadonlyMap<string, string>): string {
  const lines = [...defines].map(([name, value]) => `#define ${name} ${value}`);
  return `${lines.join('\n')}\n`;
}
