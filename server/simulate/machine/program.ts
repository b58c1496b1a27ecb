import type { FunctionSymbol, StaticObject } from '../../cfront/parse/ast.ts';
import type { Unit } from '../../cfront/unit.ts';

/** Where a name with external linkage is defined. */
export interface Definition<T> {
  readonly unit: Unit;
  readonly symbol: T;
}

/** Loads the unit that defines an external name, or says that no linkable file does. */
export type Linker = (name: string) => Unit | undefined;

/**
 * The units that run together. Each keeps its own statics and types; external names are resolved among
 * them, and through the linker among the files it may load.
 */
export class Program {
  private readonly units: Unit[] = [];
  private readonly linker: Linker;
  private readonly functions = new Map<string, Definition<FunctionSymbol> | null>();
  private readonly objects = new Map<string, Definition<StaticObject> | null>();

  constructor(units: readonly Unit[], linker: Linker = () => undefined) {
    this.units.push(...units);
    this.linker = linker;
  }

  /** Every unit, in the order they were added. */
  get all(): readonly Unit[] {
    return this.units;
  }

  /** The body of an external function. */
  functionNamed(name: string): Definition<FunctionSymbol> | undefined {
    return this.resolve(this.functions, name, (unit) => {
      const symbol = unit.function(name);
      return symbol?.body !== undefined && symbol.external ? symbol : undefined;
    });
  }

  /** The definition of an external object. */
  objectNamed(name: string): Definition<StaticObject> | undefined {
    return this.resolve(this.objects, name, (unit) => {
      const object = unit.object(name);
      return object?.defined === true && object.external ? object : undefined;
    });
  }

  private resolve<T>(
    known: Map<string, Definition<T> | null>,
    name: string,
    lookUp: (unit: Unit) => T | undefined,
  ): Definition<T> | undefined {
    const answer = known.get(name);
    if (answer !== undefined) return answer ?? undefined;
    let found = this.search(lookUp);
    if (found === undefined) {
      const unit = this.linker(name);
      if (unit !== undefined && !this.units.includes(unit)) {
        this.units.push(unit);
        found = this.search(lookUp);
      }
    }
    known.set(name, found ?? null);
    return found;
  }

  private search<T>(lookUp: (unit: Unit) => T | undefined): Definition<T> | undefined {
    for (const unit of this.units) {
      const symbol = lookUp(unit);
      if (symbol !== undefined) return { unit, symbol };
    }
    return undefined;
  }
}
