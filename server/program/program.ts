import { Kind } from '../syntax/kinds.generated.ts';
import type { Item, SourceFile } from '../syntax/sourceFile.ts';
import { kindOf } from '../syntax/tree.ts';
import type { SyntaxTree } from '../syntax/tree.ts';
import { scanSymbols } from './headers/scan.ts';
import type { SymbolTable } from './headers/scan.ts';
import { createHeaderStore } from './headers/store.ts';
import type { Header, HeaderStore, SourceTree } from './headers/store.ts';
import { createHeaderView } from './headers/view.ts';
import type { HeaderView } from './headers/view.ts';
import type { FunctionIr, NotLowered } from './ir.ts';
import type { KernelVersion } from './kernelApi/contract.ts';
import type { KernelApi } from './kernelApi/kernelApi.ts';
import { kernelApi } from './kernelApi/registry.ts';
import { newestRelease, versionOfMakefile } from './kernelApi/versions.ts';
import { functionName, lowerFunction, writtenName } from './lower/function.ts';
import { createSymbolIndex } from './symbolIndex.ts';
import { createUnitEnvironment } from './unitEnvironment.ts';
import type { UnitEnvironment } from './unitEnvironment.ts';
import type { Unit, UnitFunction } from './unit.ts';

/** The part of the syntax layer that lowering uses. */
export interface Parsing {
  parse(file: string, text: string): { readonly value: SourceFile };
  fragment(text: string): SyntaxTree;
}

/** Where a program comes from. */
export interface ProgramOptions {
  readonly parsing: Parsing;
  /** The kernel tree; without one, files are judged by themselves. */
  readonly tree?: SourceTree;
  /** Release of the contracts; read from the tree's Makefile if not given, else the newest known. */
  readonly version?: KernelVersion;
}

/** The files of one tree, as far as they were asked for. Holds what is shared between units: scanned headers, lowered functions. */
export interface Program {
  readonly api: KernelApi;
  readonly headers: HeaderStore;
  /** The unit of a file with its current text. `file` is relative to the tree. Functions whose text did not change are not lowered again. */
  unit(file: string, source: SourceFile, build?: Build): Unit;
  /** Forgets files that changed on disk; all of them if none are given. */
  forget(paths?: readonly string[]): void;
}

/** A C file that includes another one, and so builds it. */
export interface Build {
  readonly name: string;
  /** The including C file. */
  readonly file: string;
}

interface Lowered {
  readonly key: string;
  readonly results: Map<string, FunctionIr | NotLowered>;
}

/** Opens a program. Nothing is read before a unit asks for it, except the tree's Makefile. */
export function createProgram(options: ProgramOptions): Program {
  const { parsing } = options;
  const tree: SourceTree = options.tree ?? { read: () => undefined, list: () => undefined };
  const headers = createHeaderStore(tree);
  const version =
    options.version ?? versionOfMakefile(tree.read('Makefile') ?? '') ?? newestRelease;
  const api = kernelApi(version);
  const tables = new Map<string, SymbolTable>();
  const lowered = new Map<string, Lowered>();

  const tableOf = (file: string, text: string): SymbolTable => {
    const known = tables.get(file);
    if (known?.text === text) return known;
    const table = scanSymbols(text);
    tables.set(file, table);
    return table;
  };
  const cacheFor = (id: string, source: SourceFile): Map<string, FunctionIr | NotLowered> => {
    const key = `${headers.generation()}\n${surroundings(source)}`;
    const known = lowered.get(id);
    if (known?.key === key) return known.results;
    const fresh: Lowered = { key, results: new Map() };
    lowered.set(id, fresh);
    return fresh.results;
  };
  return {
    api,
    headers,
    unit(file, source, build) {
      const roots: Header[] = [];
      if (build !== undefined) {
        const includer = headers.at(build.file);
        if (includer !== undefined) roots.push(includer);
      }
      const view = createHeaderView(headers, file, tableOf(file, source.text), roots);
      const environment = createUnitEnvironment(view, api, (text) => parsing.fragment(text));
      const results = cacheFor(`${build?.name ?? ''}:${file}`, source);
      return createUnit({ file, source, build, view, environment, results, parsing });
    },
    forget(paths) {
      headers.forget(paths);
      if (paths === undefined) lowered.clear();
    },
  };
}

/** What a function's lowering depends on beside its own text: everything else in the file, other functions' bodies aside. */
function surroundings(source: SourceFile): string {
  const parts: string[] = [];
  for (const { tree } of source.items) {
    const isFunction = kindOf(tree, 0) === Kind.function_definition;
    parts.push(isFunction ? (writtenName(tree, 0) ?? '') : tree.text);
  }
  for (const { start, end } of source.directives) parts.push(source.text.slice(start, end));
  return parts.join('\n');
}

interface UnitParts {
  readonly file: string;
  readonly source: SourceFile;
  readonly build: Build | undefined;
  readonly view: HeaderView;
  readonly environment: UnitEnvironment;
  readonly results: Map<string, FunctionIr | NotLowered>;
  readonly parsing: Parsing;
}

function createUnit(parts: UnitParts): Unit {
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
  const inlineOf = (name: string): UnitFunction | undefined => {
    if (!inlines.has(name)) inlines.set(name, headerFunction(view, environment, parsing, name));
    return inlines.get(name);
  };
  return {
    file,
    build: build?.name,
    functions,
    types: environment.types,
    symbols: createSymbolIndex(environment, source, functions),
    lookup: (name) => byName.get(name) ?? inlineOf(name),
  };
}

function ownFunction(parts: UnitParts, item: Item): UnitFunction {
  const { file, build, environment, results } = parts;
  const { tree } = item;
  const { text } = tree;
  return {
    name: functionName(environment.env, tree, 0) ?? '(unnamed)',
    file,
    itemStart: item.start,
    itemEnd: item.start + text.length,
    linkage: linkageOf(text),
    text,
    build: build?.name,
    lower() {
      let result = results.get(text);
      if (result === undefined) {
        result = lowerFunction(environment.env, tree, 0);
        results.set(text, result);
      }
      return result;
    },
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
  const { header, symbol } = found;
  const text = header.table.text.slice(symbol.start, symbol.end);
  let result: FunctionIr | NotLowered | undefined;
  return {
    name,
    file: header.path,
    itemStart: symbol.start,
    itemEnd: symbol.end,
    linkage: 'inline',
    text,
    build: undefined,
    lower() {
      result ??= lowerText(env, parsing, header.path, name, text);
      return result;
    },
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
      reason: 'the inline of the header is not understood',
      start: 0,
    };
  }
  return lowerFunction(env, item.tree, 0);
}
