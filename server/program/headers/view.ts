import type { SymbolTable } from './scan.ts';
import type { FoundSymbol, Header, HeaderStore } from './store.ts';

/** What one C file sees: its own symbols and those of the headers it includes, near ones first, read as far as needed. */
export interface HeaderView {
  readonly file: string;
  readonly own: Header;
  find(name: string): FoundSymbol | undefined;
  /** Headers the file includes itself and that lie in its own folder or below. */
  neighbours(): readonly Header[];
}

/** A view for a file with the given text; headers are read when a name is first not found. `roots` are files that include it: what they see counts too. */
export function createHeaderView(
  store: HeaderStore,
  file: string,
  table: SymbolTable,
  roots: readonly Header[] = [],
): HeaderView {
  const own: Header = { path: file, table };
  const seen = new Set<Header>([own, ...roots]);
  let frontier: readonly Header[] = [own, ...roots];
  const found = new Map<string, FoundSymbol | undefined>();

  const inSight = (name: string): FoundSymbol | undefined => {
    const symbol = table.symbols.get(name);
    if (symbol !== undefined) return { header: own, symbol };
    for (const candidate of store.declaring(name)) if (seen.has(candidate.header)) return candidate;
    return undefined;
  };
  const lookFurther = (): boolean => {
    const next: Header[] = [];
    for (const header of frontier) {
      for (const target of store.included(header)) {
        if (seen.has(target)) continue;
        seen.add(target);
        next.push(target);
      }
    }
    frontier = next;
    return next.length > 0;
  };
  return {
    file,
    own,
    find(name) {
      if (found.has(name)) return found.get(name);
      let result = inSight(name);
      while (result === undefined && lookFurther()) result = inSight(name);
      found.set(name, result);
      return result;
    },
    neighbours() {
      const folder = file.slice(0, file.lastIndexOf('/') + 1);
      return store
        .included(own)
        .filter((header) => header.path.startsWith(folder) && folder !== '');
    },
  };
}
