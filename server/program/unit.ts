import type { FoundSymbol } from './headers/store.ts';
import type { CType, Expr, Field, FunctionIr, IntValue, NotLowered } from './ir.ts';
import type { KernelApi } from './kernelApi/kernelApi.ts';
import type { MacroDefinition } from './lower/environment.ts';
import type { SymbolIndex } from './symbols.ts';

/** A function of a file or of a header it sees. Lowering is done on the first call of `lower()` and remembered. */
export interface UnitFunction {
  readonly name: string;
  /** Path of the file that defines it, relative to the tree. */
  readonly file: string;
  /** UTF-16 offset of the function's item in that file: add it to a relative span. */
  readonly itemStart: number;
  readonly itemEnd: number;
  readonly linkage: 'static' | 'external' | 'inline';
  /** Text of the item; equal text (and equal unit environment) lowers equally. */
  readonly text: string;
  /** The build that includes the file (`amdv1`), for files that are only included. */
  readonly build: string | undefined;
  lower(): FunctionIr | NotLowered;
  /** Further readings, one per `#else` branch inside the function that the first reading left out. */
  variants(): readonly (FunctionIr | NotLowered)[];
}

/** Answers about types, following typedefs, tags and headers lazily. Nothing here throws; what is not known is undefined. */
export interface Types {
  /** Strips typedefs and typeof; an unknown name gives `unknown`. */
  resolve(type: CType, within?: FunctionIr): CType;
  /** Type of an expression of a lowered function; remembered per expression. */
  typeOf(fn: FunctionIr, expr: Expr): CType;
  /** Members of a struct or union, or undefined. */
  fields(type: CType): readonly Field[] | undefined;
  /** Type of a member, looked up through anonymous members. */
  field(type: CType, name: string): CType | undefined;
  /** Unit: bytes, on a 64-bit kernel; undefined where a part is not known. */
  sizeOf(type: CType, within?: FunctionIr): number | undefined;
  /** Value of a constant expression; sizeof, offsetof, enumerators and macros included. */
  constant(fn: FunctionIr | undefined, expr: Expr): IntValue | undefined;
  /** Return type of a function by name: the file, a prototype of a header, or undefined. */
  returnType(functionName: string): CType | undefined;
}

/** Names of file level as one file sees them, headers included. */
export interface UnitNames {
  /** The declaration of a name: the file's own, else that of the nearest header. Tags are asked for with their keyword: `struct page`. */
  declaration(name: string): FoundSymbol | undefined;
  /** The declaration of a name in one file of the tree, whether this file includes it or not. */
  declarationIn(path: string, name: string): FoundSymbol | undefined;
  macro(name: string): MacroDefinition | undefined;
  enumerator(name: string): IntValue | undefined;
  /** Text of a file of the tree as it was read; undefined if there is none. */
  text(path: string): string | undefined;
}

/** One C file with what it can see of its tree. */
export interface Unit {
  /** Path relative to the tree, or as given. */
  readonly file: string;
  /** Name of the build for a file that is only included, else undefined. */
  readonly build: string | undefined;
  /** Functions defined in the file (and, for an includer, in the included templates), in order of the text. */
  readonly functions: readonly UnitFunction[];
  readonly types: Types;
  /** What is known about the kernel's functions in the release of the tree. */
  readonly api: KernelApi;
  readonly symbols: SymbolIndex;
  readonly names: UnitNames;
  /** A function by name: of this file, else a `static inline` of a header that this file sees; undefined if there is no body in sight. */
  lookup(name: string): UnitFunction | undefined;
  /** A function that another C file of the same folder defines and this file can call; the files are scanned when first asked. */
  neighbour(name: string): UnitFunction | undefined;
}
