import type { Atom } from '../lex/atoms.ts';
import type { AggregateType, IntegerType } from '../types/type.ts';
import type { Symbol } from './ast.ts';
import type { FunctionExtent } from './passedOver.ts';

/** Declarations of a name that were passed over so far. */
interface Deferred {
  readonly kind: 'deferred';
  readonly extents: FunctionExtent[];
  /** They are being read, or were, and nothing came of it. */
  isRead: boolean;
}

/** Reads a declaration that was passed over, into the scope. */
export type ReadDeclaration = (extent: FunctionExtent) => void;

/** Names visible in one block; lookups go outwards. */
export class Scope {
  readonly outer: Scope | undefined;
  private readonly read: ReadDeclaration;
  /** In order of first declaration, read or not. */
  private readonly symbols = new Map<Atom, Symbol | Deferred>();
  private readonly tags = new Map<Atom, AggregateType | IntegerType>();

  /** `read` is needed where declarations are deferred. */
  constructor(outer: Scope | undefined, read: ReadDeclaration = () => undefined) {
    this.outer = outer;
    this.read = read;
  }

  /** Declares a name here; hides the same name of outer scopes. */
  declare(name: Atom, symbol: Symbol): void {
    this.symbols.set(name, symbol);
  }

  /** Leaves a declaration unread until its name is asked for. False where it has to be read now. */
  defer(extent: FunctionExtent): boolean {
    const known = this.symbols.get(extent.name);
    if (known === undefined) {
      this.symbols.set(extent.name, { kind: 'deferred', extents: [extent], isRead: false });
      return true;
    }
    if (known.kind !== 'deferred' || known.isRead) return false;
    known.extents.push(extent);
    return true;
  }

  /** What a name means here. */
  find(name: Atom): Symbol | undefined {
    const symbol = this.symbols.get(name);
    if (symbol === undefined) return this.outer?.find(name);
    return symbol.kind === 'deferred' ? this.readNow(name, symbol) : symbol;
  }

  /** What a name means among the names declared in this very scope. */
  own(name: Atom): Symbol | undefined {
    const symbol = this.symbols.get(name);
    return symbol?.kind === 'deferred' ? this.readNow(name, symbol) : symbol;
  }

  /**
   * The names declared in this very scope, in order of their first declarations. Functions whose declarations were
   * passed over are among them only if `isWanted` says so of one of these.
   */
  *ownNames(isWanted: (extent: FunctionExtent) => boolean): Generator<[Atom, Symbol]> {
    for (const [name, known] of this.symbols) {
      if (known.kind !== 'deferred') yield [name, known];
      else if (known.extents.some(isWanted)) {
        const symbol = this.readNow(name, known);
        if (symbol !== undefined) yield [name, symbol];
      }
    }
  }

  private readNow(name: Atom, deferred: Deferred): Symbol | undefined {
    // While it is read its name is not declared yet.
    if (deferred.isRead) return undefined;
    deferred.isRead = true;
    for (const extent of deferred.extents) this.read(extent);
    const symbol = this.symbols.get(name);
    return symbol?.kind === 'deferred' ? undefined : symbol;
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
