import type { Atom } from '../../../cfront/lex/atoms.ts';
import { identifier, spellingOf } from '../../../cfront/lex/atoms.ts';
import { lowerFunction } from '../../../cfront/lower/lower.ts';
import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import { ParseError } from '../../../cfront/parse/parseError.ts';
import type { Unit } from '../../../cfront/unit.ts';
import { extentOf } from './side.ts';

/** Where the changed statements are, as the lines at which they begin on each side. */
export interface ChangedStatements {
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number>;
  /** Functions that the change touches. */
  readonly functions: ReadonlySet<string>;
}

/** The functions of a file that a change touches, by what the compiler would see of them. */
export interface ChangedFunctions {
  /** In both versions, with other tokens. */
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Compares the expanded bodies of a file's functions: comments and layout do not count, macros do. So does a name of
 * `constants` that has another value.
 */
export function changedFunctions(
  before: Unit,
  after: Unit,
  file: string = after.path,
  constants: readonly string[] = [],
): ChangedFunctions {
  const others = constants
    .filter((name) => before.enumerator(name) !== after.enumerator(name))
    .map(identifier);
  const old = functionsOf(before, file === after.path ? before.path : file);
  const made = functionsOf(after, file);
  const changed: string[] = [];
  const added: string[] = [];
  for (const [name, symbol] of made) {
    const earlier = old.get(name);
    if (earlier === undefined) added.push(name);
    else if (!sameTokens(before, earlier, after, symbol) || uses(after, symbol, others)) {
      changed.push(name);
    }
  }
  const removed = [...old.keys()].filter((name) => !made.has(name));
  return { changed, added, removed };
}

/** The functions whose definitions stand in a file that a unit reads, by name. */
export function functionsOf(
  unit: Unit,
  file: string = unit.path,
): ReadonlyMap<string, FunctionSymbol> {
  return unit.functionsIn(file);
}

function uses(unit: Unit, symbol: FunctionSymbol, atoms: readonly Atom[]): boolean {
  const [start, end] = rangeOf(unit, symbol);
  return atoms.some((atom) => unit.tokens.atoms.subarray(start, end).includes(atom));
}

function sameTokens(a: Unit, first: FunctionSymbol, b: Unit, second: FunctionSymbol): boolean {
  const [start, end] = rangeOf(a, first);
  const [otherStart, otherEnd] = rangeOf(b, second);
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = 0; i < end - start; i++) {
    if (a.tokens.atoms[start + i] === b.tokens.atoms[otherStart + i]) continue;
    if (!areOfTheirPlaces(a, start + i, b, otherStart + i)) return false;
  }
  return true;
}

/** Tokens that say where they stand: `__LINE__`, and names that macros make unique by a number. */
function areOfTheirPlaces(a: Unit, i: number, b: Unit, j: number): boolean {
  if (!a.tokens.ofPlace.has(i) || !b.tokens.ofPlace.has(j)) return false;
  const stem = (atom: number): string => spellingOf(atom).replace(/\d+/g, '');
  return stem(a.tokens.atoms[i]!) === stem(b.tokens.atoms[j]!);
}

function rangeOf({ tokens }: Unit, { body }: FunctionSymbol): readonly [number, number] {
  return body === undefined ? [0, 0] : [body, tokens.partners[body]!];
}

/** The functions of a file, and of a header that it reads, whose bodies name a function, without itself. */
export function callersOf(unit: Unit, name: string, header: string = unit.path): string[] {
  const symbol = unit.function(name);
  if (symbol?.body === undefined) return [];
  const atom = identifier(name);
  return [...functionsOf(unit), ...(header === unit.path ? [] : functionsOf(unit, header))]
    .filter(([other, { body }]) => {
      if (other === name || body === undefined) return false;
      const end = unit.tokens.partners[body]!;
      return unit.tokens.atoms.subarray(body, end).includes(atom);
    })
    .map(([other]) => other);
}

/** Whether a line of a side is one that the change made, or took away. */
export type IsChanged = (side: 'before' | 'after', line: number) => boolean;

/**
 * Lines at which changed statements begin: a changed line belongs to the last statement that begins before it. Of a
 * function that is another although none of its lines changed, as by a macro, the statements whose tokens differ; all
 * of them where the tokens are the same, and a constant is another.
 */
