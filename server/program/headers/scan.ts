/** What a name of a header is, and where its declaration stands. */
export interface HeaderSymbol {
  readonly kind:
    | 'macro'
    | 'functionMacro'
    | 'struct'
    | 'union'
    | 'enum'
    | 'enumerator'
    | 'typedef'
    | 'function'
    | 'prototype'
    | 'variable'
    | 'define';
  /** Offset of the declaration; of the whole `enum` for an enumerator. */
  readonly start: number;
  readonly end: number;
  /** The `#ifdef` or `#ifndef` right around it, where it asks for something else than a configuration symbol. */
  readonly guard: Guard | undefined;
  /** Further declarations of the name that stand under another guard. */
  readonly alternatives: readonly HeaderSymbol[];
}

/** `#ifdef name` (or `#else` of `#ifndef name`), or its opposite. */
export interface Guard {
  readonly name: string;
  readonly when: 'defined' | 'undefined';
}

/** An `#include` line. */
export interface Include {
  readonly path: string;
  /** `computed`: the path is a macro's name. */
  readonly form: 'quotes' | 'angles' | 'computed';
}

/** The symbol table of one C text: what it declares at file level, found without parsing. */
export interface SymbolTable {
  readonly text: string;
  readonly includes: readonly Include[];
  /**
   * Tags are keyed with their keyword: `struct page`. `DEFINE_FREE(x, …)` and its relatives are keyed as written up to the
   * first comma: `DEFINE_FREE(x`. Where a name is declared several times the first declaration counts: branches of `#if`
   * stand in the order "configured, not configured" nearly everywhere.
   */
  readonly symbols: ReadonlyMap<string, HeaderSymbol>;
}

const hash = 0x23;
const slash = 0x2f;
const star = 0x2a;

/**
 * Scans a C text for file-level declarations. Relies on the kernel's layout: declarations start in column 0 and
 * bodies end with a brace in column 0. Time: about 10 ms per MB.
 */
export function scanSymbols(text: string): SymbolTable {
  const includes: Include[] = [];
  const symbols = new Map<string, HeaderSymbol & { readonly alternatives: HeaderSymbol[] }>();
  const guards: (Guard | undefined)[] = [];
  const add = (name: string, kind: HeaderSymbol['kind'], start: number, end: number): void => {
    const guard = guards.at(-1);
    const known = symbols.get(name);
    if (known === undefined) symbols.set(name, { kind, start, end, guard, alternatives: [] });
    else if (known.guard !== undefined) {
      known.alternatives.push({ kind, start, end, guard, alternatives: [] });
    }
  };
  const { length } = text;
  let at = 0;
  while (at < length) {
    const c = text.charCodeAt(at);
    let lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) lineEnd = length;
    if (c === hash) {
      at = scanDirective(text, at, lineEnd, includes, guards, add);
    } else if (c === slash && text.charCodeAt(at + 1) === star) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) break;
      const after = text.indexOf('\n', close);
      at = after < 0 ? length : after + 1;
    } else if ((c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f) {
      at = scanDeclaration(text, at, lineEnd, add);
    } else {
      at = lineEnd + 1;
    }
  }
  return { text, includes, symbols };
}

type Add = (name: string, kind: HeaderSymbol['kind'], start: number, end: number) => void;

function scanDirective(
  text: string,
  start: number,
  lineEnd: number,
  includes: Include[],
  guards: (Guard | undefined)[],
  add: Add,
): number {
  let end = lineEnd;
  while (end < text.length && text.charCodeAt(end - 1) === 0x5c) {
    const next = text.indexOf('\n', end + 1);
    end = next < 0 ? text.length : next;
  }
  const define = /^#\s*define\s+(\w+)(\(?)/.exec(text.slice(start, Math.min(lineEnd, start + 200)));
  if (define !== null) {
    add(define[1]!, define[2] === '(' ? 'functionMacro' : 'macro', start, end);
    // A comment may begin at the end of a definition and go on over several lines; the lines inside start with ` *`.
    return end + 1;
  }
  if (trackGuards(text.slice(start, Math.min(lineEnd, start + 120)), guards)) return end + 1;
  const include = /^#\s*include\s*([<"])([^>"]+)[>"]/.exec(text.slice(start, lineEnd));
  if (include !== null) {
    includes.push({ path: include[2]!, form: include[1] === '"' ? 'quotes' : 'angles' });
  }
  const computed = /^#\s*include\s+([A-Za-z_]\w*)/.exec(text.slice(start, lineEnd));
  if (computed !== null) includes.push({ path: computed[1]!, form: 'computed' });
  return end + 1;
}

