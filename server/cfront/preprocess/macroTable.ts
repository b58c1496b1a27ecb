import type { Atom } from '../lex/atoms.ts';
import { spellingOf } from '../lex/atoms.ts';
import type { Macro } from './macro.ts';

/** The macros in force, by atom. Dense, because it is asked once per token of every header. */
export class MacroTable {
  private readonly table: (Macro | undefined)[];

  constructor(table: (Macro | undefined)[] = []) {
    this.table = table;
  }

  /** The definition of a name. */
  get(name: Atom): Macro | undefined {
    return name < this.table.length ? this.table[name] : undefined;
  }

  /** Defines a name, or with `undefined` forgets it. */
  set(name: Atom, macro: Macro | undefined): void {
    const { table } = this;
    // Without holes the array stays a plain vector.
    while (table.length <= name) table.push(undefined);
    table[name] = macro;
  }

  /** The macros of which the name begins with a letter. */
  *beginningWith(letter: string): Iterable<Macro> {
    for (const [name, macro] of this.table.entries()) {
      if (macro !== undefined && spellingOf(name).startsWith(letter)) yield macro;
    }
  }

  /** An independent copy. */
  copy(): MacroTable {
    return new MacroTable(this.table.slice());
  }
}
