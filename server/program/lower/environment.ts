import type { IntValue } from '../ir.ts';
import type { SyntaxTree } from '../../syntax/tree.ts';
import type { TypedValue } from '../types/typedValue.ts';
import type { KernelApi } from '../kernelApi/kernelApi.ts';

/** A `#define` in sight of the file. */
export interface MacroDefinition {
  readonly name: string;
  /** Undefined for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  /** Name under which the body speaks of `...`: `__VA_ARGS__` or a name of its own. */
  readonly variadic: string | undefined;
  /** Replacement text without comments, continuation lines joined. */
  readonly body: string;
  /** Where it is defined, relative to the tree. */
  readonly file: string;
  /** Defined in a C file or a driver's own header, not under `include/`. */
  readonly near: boolean;
}

/** What a name outside any function is. */
export type GlobalKind = 'function' | 'variable' | 'enumerator' | 'type' | 'macro' | 'unknown';

/** What lowering asks about names that the function itself does not declare. Answers are remembered by who gives them. */
export interface Environment {
  readonly api: KernelApi;
  macro(name: string): MacroDefinition | undefined;
  kindOf(name: string): GlobalKind;
  /** Value of an enumerator. */
  enumerator(name: string): IntValue | undefined;
  /** Value of an object-like macro whose body is a constant expression; undefined otherwise. */
  macroConstant(macro: MacroDefinition): IntValue | undefined;
  /** Value and type of an object-like macro by name, where it is a constant expression. */
  typedConstant(name: string): TypedValue | undefined;
  /** Body of `DEFINE_FREE(name, type, body)`, or undefined. */
  freeBody(name: string): string | undefined;
  /** Written type of `DEFINE_CLASS(name, type, …)`, or undefined. */
  classType(name: string): string | undefined;
  /** Parses a piece of C on its own. */
  fragment(text: string): SyntaxTree;
}
