import type { KernelApi } from './kernelApi/kernelApi.ts';
import { Kind } from '../syntax/kinds.generated.ts';
import type { Item, SourceFile } from '../syntax/sourceFile.ts';
import { kindOf } from '../syntax/tree.ts';
import type { SyntaxTree } from '../syntax/tree.ts';
import { folderOf } from './headers/store.ts';
import type { FoundSymbol, HeaderStore } from './headers/store.ts';
import { createHeaderView } from './headers/view.ts';
import type { HeaderView } from './headers/view.ts';
import type { FunctionIr, NotLowered } from './ir.ts';
import { functionName, lowerFunction } from './lower/function.ts';
import { createSymbolIndex } from './symbolIndex.ts';
import type { Unit, UnitFunction, UnitNames } from './unit.ts';
import { createUnitEnvironment } from './unitEnvironment.ts';
import type { UnitEnvironment } from './unitEnvironment.ts';

/** The part of the syntax layer that lowering uses. */
export interface Parsing {
  parse(file: string, text: string): { readonly value: SourceFile };
  fragment(text: string): SyntaxTree;
  /** Further readings of an item with `#else` branches inside. */
  variants?(source: SourceFile, item: Item): readonly Item[];
}

/** A C file that includes another one, and so builds it. */
export interface Build {
  readonly name: string;
  /** The including C file. */
  readonly file: string;
}

/** Lowered functions of one file by their text. */
export type LoweredFunctions = Map<string, FunctionIr | NotLowered>;

/** What a unit is made of. */
export interface UnitParts {
  readonly file: string;
  readonly source: SourceFile;
  readonly build: Build | undefined;
  readonly view: HeaderView;
  readonly environment: UnitEnvironment;
  readonly results: LoweredFunctions;
  readonly parsing: Parsing;
  readonly headers: HeaderStore;
  readonly api: KernelApi;
}

/** Puts a unit together; nothing is lowered yet. */
export function openUnit(parts: UnitParts): Unit {
  const { file, source, build, view, environment, parsing } = parts;
  const functions: UnitFunction[] = [];
  for (const item of source.items) {
    const kind = kindOf(item.tree, 0);
    if (kind === Kind.function_definition) functions.push(ownFunction(parts, item));
    if (kind === Kind.macro_function_definition) functions.push(macroFunction(file, build, item));
  }
  const byName = new Map<string, UnitFunction>();
  for (const fn of functions) if (!byName.has(fn.name)) byName.set(fn.name, fn);
  const inlines = new Map<string, UnitFunction | undefined>();
  const neighbours = new Map<string, UnitFunction | undefined>();
  const inlineOf = (name: string): UnitFunction | undefined => {
    if (!inlines.has(name)) inlines.set(name, headerFunction(view, environment, parsing, name));
    return inlines.get(name);
  };
  return {
    file,
    build: build?.name,
    functions,
    types: environment.types,
    api: parts.api,
    symbols: createSymbolIndex(environment, source, functions),
    names: namesOf(parts),
    lookup: (name) => byName.get(name) ?? inlineOf(name),
    neighbour(name) {
      if (!neighbours.has(name)) neighbours.set(name, neighbourFunction(parts, name));
      return neighbours.get(name);
    },
  };
}

function namesOf({ file, view, environment: { env }, headers }: UnitParts): UnitNames {
  const declarationIn = (path: string, name: string): FoundSymbol | undefined => {
    const header = path === file ? view.own : headers.at(path);
    const symbol = header?.table.symbols.get(name);
    return header === undefined || symbol === undefined ? undefined : { header, symbol };
  };
  return {
    declaration: (name) => view.find(name),
    declarationIn,
    macro: (name) => env.macro(name),
    enumerator: (name) => env.enumerator(name),
    text: (path) => (path === file ? view.own : headers.at(path))?.table.text,
  };
}

