import { scanSymbols } from './scan.ts';
import type { HeaderSymbol, Include, SymbolTable } from './scan.ts';

/** The kernel tree as the program layer reads it: paths are relative to its top, separators are `/`. Answers must not change between {@link HeaderStore.forget} calls. */
export interface SourceTree {
  read(path: string): string | undefined;
  /** Names of the files in a folder, or undefined if there is no such folder. */
  list(folder: string): readonly string[] | undefined;
}

/** A header that was read and scanned. Positions in `table.symbols` are offsets into `table.text`. */
export interface Header {
  readonly path: string;
  readonly table: SymbolTable;
}

/** A symbol and the header that declares it. */
export interface FoundSymbol {
  readonly header: Header;
  readonly symbol: HeaderSymbol;
}

/** Headers of one tree, scanned once and shared by all units. */
export interface HeaderStore {
  /** The header at a path, or undefined if it cannot be read. */
  at(path: string): Header | undefined;
  /** The headers that a header, or a C file, includes and that are there; in order. Computed includes are not among them. */
  included(header: Header): readonly Header[];
  /** The header that an include of a header names, or undefined if it cannot be read. */
  resolve(header: Header, include: Include): Header | undefined;
  /** Headers read so far that declare a name. */
  declaring(name: string): readonly FoundSymbol[];
  /** Forgets what was read from these paths; everything if none are given. */
  forget(paths?: readonly string[]): void;
  /** Grows whenever something is forgotten: views made before are out of date. */
  generation(): number;
  readonly tree: SourceTree;
}

/** A store over a tree; nothing is read before it is asked for. */
export function createHeaderStore(tree: SourceTree): HeaderStore {
  const headers = new Map<string, Header | undefined>();
  /** In the order in which they were read. */
  let read: Header[] = [];
  // Filled name by name as they are asked for: headers declare some hundred times as many.
  const names = new Map<string, { readonly found: FoundSymbol[]; lookedAt: number }>();
  let edges = new WeakMap<Header, readonly Header[]>();
  let generation = 0;

  const at = (path: string): Header | undefined => {
    if (headers.has(path)) return headers.get(path);
    const text = tree.read(path);
    const header = text === undefined ? undefined : { path, table: scanSymbols(text) };
    headers.set(path, header);
    if (header !== undefined) read.push(header);
    return header;
  };
  const declaring = (name: string): readonly FoundSymbol[] => {
    let known = names.get(name);
    if (known === undefined) {
      known = { found: [], lookedAt: 0 };
      names.set(name, known);
    }
    for (; known.lookedAt < read.length; known.lookedAt++) {
      const header = read[known.lookedAt]!;
      const symbol = header.table.symbols.get(name);
      if (symbol !== undefined) known.found.push({ header, symbol });
    }
    return known.found;
  };
  const resolve = (header: Header, include: Include): Header | undefined => {
    for (const candidate of candidatesOf(header.path, include)) {
      const target = at(candidate);
      if (target !== undefined) return target;
    }
    return undefined;
  };
  return {
    tree,
    at,
    resolve,
    included(header) {
      let found = edges.get(header);
      if (found === undefined) {
        const targets: Header[] = [];
        for (const include of header.table.includes) {
          const target = resolve(header, include);
          if (target !== undefined) targets.push(target);
        }
        found = targets;
        edges.set(header, found);
      }
      return found;
    },
    declaring,
    forget(paths) {
      generation++;
      edges = new WeakMap<Header, readonly Header[]>();
      names.clear();
      if (paths === undefined) {
        headers.clear();
        read = [];
        return;
      }
      for (const path of paths) headers.delete(path);
      read = read.filter((header) => headers.get(header.path) === header);
    },
    generation: () => generation,
  };
}

/** The architecture whose headers a file sees: its own under `arch/`, else x86. */
function architectureOf(path: string): string {
  return /(?:^|\/)arch\/([^/]+)\//.exec(path)?.[1] ?? 'x86';
}

/** Places where an include may be, likeliest first. */
export function candidatesOf(from: string, include: Include): string[] {
  const { path } = include;
  if (include.form === 'computed') return [];
  const places: string[] = [];
  if (include.form === 'quotes') {
    const relative = joinPath(folderOf(from), path);
    if (relative !== undefined) places.push(relative);
  }
  const arch = architectureOf(from);
  if (path.startsWith('asm/')) {
    places.push(`arch/${arch}/include/${path}`, `arch/${arch}/include/uapi/${path}`);
    places.push(
      `include/asm-generic/${path.slice(4)}`,
      `include/uapi/asm-generic/${path.slice(4)}`,
    );
    return places;
  }
  places.push(`include/${path}`, `include/uapi/${path}`);
  if (include.form === 'angles') places.push(`arch/${arch}/include/${path}`);
  return places;
}

/** The folder of a path, without final slash; empty at the top. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

/** A relative path from a folder, `.` and `..` worked out; undefined where it leads out of the tree. */
export function joinPath(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
