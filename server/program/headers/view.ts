import { expandText } from './expandText.ts';
import { macroOf } from './macroDefinition.ts';
import type { HeaderSymbol, SymbolTable } from './scan.ts';
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

  const isDefined = (name: string): boolean =>
    table.symbols.has(name) || store.declaring(name).some(({ header }) => seen.has(header));
  const holds = ({ guard }: HeaderSymbol): boolean =>
    guard === undefined || isDefined(guard.name) === (guard.when === 'defined');
  /** Of several declarations under `#ifdef`, the one whose guard holds with what is in sight. */
  const choose = (candidate: FoundSymbol): FoundSymbol => {
    const { header, symbol } = candidate;
    if (symbol.alternatives.length === 0 || holds(symbol)) return candidate;
    const other = symbol.alternatives.find(holds);
    return other === undefined ? candidate : { header, symbol: other };
  };
  const inSight = (name: string): FoundSymbol | undefined => {
    const symbol = table.symbols.get(name);
    if (symbol !== undefined) return choose({ header: own, symbol });
    for (const candidate of store.declaring(name)) {
      if (seen.has(candidate.header)) return choose(candidate);
    }
    return undefined;
  };
  /** `#include PT_FMT_H`: the macro is expanded with what is in sight so far. */
  const computed = (header: Header): Header[] => {
    const targets: Header[] = [];
    for (const include of header.table.includes) {
      if (include.form !== 'computed') continue;
      const path = expandText(include.path, (name) => {
        const symbol = inSight(name);
        return symbol === undefined ? undefined : macroOf(symbol);
      });
      const quoted = /^"(.+)"$/.exec(path.replace(/\s+/g, ''))?.[1];
      const target = quoted && store.resolve(header, { path: quoted, form: 'quotes' });
      if (target !== undefined && target !== '') targets.push(target);
    }
    return targets;
  };
  const lookFurther = (): boolean => {
    const next: Header[] = [];
    for (const header of frontier) {
      const targets = [...store.included(header), ...computed(header)];
      for (const target of targets) {
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