/** Keeps the stack of conditional groups. Whether the line was one of them. */
function trackGuards(line: string, guards: (Guard | undefined)[]): boolean {
  const directive = /^#\s*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b\s*(\w*)/.exec(line);
  if (directive === null) return false;
  const name = directive[2]!;
  // Configuration symbols are taken as set, and names that end in _H only keep a header from being read twice.
  const asks = name !== '' && !/^CONFIG_|_H_*$/.test(name);
  switch (directive[1]) {
    case 'ifdef':
      guards.push(asks ? { name, when: 'defined' } : undefined);
      break;
    case 'ifndef':
      guards.push(asks ? { name, when: 'undefined' } : undefined);
      break;
    case 'if':
      guards.push(undefined);
      break;
    case 'else': {
      const guard = guards.pop();
      const when = guard?.when === 'defined' ? 'undefined' : 'defined';
      guards.push(guard === undefined ? undefined : { name: guard.name, when });
      break;
    }
    case 'endif':
      guards.pop();
      break;
    default:
      guards.pop();
      guards.push(undefined);
  }
  return true;
}

/** Offset after a declaration that ends with `;`, or with a closing brace in column 0 (and what follows it up to `;`). */
function endOfDeclaration(
  text: string,
  start: number,
): { readonly end: number; readonly brace: number } {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x28) depth++;
    else if (c === 0x29) depth--;
    else if (c === 0x3b && depth <= 0) return { end: at + 1, brace: -1 };
    else if (c === 0x7b && depth <= 0) return { end: endOfBody(text, at), brace: at };
    else if (c === slash && text.charCodeAt(at + 1) === star) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) return { end: text.length, brace: -1 };
      at = close + 1;
    } else if (c === hash && text.charCodeAt(at - 1) === 0x0a) {
      // A directive in the middle: not a declaration that can be told this way.
      return { end: at, brace: -1 };
    }
  }
  return { end: text.length, brace: -1 };
}

/** Offset after the brace that closes a body: on the same line, or the first one in column 0. */
function endOfBody(text: string, open: number): number {
  const lineEnd = text.indexOf('\n', open);
  const sameLine = text.indexOf('}', open);
  if (
    sameLine >= 0 &&
    (lineEnd < 0 || sameLine < lineEnd) &&
    !text.slice(open + 1, sameLine).includes('{')
  ) {
    return sameLine + 1;
  }
  const close = text.indexOf('\n}', open);
  return close < 0 ? text.length : close + 2;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

const tagged = /^(struct|union|enum)(?:\s+__\w+(?:\([^)]*\))?)*\s+(\w+)?(?:\s*:\s*\w+)?\s*\{/;
const definer =
  /^(DEFINE_(?:FREE|CLASS|GUARD|LOCK_GUARD_[01])|DEFINE_(?:GUARD|LOCK_GUARD_1)_COND)\s*\(\s*(\w+)/;

function scanDeclaration(text: string, start: number, lineEnd: number, add: Add): number {
  const line = text.slice(start, Math.min(lineEnd + 40, start + 240));
  if (line.startsWith('extern "C"')) return endOfLine(text, start);
  const c = line.charCodeAt(0);
  // Most lines begin neither way: the expressions cost more than to look at one letter.
  const tag = c === 0x73 || c === 0x75 || c === 0x65 ? tagged.exec(line) : null;
  if (tag !== null) return scanTagged(text, start, tag, add);
  if (line.startsWith('typedef')) return scanTypedef(text, start, add);
  const known = line.startsWith('DEFINE_') ? definer.exec(line) : null;
  if (known !== null) {
    const end = endOfCall(text, start);
    add(`${known[1]!}(${known[2]!}`, 'define', start, end);
    return endOfLine(text, end);
  }
  const { end, brace } = endOfDeclaration(text, start);
  const head = text.slice(start, brace >= 0 ? brace : end);
  const name = functionNameOf(head);
  if (name !== undefined) {
    add(name, brace >= 0 ? 'function' : 'prototype', start, end);
  } else if (brace < 0 || head.includes('=')) {
    const variable = /(\w+)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*(?:\([^)]*\)\s*)?)*(?:=|;)/.exec(
      head.endsWith(';') ? head : `${head};`,
    );
    if (variable !== null && /^(?:extern|static|const)\b/.test(head))
      add(variable[1]!, 'variable', start, end);
  }
  return Math.max(endOfLine(text, end - 1), lineEnd + 1);
}

/** `NAME(...)` in column 0: offset after the closing parenthesis. */
function endOfCall(text: string, start: number): number {
  let depth = 0;
  for (let at = text.indexOf('(', start); at >= 0 && at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x28) depth++;
    else if (c === 0x29 && --depth === 0) return at + 1;
  }
  return text.length;
}

const notNames =
  /^(?:__attribute__|__printf|__scanf|__aligned|__section|__must_hold|__acquires|__releases|__malloc|__alloc_size|__counted_by|__realloc_size|__nonnull|__diag|if|while|typeof|__typeof__|_Static_assert|static_assert)$/;

