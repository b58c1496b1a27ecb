import { Kind } from '../syntax/kinds.generated.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { kindOf } from '../syntax/tree.ts';
import { scanSymbols } from './headers/scan.ts';
import type { SymbolTable } from './headers/scan.ts';
import { createHeaderStore } from './headers/store.ts';
import type { Header, HeaderStore, SourceTree } from './headers/store.ts';
import { createHeaderView } from './headers/view.ts';
import type { KernelVersion } from './kernelApi/contract.ts';
import type { KernelApi } from './kernelApi/kernelApi.ts';
import { kernelApi, kernelApiOfAnyAge } from './kernelApi/registry.ts';
import { versionOfMakefile } from './kernelApi/versions.ts';
import { writtenName } from './lower/function.ts';
import { openUnit } from './openUnit.ts';
import type { Build, LoweredFunctions, Parsing } from './openUnit.ts';
import type { Unit } from './unit.ts';
import { createUnitEnvironment } from './unitEnvironment.ts';

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

interface Lowered {
  readonly key: string;
  readonly results: LoweredFunctions;
}

/** Files whose lowered functions are kept. */
const keptFiles = 48;

/** Sets an entry and lets the one that was not used for longest go. */
function keepRecent<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > keptFiles) map.delete(map.keys().next().value!);
}

/** Opens a program. Nothing is read before a unit asks for it, except the tree's Makefile. */
export function createProgram(options: ProgramOptions): Program {
  const { parsing } = options;
  const tree: SourceTree = options.tree ?? { read: () => undefined, list: () => undefined };
  const headers = createHeaderStore(tree);
  const version = options.version ?? versionOfMakefile(tree.read('Makefile') ?? '');
  const api = version === undefined ? kernelApiOfAnyAge() : kernelApi(version);
  const tables = new Map<string, SymbolTable>();
  const lowered = new Map<string, Lowered>();

  const tableOf = (file: string, text: string): SymbolTable => {
    const known = tables.get(file);
    const table = known?.text === text ? known : scanSymbols(text);
    keepRecent(tables, file, table);
    return table;
  };
  const cacheFor = (id: string, source: SourceFile): LoweredFunctions => {
    const key = `${headers.generation()}\n${surroundings(source)}`;
    const known = lowered.get(id);
    const current = known?.key === key ? known : { key, results: new Map() };
    keepRecent(lowered, id, current);
    return current.results;
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
      return openUnit({ file, source, build, view, environment, results, parsing, headers, api });
    },
    forget(paths) {
      headers.forget(paths);
      if (paths === undefined) lowered.clear();
    },
  };
}

/** What callers see of a function: its name, and what it returns. */
function headOf(text: string, name: string): string {
  for (let at = name === '' ? -1 : text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (/^\s*\(/.test(text.slice(end, end + 20))) return text.slice(0, end);
  }
  return name;
}

/** What a function's lowering depends on beside its own text: everything else in the file, other functions' bodies aside. */
function surroundings(source: SourceFile): string {
  const parts: string[] = [];
  for (const { tree } of source.items) {
    const isFunction = kindOf(tree, 0) === Kind.function_definition;
    parts.push(isFunction ? headOf(tree.text, writtenName(tree, 0) ?? '') : tree.text);
  }
  for (const { start, end } of source.directives) parts.push(source.text.slice(start, end));
  return parts.join('\n');
}
