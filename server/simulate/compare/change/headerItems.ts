import type { Atom } from '../../../cfront/lex/atoms.ts';
import { identifier, isIdentifier, punctuator, spellingOf } from '../../../cfront/lex/atoms.ts';
import { lex } from '../../../cfront/lex/lex.ts';
import type { LexedFile } from '../../../cfront/lex/lexedFile.ts';
import { LINE_START } from '../../../cfront/lex/lexedFile.ts';
import { lineIndex } from '../../../text/lineIndex.ts';

/** Something that a header defines, as its text has it: whether it is compiled is for the units to say. */
export interface HeaderItem {
  readonly kind: 'function' | 'macro' | 'constant';
  readonly name: string;
  /** First and last line, 1-based. */
  readonly first: number;
  readonly last: number;
  /** Its tokens and the conditions around it, the same for equal definitions. */
  readonly content: string;
  /** The identifiers in it. */
  readonly words: ReadonlySet<string>;
}

const DEFINE = identifier('define');
const ENUM = identifier('enum');
const [OPEN, CLOSE, BRACE, END, SEMICOLON, COMMA, ASSIGN] = ['(', ')', '{', '}', ';', ',', '='].map(
  punctuator,
) as [Atom, Atom, Atom, Atom, Atom, Atom, Atom];
const CONDITIONS: ReadonlyMap<Atom, 'opens' | 'continues' | 'closes'> = new Map([
  ...['if', 'ifdef', 'ifndef'].map((name) => [identifier(name), 'opens'] as const),
  ...['elif', 'else'].map((name) => [identifier(name), 'continues'] as const),
  [identifier('endif'), 'closes'] as const,
]);

/** The functions with bodies, macros and constants of enumerations that a header defines, in order. */
export function headerItems(path: string, text: string): readonly HeaderItem[] {
  const file = lex(path, text);
  const index = lineIndex(text);
  const found: HeaderItem[] = [];
  const conditions: string[] = [];
  const add = (kind: HeaderItem['kind'], { name, from, to, value }: NamedText): void => {
    const atoms = [...file.atoms.subarray(from, to)];
    const lineOf = (i: number): number => index.position(file.offsets[i]!).line;
    found.push({
      ...{ kind, name, first: lineOf(from), last: lineOf(to - 1) },
      content: [...conditions, value ?? atoms.map(spellingOf).join(' ')].join('\n'),
      words: new Set(atoms.filter(isIdentifier).map(spellingOf)),
    });
  };
  for (let i = 0; i < file.count;) {
    if (isDirective(file, i)) {
      const end = lineEnd(file, i);
      const word = file.atoms[i + 1];
      if (word === DEFINE && i + 2 < end) {
        add('macro', { name: spellingOf(file.atoms[i + 2]!), from: i, to: end });
      } else if (word !== undefined) noteCondition(conditions, file, i, end);
      i = end;
      continue;
    }
    const { end, body } = itemFrom(file, i);
    const name = body === undefined ? undefined : functionName(file, i, body);
    if (name !== undefined) add('function', { name, from: i, to: end });
    else if (body !== undefined && file.atoms.subarray(i, body).includes(ENUM)) {
      for (const each of constantsIn(file, body, end)) {
        add('constant', each);
      }
    }
    i = end;
  }
  return found;
}

function isDirective(file: LexedFile, i: number): boolean {
  return (file.flags[i]! & LINE_START) !== 0 && file.atoms[i] === HASH;
}

const HASH = punctuator('#');

/** Behind the last token of a logical line. */
function lineEnd(file: LexedFile, from: number): number {
  let i = from + 1;
  while (i < file.count && (file.flags[i]! & LINE_START) === 0) i++;
  return i;
}

function noteCondition(conditions: string[], file: LexedFile, from: number, to: number): void {
  const kind = CONDITIONS.get(file.atoms[from + 1]!);
  const text = [...file.atoms.subarray(from + 1, to)].map(spellingOf).join(' ');
  if (kind === 'opens') conditions.push(text);
  else if (kind === 'continues') conditions.push(`${conditions.pop() ?? ''} ${text}`);
  else if (kind === 'closes') conditions.pop();
}