export function changedStatements(
  before: Unit,
  after: Unit,
  isChanged: IsChanged,
  functions: readonly string[],
  file: string = after.path,
): ChangedStatements {
  const names = new Set(functions);
  const olds = functionsOf(before, file === after.path ? before.path : file);
  const mades = functionsOf(after, file);
  const all = { before: new Set<number>(), after: new Set<number>() };
  for (const name of names) {
    const [old, made] = [olds.get(name), mades.get(name)];
    const oldLines = linesWhere(before, old, (line) => isChanged('before', line));
    const madeLines = linesWhere(after, made, (line) => isChanged('after', line));
    const isElsewhere = oldLines.length + madeLines.length === 0;
    const [first, then] =
      isElsewhere && old !== undefined && made !== undefined
        ? linesOfOtherTokens(before, old, after, made)
        : [oldLines, madeLines];
    for (const begin of beginsOf(before, old, first)) all.before.add(begin);
    for (const begin of beginsOf(after, made, then)) all.after.add(begin);
  }
  return { ...all, functions: names };
}

/** The lines of a function that a test holds for. */
function linesWhere(
  unit: Unit,
  symbol: FunctionSymbol | undefined,
  isChanged: (line: number) => boolean,
): readonly number[] {
  const extent = symbol === undefined ? undefined : extentOf(unit, symbol, fileOf(unit, symbol));
  const lines: number[] = [];
  for (let line = extent?.first ?? 1; line <= (extent?.last ?? 0); line++) {
    if (isChanged(line)) lines.push(line);
  }
  return lines;
}

function fileOf(unit: Unit, symbol: FunctionSymbol): string {
  return unit.place(symbol.at).file;
}

/** The lines from the first to the last token that two versions of a function do not share. */
function linesOfOtherTokens(
  a: Unit,
  first: FunctionSymbol,
  b: Unit,
  second: FunctionSymbol,
): readonly [readonly number[], readonly number[]] {
  const [start, end] = rangeOf(a, first);
  const [otherStart, otherEnd] = rangeOf(b, second);
  const least = Math.min(end - start, otherEnd - otherStart);
  const areSame = (i: number, j: number): boolean =>
    a.tokens.atoms[i] === b.tokens.atoms[j] || areOfTheirPlaces(a, i, b, j);
  let head = 0;
  while (head < least && areSame(start + head, otherStart + head)) head++;
  let tail = 0;
  while (tail < least - head && areSame(end - 1 - tail, otherEnd - 1 - tail)) tail++;
  const areAllSame = head === end - start && head === otherEnd - otherStart;
  return areAllSame
    ? [linesOfTokens(a, start, end), linesOfTokens(b, otherStart, otherEnd)]
    : [
        linesOfTokens(a, start + head, end - tail),
        linesOfTokens(b, otherStart + head, otherEnd - tail),
      ];
}

function linesOfTokens(unit: Unit, from: number, to: number): readonly number[] {
  const lines = new Set<number>();
  for (let i = from; i < to; i++) lines.add(unit.place(unit.tokens.uses[i]!).line);
  return [...lines];
}

/** Where the statements begin that lines of a function belong to. */
function beginsOf(
  unit: Unit,
  symbol: FunctionSymbol | undefined,
  lines: readonly number[],
): readonly number[] {
  if (symbol === undefined || lines.length === 0) return [];
  const statements = statementLines(unit, symbol, fileOf(unit, symbol));
  return lines.flatMap((line) => statements.findLast((statement) => statement <= line) ?? []);
}

/** Every situation asks for the statements of the same functions. */
const STATEMENTS = new WeakMap<Unit, Map<FunctionSymbol, readonly number[]>>();

/** Lines at which the statements of a function begin, ascending; empty when its body does not parse. */
function statementLines(unit: Unit, symbol: FunctionSymbol, of: string): readonly number[] {
  const ofUnit = STATEMENTS.get(unit) ?? new Map<FunctionSymbol, readonly number[]>();
  STATEMENTS.set(unit, ofUnit);
  let lines = ofUnit.get(symbol);
  if (lines === undefined) ofUnit.set(symbol, (lines = linesOfStatements(unit, symbol, of)));
  return lines;
}

function linesOfStatements(unit: Unit, symbol: FunctionSymbol, of: string): number[] {
  const body = unit.bodyOf(symbol);
  if (body instanceof ParseError) return [];
  const lines = new Set<number>();
  for (const { steps, exit } of lowerFunction(body).blocks) {
    const places = steps.map(({ at }) => unit.place(at));
    if (exit.op !== 'jump') places.push(unit.place(exit.at));
    for (const { file, line } of places) if (file === of) lines.add(line);
  }
  return [...lines].sort((a, b) => a - b);
}
