import { judge } from './condition.ts';
import type { Branch, ConditionalGroup, Directive, SourceFile } from './sourceFile.ts';

/** The preprocessor lines of a text and how they cut it. */
export interface Layout extends Pick<SourceFile, 'directives' | 'groups'> {
  /** How many brackets of any kind are open at most. */
  readonly nesting: number;
}

/** An `#if` group whose `#endif` has not been seen yet. */
interface OpenGroup {
  readonly number: number;
  readonly depth: number;
  readonly parens: number;
  readonly branches: OpenBranch[];
  /** False as soon as a branch does not consist of whole items. */
  whole: boolean;
  /** Index of the branch whose brackets count for what follows, -1 while none is on. */
  taken: number;
  takenDepth: number;
  takenParens: number;
}

interface OpenBranch extends Omit<Branch, 'end'> {
  end: number;
}

const newline = 10;
const hash = 35;
const doubleQuote = 34;
const singleQuote = 39;
const slash = 47;
const star = 42;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const openParen = 40;
const closeParen = 41;
const semicolon = 59;
const openBracket = 91;
const closeBracket = 93;

/**
 * Finds every preprocessor line and every `#if` group in one pass over the text.
 * It knows comments, strings, continuation lines and brackets, and nothing else of C; it takes any text.
 */
export function layoutOf(text: string): Layout {
  const scan = new Scan(text);
  scan.run();
  return { directives: scan.directives, groups: scan.groups, nesting: scan.nesting };
}

class Scan {
  readonly directives: Directive[] = [];
  readonly groups: ConditionalGroup[] = [];
  nesting = 0;
  private brackets = 0;
  private readonly macros = new Map<string, number | 'unread' | 'undefined'>();
  private readonly text: string;
  private readonly open: OpenGroup[] = [];
  private opened = 0;
  private depth = 0;
  private parens = 0;
  /** The last significant unit, and 0 at the start of the file or after a directive between items. */
  private last = 0;
  /** Set after the `#endif` of a group that looked whole: what follows may still show that it is not. */
  private justClosed: { group: number; endedWithParen: boolean } | undefined;

  constructor(text: string) {
    this.text = text;
  }

  run(): void {
    const text = this.text;
    const length = text.length;
    let lineStart = true;
    let i = 0;
    while (i < length) {
      const unit = text.charCodeAt(i);
      if (unit <= 32) {
        if (unit === newline) lineStart = true;
        i++;
        continue;
      }
      if (unit === slash) {
        const next = text.charCodeAt(i + 1);
        if (next === star || next === slash) {
          i = afterComment(text, i, next === star);
          continue;
        }
      }
      if (unit === hash && lineStart) {
        i = this.directive(i);
        continue;
      }
      if (unit === backslash) {
        i++;
        continue;
      }
      lineStart = false;
      if (this.justClosed !== undefined) this.afterGroup(unit);
      if (unit === doubleQuote || unit === singleQuote) i = afterLiteral(text, i, unit);
      else {
        this.bracket(unit);
        i++;
        // Words are the bulk of a file; skipping them here halves the time of the scan.
        if (isWord(unit)) while (i < length && isWord(text.charCodeAt(i))) i++;
      }
      this.last = unit;
    }
    // A group without #endif ends with the file.
    while (this.open.length > 0) this.close(length, length);
  }

  private bracket(unit: number): void {
    if (unit === openParen || unit === openBrace || unit === openBracket) {
      this.brackets++;
      if (this.brackets > this.nesting) this.nesting = this.brackets;
    } else if (unit === closeParen || unit === closeBrace || unit === closeBracket) {
      if (this.brackets > 0) this.brackets--;
    }
    if (unit === openBrace) this.depth++;
    else if (unit === closeBrace) {
      if (this.depth > 0) this.depth--;
      // No parenthesis stays open across the end of a function: recover from an unbalanced one.
      if (this.depth === 0) this.parens = 0;
    } else if (unit === openParen) this.parens++;
    else if (unit === closeParen && this.parens > 0) this.parens--;
  }

  /** Whether a declaration can have ended here. */
  private atBoundary(): boolean {
    if (this.depth > 0 || this.parens > 0) return false;
    const { last } = this;
    return last === 0 || last === semicolon || last === closeBrace || last === closeParen;
  }

  private directive(start: number): number {
    const end = endOfDirective(this.text, start);
    const word = /^#[ \t]*(\w*)/.exec(this.text.slice(start, Math.min(end, start + 80)))!;
    const name = word[1]!;
    const betweenItems = this.atBoundary();
    const conditional = /^(?:if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)$/.test(name);
    this.directives.push({ name, start, end, betweenItems, conditional });
    if (conditional) this.conditional(name, start, end, start + word[0].length);
    else {
      if (name === 'define' || name === 'undef') this.macro(name, start + word[0].length, end);
      if (betweenItems) this.last = 0;
    }
    return end;
  }

  /** A definition in a branch may be there or not: nothing is known of the name from then on. */
  private macro(directive: string, argument: number, end: number): void {
    // Headers have their thousands of definitions inside of a guard.
    if (this.open.length > 0 && this.macros.size === 0) return;
    const [, name, body] =
      /^(\w+)(.*)$/.exec(plain(this.text.slice(argument, end), directive)) ?? [];
    if (name === undefined) return;
    if (this.open.length > 0) this.macros.delete(name);
    else if (directive === 'undef') this.macros.set(name, 'undefined');
    else this.macros.set(name, numberIn(body!) ?? 'unread');
  }

