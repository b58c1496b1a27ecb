import type { Atom } from '../lex/atoms.ts';
import type { AggregateType, IntegerType } from '../types/type.ts';
import type { Symbol } from './ast.ts';

/** Names visible in one block; lookups go outwards. */
export class Scope {
  readonly outer: Scope | undefined;
  private readonly symbols = new Map<Atom, Symbol>();
  private readonly tags = new Map<Atom, AggregateType | IntegerType>();

  constructor(outer: Scope | undefined) {
    this.outer = outer;
  }

  /** Declares a name here; hides the same name of outer scopes. */
  declare(name: Atom, symbol: Symbol): void {
    this.symbols.set(name, symbol);
  }

  /** What a name means here. */
  find(name: Atom): Symbol | undefined {
    return this.symbols.get(name) ?? this.outer?.find(name);
  }

  /** What a name means among the names declared in this very scope. */
  own(name: Atom): Symbol | undefined {
    return this.symbols.get(name);
  }

  /** Every name declared in this very scope. */
  ownNames(): IterableIterator<[Atom, Symbol]> {
    return this.symbols.entries();
  }

  declareTag(tag: Atom, type: AggregateType | IntegerType): void {
    this.tags.set(tag, type);
  }

  findTag(tag: Atom): AggregateType | IntegerType | undefined {
    return this.tags.get(tag) ?? this.outer?.findTag(tag);
  }

  ownTag(tag: Atom): AggregateType | IntegerType | undefined {
    return this.tags.get(tag);
  }

  /** Every tag declared in this very scope. */
  ownTags(): IterableIterator<[Atom, AggregateType | IntegerType]> {
    return this.tags.entries();
  }
}
