import type { MacroDefinition } from '../lower/environment.ts';
import { withoutComments } from './scan.ts';
import type { FoundSymbol, Header } from './store.ts';
import type { HeaderSymbol } from './scan.ts';

const known = new WeakMap<HeaderSymbol, MacroDefinition>();

/** The macro a symbol stands for; read from the text on the first call. */
export function macroOf(found: FoundSymbol): MacroDefinition | undefined {
  const { header, symbol } = found;
  if (symbol.kind !== 'macro' && symbol.kind !== 'functionMacro') return undefined;
  let macro = known.get(symbol);
  if (macro === undefined) {
    macro = readMacro(header, symbol);
    known.set(symbol, macro);
  }
  return macro;
}

function readMacro(header: Header, symbol: HeaderSymbol): MacroDefinition {
  return parseDefine(header.table.text.slice(symbol.start, symbol.end), {
    file: header.path,
    near: !/(?:^|\/)include\//.test(header.path),
  });
}

/** Reads the text of a `#define`. */
export function parseDefine(
  text: string,
  from: { readonly file: string; readonly near: boolean },
): MacroDefinition {
  const joined = withoutComments(text.replace(/\\\r?\n/g, ' '));
  const line = /^#\s*define\s+(\w+)(?:\(([^)]*)\))?([\s\S]*)$/.exec(joined);
  const body = (line?.[3] ?? '').replace(/\s+/g, ' ').trim();
  const list = line?.[2];
  if (list === undefined) {
    return { name: line?.[1] ?? '', parameters: undefined, variadic: undefined, body, ...from };
  }
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const last = names.at(-1);
  const variadic =
    last?.endsWith('...') === true ? last.slice(0, -3).trim() || '__VA_ARGS__' : undefined;
  const parameters = variadic === undefined ? names : names.slice(0, -1);
  return { name: line![1]!, parameters, variadic, body, ...from };
}