  private conditional(name: string, start: number, end: number, argument: number): void {
    if (name.startsWith('if')) {
      this.justClosed = undefined;
      const group: OpenGroup = {
        number: this.opened++,
        depth: this.depth,
        parens: this.parens,
        branches: [],
        whole: this.atBoundary(),
        taken: -1,
        takenDepth: this.depth,
        takenParens: this.parens,
      };
      this.open.push(group);
      this.beginBranch(group, name, argument, end);
      return;
    }
    const group = this.open.at(-1);
    if (group === undefined) return;
    if (name === 'endif') this.close(start, end);
    else {
      this.endBranch(group, start);
      this.beginBranch(group, name, argument, end);
    }
  }

  private beginBranch(group: OpenGroup, name: string, argument: number, end: number): void {
    const condition = plain(this.text.slice(argument, end), name);
    const verdict = judge(name, condition, this.macros);
    const index = group.branches.length;
    group.branches.push({
      group: group.number,
      index,
      condition,
      directive: name as Branch['directive'],
      start: end,
      end,
      verdict,
    });
    if (group.taken < 0 && verdict === 'on') group.taken = index;
    this.depth = group.depth;
    this.parens = group.parens;
    if (group.whole) this.last = 0;
  }

  private endBranch(group: OpenGroup, at: number): void {
    const branch = group.branches.at(-1)!;
    branch.end = at;
    const balanced = this.depth === group.depth && this.parens === group.parens;
    if (!balanced || !this.atBoundary()) group.whole = false;
    if (group.taken === branch.index) {
      group.takenDepth = this.depth;
      group.takenParens = this.parens;
    }
  }

  private close(at: number, end: number): void {
    const group = this.open.pop()!;
    this.endBranch(group, at);
    const endedWithParen = this.last === closeParen;
    this.depth = group.takenDepth;
    this.parens = group.takenParens;
    this.groups[group.number] = {
      branches: group.branches,
      mode: group.whole ? 'items' : 'chosen',
      taken: group.taken,
      start: group.branches[0]!.start,
      end,
    };
    if (group.whole) {
      this.last = endedWithParen ? closeParen : 0;
      this.justClosed = { group: group.number, endedWithParen };
    }
  }

  /** A group whose branches end like items is none where the code goes on as if inside a declaration. */
  private afterGroup(unit: number): void {
    const { group, endedWithParen } = this.justClosed!;
    this.justClosed = undefined;
    const continues = unit === openBrace || (endedWithParen && !isWord(unit));
    if (continues) this.groups[group] = { ...this.groups[group]!, mode: 'chosen' };
  }
}

/** The number that a macro is defined as, with or without brackets around it. */
function numberIn(body: string): number | undefined {
  const digits = /^\s+\(?\s*(0[xX][0-9a-fA-F]+|[1-9]\d*|0)[uUlL]*\s*\)?$/.exec(body)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function isWord(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    unit === 95 ||
    (unit >= 48 && unit <= 57)
  );
}

function afterComment(text: string, start: number, block: boolean): number {
  if (block) {
    const close = text.indexOf('*/', start + 2);
    return close < 0 ? text.length : close + 2;
  }
  return endOfLine(text, start);
}

/** Offset of the newline that ends the line, continuation lines included. */
function endOfLine(text: string, start: number): number {
  let from = start;
  for (;;) {
    const end = text.indexOf('\n', from);
    if (end < 0) return text.length;
    const before = text.charCodeAt(end - 1) === 13 ? end - 2 : end - 1;
    if (before < start || text.charCodeAt(before) !== backslash) return end;
    from = end + 1;
  }
}

/** Offset after a string or character literal; an unterminated one ends with its line. */
function afterLiteral(text: string, start: number, quote: number): number {
  let i = start + 1;
  while (i < text.length) {
    const unit = text.charCodeAt(i);
    if (unit === quote) return i + 1;
    if (unit === newline) return i;
    i += unit === backslash ? 2 : 1;
  }
  return text.length;
}

/** Like {@link endOfLine}, but a block comment that the directive opens belongs to it. */
function endOfDirective(text: string, start: number): number {
  let end = endOfLine(text, start);
  let i = start + 1;
  while (i < end) {
    const unit = text.charCodeAt(i);
    if (unit === slash && text.charCodeAt(i + 1) === star) {
      i = afterComment(text, i, true);
      if (i > end) end = endOfLine(text, i);
    } else if (unit === slash && text.charCodeAt(i + 1) === slash) return end;
    else if (unit === doubleQuote || unit === singleQuote) i = afterLiteral(text, i, unit);
    else i++;
  }
  return end;
}

/** A condition on one line, without comments; of `#ifdef` only the name. */
function plain(argument: string, name: string): string {
  const line = argument
    .replace(/\\\r?\n/g, ' ')
    .replace(/\/\*[^]*?(?:\*\/|$)|\/\/.*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (name === 'else') return '';
  return name.endsWith('def') ? (/^\w*/.exec(line)?.[0] ?? '') : line;
}
