import type { Atom } from '../lex/atoms.ts';
import { isIdentifier, punctuator } from '../lex/atoms.ts';
import type { Location } from '../lex/sourceMap.ts';
import type { Expander, Rest } from './expand.ts';
import type { Macro, PpToken } from './macro.ts';
import type { MacroTable } from './macroTable.ts';

/**
 * What an object-like macro becomes wherever it is used, as long as the names that its expansion meets mean what they
 * did. Headers use the same few of them (`inline`, `__user`) tens of thousands of times.
 */
export interface PlainExpansion {
  readonly atoms: readonly Atom[];
  readonly definitions: readonly Location[];
  /** The names, and what each of them meant; undefined: no macro. */
  readonly names: readonly Atom[];
  readonly meanings: readonly (Macro | undefined)[];
}

/** Names that an expansion may meet and still be remembered. */
const MOST_NAMES = 48;
const PASTE = punctuator('##');

/** Undefined: it cannot be remembered. */
const known = new WeakMap<Macro, PlainExpansion | null>();

/** The expansion of a macro where it was seen before and nothing changed for it since. */
export function rememberedExpansion(macro: Macro, macros: MacroTable): PlainExpansion | undefined {
  const expansion = known.get(macro);
  if (expansion === undefined || expansion === null) return undefined;
  const { names, meanings } = expansion;
  for (let i = 0; i < names.length; i++) {
    if (macros.get(names[i]!) !== meanings[i]) return undefined;
  }
  return expansion;
}

/** Expands a use of a macro, and remembers what came of it unless that depends on what follows it or on the place. */
export function expandAndRemember(
  expander: Expander,
  macros: MacroTable,
  { macro, head, rest }: { readonly macro: Macro; readonly head: PpToken; readonly rest: Rest },
): readonly PpToken[] {
  const out: PpToken[] = [];
  if (macro.parameters !== undefined || known.get(macro) === null) {
    expander.expandBefore([head], rest, out);
    return out;
  }
  const watched = { ...rest, isAsked: false };
  watched.peek = (): PpToken | undefined => {
    watched.isAsked = true;
    return rest.peek();
  };
  expander.expandBefore([head], watched, out);
  const names = namesBehind(macro, macros);
  const isPlain = !watched.isAsked && names !== undefined && out.every(({ ofPlace }) => !ofPlace);
  known.set(
    macro,
    isPlain
      ? {
          atoms: out.map(({ atom }) => atom),
          definitions: out.map(({ definition }) => definition),
          names,
          meanings: names.map((name) => macros.get(name)),
        }
      : null,
  );
  return out;
}

/** Every name that the expansion of a macro can meet; undefined where it makes names, or where they are too many. */
function namesBehind(macro: Macro, macros: MacroTable): readonly Atom[] | undefined {
  const names = new Set<Atom>();
  const open: (Macro | undefined)[] = [macro];
  for (const next of open) {
    if (next?.dynamic !== undefined) return undefined;
    for (const { atom } of next?.body ?? []) {
      if (atom === PASTE) return undefined;
      if (!isIdentifier(atom) || names.has(atom)) continue;
      if (names.size === MOST_NAMES) return undefined;
      names.add(atom);
      open.push(macros.get(atom));
    }
  }
  return [...names];
}
