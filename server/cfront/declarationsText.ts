import { FILE_SCOPE_NAMES, IGNORED_NAMES } from './parse/intrinsics.ts';
import { spellingOf } from './lex/atoms.ts';
import type { Unit } from './unit.ts';

/** Names that are macros to the front end but would be undeclared to a compiler. */
function preludeLines(unit: Unit): string[] {
  const skipped = [...FILE_SCOPE_NAMES].map((atom) => `#define ${spellingOf(atom)}(...)`);
  const zero = IGNORED_NAMES.filter(
    (name) => !name.startsWith('__builtin') && unit.function(name) === undefined,
  ).map((name) => `#define ${name}(...) 0`);
  return [...skipped, ...zero];
}

/**
 * The declarations of a unit as C text, function bodies left out: what a compiler needs to lay out the
 * same types. For checking layouts against one; nothing in iovet reads it back.
 */
export function declarationsText(unit: Unit): string {
  const { atoms, partners, count } = unit.tokens;
  const bodies = new Set(unit.definedFunctions().map((symbol) => symbol.body!));
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    if (bodies.has(i)) {
      words.push(';\n');
      i = partners[i]!;
    } else {
      const word = spellingOf(atoms[i]!);
      words.push(word === ';' ? ';\n' : word);
    }
  }
  return `${preludeLines(unit).join('\n')}\n${words.join(' ')}`;
}