/** The name in front of the parameter list of a declaration's head, if it is a function's. */
function functionNameOf(head: string): string | undefined {
  if (!head.includes('(') || head.includes('=')) return undefined;
  if (/^[A-Z_0-9]+\s*\(/.test(head)) return undefined;
  for (const match of head.matchAll(/(\w+)\s*\(/g)) {
    const name = match[1]!;
    if (notNames.test(name)) continue;
    // `NS(map)(…)`: a macro puts the name together; it is not told here.
    if (/^\w+\s*\([\w\s,]*\)\s*\(/.test(head.slice(match.index))) return undefined;
    // `int (*name)(…)` declares a variable.
    return /\b(?:int|void|long|char|bool)$/.test(name) ? undefined : name;
  }
  return undefined;
}

function scanTagged(text: string, start: number, tag: RegExpExecArray, add: Add): number {
  const open = text.indexOf('{', start);
  const close = endOfBody(text, open);
  const { end } = endOfDeclaration(text, close);
  const keyword = tag[1] as 'struct' | 'union' | 'enum';
  if (tag[2] !== undefined) add(`${keyword} ${tag[2]}`, keyword, start, end);
  if (keyword === 'enum') addEnumerators(text, start, open, close, end, add);
  else {
    const variable = /^\s*(\w+)/.exec(text.slice(close, end));
    if (variable !== null && !variable[1]!.startsWith('__'))
      add(variable[1]!, 'variable', start, end);
    addNestedTags(text, open, close, add);
  }
  addNestedMacros(text, open, close, add);
  return endOfLine(text, end - 1);
}

/** The kernel likes to define the flags of a member right below it; the preprocessor knows no structs. */
function addNestedMacros(text: string, open: number, close: number, add: Add): void {
  const body = text.slice(open, close);
  if (!body.includes('define')) return;
  for (const match of body.matchAll(/^[ \t]*(#[ \t]*define[ \t]+(\w+)(\(?))/gm)) {
    const start = open + match.index + match[0].length - match[1]!.length;
    let end = text.indexOf('\n', start);
    while (end > 0 && text.charCodeAt(end - 1) === 0x5c) end = text.indexOf('\n', end + 1);
    add(
      match[2]!,
      match[3] === '(' ? 'functionMacro' : 'macro',
      start,
      end < 0 ? text.length : end,
    );
  }
}

/** Structs defined inside another one are known to the whole file in C. */
function addNestedTags(text: string, open: number, close: number, add: Add): void {
  const body = text.slice(open, close);
  if (!/\b(?:struct|union|enum)\s+\w+\s*\{/.test(body)) return;
  for (const match of body.matchAll(/\b(struct|union|enum)\s+(\w+)\s*\{/g)) {
    const from = open + match.index;
    let depth = 0;
    let at = text.indexOf('{', from);
    for (; at < close; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x7b) depth++;
      else if (c === 0x7d && --depth === 0) break;
    }
    const keyword = match[1] as 'struct' | 'union' | 'enum';
    const end = Math.min(at + 1, close);
    add(`${keyword} ${match[2]!}`, keyword, from, end);
    if (keyword === 'enum') addEnumerators(text, from, text.indexOf('{', from), end, end, add);
  }
}

function addEnumerators(
  text: string,
  start: number,
  open: number,
  close: number,
  end: number,
  add: Add,
): void {
  const body = withoutComments(text.slice(open + 1, close - 1));
  let depth = 0;
  let expecting = true;
  for (const match of body.matchAll(/[(),]|\b[A-Za-z_]\w*|^[ \t]*#.*$/gm)) {
    const token = match[0];
    if (token === '(') depth++;
    else if (token === ')') depth--;
    else if (token === ',' && depth === 0) expecting = true;
    else if (expecting && depth === 0 && /^\w/.test(token)) {
      add(token, 'enumerator', start, end);
      expecting = false;
    }
  }
}

/** A text with comments blanked out. */
export function withoutComments(text: string): string {
  return text.includes('/*') || text.includes('//')
    ? text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    : text;
}

function scanTypedef(text: string, start: number, add: Add): number {
  const { end, brace } = endOfDeclaration(text, start);
  let stop = end;
  if (brace >= 0) stop = endOfDeclaration(text, end).end;
  const written = withoutComments(text.slice(start, stop));
  const tag = /^typedef\s+(struct|union|enum)\s+(\w+)\s*\{/.exec(written);
  if (tag !== null)
    add(`${tag[1]!} ${tag[2]!}`, tag[1] as 'struct' | 'union' | 'enum', start, stop);
  if (/^typedef\s+enum\b/.test(written) && brace >= 0)
    addEnumerators(text, start, brace, end, stop, add);
  const tail = brace >= 0 ? written.slice(written.lastIndexOf('}')) : written;
  const name =
    /\(\s*\*\s*(\w+)\s*\)\s*\(/.exec(tail)?.[1] ??
    /(\w+)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*(?:\(\(?[^()]*\)?\)\s*)?)*;\s*$/.exec(tail)?.[1] ??
    /(\w+)\s*\(/.exec(tail.replace(/^typedef\s+\w+/, ''))?.[1];
  if (name !== undefined) add(name, 'typedef', start, stop);
  return Math.max(endOfLine(text, stop - 1), start + 1);
}