function ownFunction(parts: UnitParts, item: Item): UnitFunction {
  const { file, source, build, environment, results, parsing } = parts;
  const { tree } = item;
  const { text } = tree;
  const lowerTree = (reading: SyntaxTree): FunctionIr | NotLowered => {
    let result = results.get(reading.text);
    if (result === undefined) {
      result = lowerFunction(environment.env, reading, 0);
      results.set(reading.text, result);
    }
    return result;
  };
  return {
    name: functionName(environment.env, tree, 0) ?? '(unnamed)',
    file,
    itemStart: item.start,
    itemEnd: item.start + text.length,
    linkage: linkageOf(text),
    text,
    build: build?.name,
    lower: () => lowerTree(tree),
    variants: () =>
      item.variantCount === 0 || parsing.variants === undefined
        ? []
        : parsing.variants(source, item).map((variant) => lowerTree(variant.tree)),
  };
}

/** `SYSCALL_DEFINE2(name, …) { … }`: only the macro knows the parameters. */
function macroFunction(file: string, build: Build | undefined, item: Item): UnitFunction {
  const { text } = item.tree;
  const name = text.slice(0, text.indexOf('{')).trim().replace(/\s+/g, ' ');
  const macro = /(\w+)\s*\(/.exec(name)?.[1] ?? name;
  const reason = `defined by the macro ${macro}`;
  return {
    name,
    file,
    itemStart: item.start,
    itemEnd: item.start + text.length,
    linkage: 'external',
    text,
    build: build?.name,
    lower: () => ({ kind: 'notLowered', name, reason, start: 0 }),
    variants: () => [],
  };
}

function linkageOf(text: string): UnitFunction['linkage'] {
  const head = text.slice(0, text.indexOf('('));
  if (/\b(?:inline|__always_inline)\b/.test(head)) return 'inline';
  return /\bstatic\b/.test(head) ? 'static' : 'external';
}

/** A function with a body in a header, parsed and lowered when it is asked for. */
function headerFunction(
  view: HeaderView,
  { env }: UnitEnvironment,
  parsing: Parsing,
  name: string,
): UnitFunction | undefined {
  const found = view.find(name);
  if (found?.symbol.kind !== 'function' || found.header === view.own) return undefined;
  return foundFunction(found, name, 'inline', (text) =>
    lowerText(env, parsing, found.header.path, name, text),
  );
}

/** A function of another C file of the folder; it is lowered with what that file sees. */
function neighbourFunction(parts: UnitParts, name: string): UnitFunction | undefined {
  const { file, headers, parsing, environment } = parts;
  const folder = folderOf(file);
  for (const sibling of headers.tree.list(folder) ?? []) {
    const path = folder === '' ? sibling : `${folder}/${sibling}`;
    if (!sibling.endsWith('.c') || path === file) continue;
    const header = headers.at(path);
    const symbol = header?.table.symbols.get(name);
    if (header === undefined || symbol?.kind !== 'function') continue;
    if (/^static\b/.test(header.table.text.slice(symbol.start, symbol.end))) continue;
    return foundFunction({ header, symbol }, name, 'external', (text) => {
      const view = createHeaderView(headers, path, header.table);
      const { env } = createUnitEnvironment(view, environment.env.api, (piece) =>
        parsing.fragment(piece),
      );
      return lowerText(env, parsing, path, name, text);
    });
  }
  return undefined;
}

function foundFunction(
  { header, symbol }: FoundSymbol,
  name: string,
  linkage: UnitFunction['linkage'],
  lower: (text: string) => FunctionIr | NotLowered,
): UnitFunction {
  const text = header.table.text.slice(symbol.start, symbol.end);
  let result: FunctionIr | NotLowered | undefined;
  return {
    name,
    file: header.path,
    itemStart: symbol.start,
    itemEnd: symbol.end,
    linkage,
    text,
    build: undefined,
    lower: () => (result ??= lower(text)),
    variants: () => [],
  };
}

function lowerText(
  env: UnitEnvironment['env'],
  parsing: Parsing,
  file: string,
  name: string,
  text: string,
): FunctionIr | NotLowered {
  const { items } = parsing.parse(file, text).value;
  const item = items.find(({ tree }) => kindOf(tree, 0) === Kind.function_definition);
  if (item?.start !== 0) {
    return {
      kind: 'notLowered',
      name,
      reason: `the text of ${name} in ${file} is not understood`,
      start: 0,
    };
  }
  return lowerFunction(env, item.tree, 0);
}