/** Where the item at file scope ends that begins with a token, and its first brace. */
function itemFrom(file: LexedFile, from: number): { readonly end: number; readonly body?: number } {
  let depth = 0;
  let body: number | undefined;
  const ended = (end: number): ReturnType<typeof itemFrom> =>
    body === undefined ? { end } : { end, body };
  for (let i = from; i < file.count; i++) {
    if (isDirective(file, i)) {
      i = lineEnd(file, i) - 1;
      continue;
    }
    const atom = file.atoms[i];
    if (atom === BRACE || atom === OPEN) {
      if (atom === BRACE && depth === 0) body ??= i;
      depth++;
    } else if (atom === CLOSE) depth = Math.max(0, depth - 1);
    else if (atom === END) {
      // A brace at the margin ends what is open, whatever branches of an #if opened twice.
      const isAtMargin = file.offsets[i] === 0 || file.text[file.offsets[i]! - 1] === '\n';
      depth = isAtMargin ? 0 : Math.max(0, depth - 1);
      if (depth === 0 && body !== undefined && functionName(file, from, body) !== undefined)
        return ended(i + 1);
    } else if (atom === SEMICOLON && depth === 0) return ended(i + 1);
  }
  return ended(file.count);
}

/** The name of a function whose head ends before a brace: what stands before the last parenthesis but those of attributes. */
function functionName(file: LexedFile, from: number, body: number): string | undefined {
  const before = file.atoms.subarray(from, body);
  if (before.includes(ASSIGN)) return undefined;
  const names: string[] = [];
  let depth = 0;
  before.forEach((atom, i) => {
    const named = before[i - 1];
    if (atom === OPEN && depth++ === 0 && named !== undefined && isIdentifier(named)) {
      names.push(spellingOf(named));
    } else if (atom === CLOSE) depth--;
  });
  return names.findLast((name) => !ATTRIBUTES.test(name)) ?? names.at(-1);
}

const ATTRIBUTES =
  /^(?:__attribute__|__printf|__scanf|__acquires|__releases|__must_hold|__cond_acquires|__alloc_size|__malloc|__diagnose_as|__section|__nonnull|__aligned|typeof|__typeof__)$/;

/** Something with a name, from one token to behind another. */
interface NamedText {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** What gives a constant its value. */
  readonly value?: string;
}

function constantsIn(file: LexedFile, body: number, end: number): readonly NamedText[] {
  const found: NamedText[] = [];
  let depth = 0;
  let from = body + 1;
  for (let i = body; i < end; i++) {
    const atom = file.atoms[i]!;
    const isLast = atom === END && depth === 1;
    if (depth === 1 && (atom === COMMA || isLast)) {
      const name = file.atoms[from]!;
      if (i > from && isIdentifier(name)) {
        const own = [...file.atoms.subarray(from + 1, i)].map(spellingOf).join(' ');
        // Without a value of its own it is one more than the constant before it.
        const value = own === '' ? `${found.at(-1)?.value ?? ''} + 1` : own;
        found.push({ name: spellingOf(name), from, to: i, value });
      }
      from = i + 1;
    }
    if (isLast) break;
    if (atom === BRACE || atom === OPEN) depth++;
    else if (atom === END || atom === CLOSE) depth--;
  }
  return found;
}

/** Something of a header that a change defines otherwise. */
export interface ChangedName {
  readonly name: string;
  readonly kind: HeaderItem['kind'];
  /** First and last line in the header after the change, 1-based. */
  readonly first: number;
  readonly last: number;
  /** First line before the change. */
  readonly before: number;
}

/** What both versions of a header define, but otherwise. Comments and layout do not count. */
export function changedNames(
  before: readonly HeaderItem[],
  after: readonly HeaderItem[],
): readonly ChangedName[] {
  const olds = byName(before);
  return [...byName(after)].flatMap(([name, items]) => {
    const old = olds.get(name);
    if (old === undefined || contentOf(old) === contentOf(items)) return [];
    const known = new Set(old.map(({ content }) => content));
    const changed = items.find(({ content }) => !known.has(content)) ?? items[0]!;
    const { kind, first, last } = changed;
    return [{ name, kind, first, last, before: old[0]!.first }];
  });
}

function byName(items: readonly HeaderItem[]): ReadonlyMap<string, readonly HeaderItem[]> {
  const found = new Map<string, HeaderItem[]>();
  for (const item of items) {
    const alike = found.get(item.name);
    if (alike === undefined) found.set(item.name, [item]);
    else alike.push(item);
  }
  return found;
}

function contentOf(items: readonly HeaderItem[]): string {
  return items.map(({ content }) => content).join('\n');
}

/** A name with those of the functions and macros of a header that use it, directly or not. */
export function namesLeadingTo(name: string, items: readonly HeaderItem[]): ReadonlySet<string> {
  const found = new Set([name]);
  for (const one of found) {
    for (const { kind, name: above, words } of items) {
      if (kind !== 'constant' && words.has(one)) found.add(above);
    }
  }
  return found;
}
