import type { Location } from '../lex/sourceMap.ts';
import type { ParseError } from '../parse/parseError.ts';
import type { AsmStatement, Expr, FunctionSymbol, Initializer, Local } from '../parse/ast.ts';

/** One thing a block does. Expressions in it hold no statements any more. */
export type Step =
  | { readonly op: 'evaluate'; readonly value: Expr; readonly at: Location }
  | {
      readonly op: 'initialize';
      readonly local: Local;
      readonly initializer: Initializer;
      readonly at: Location;
    }
  /** A declaration without initialiser: whatever the variable held is no value of its any more. */
  | { readonly op: 'forget'; readonly local: Local; readonly at: Location }
  | { readonly op: 'asm'; readonly statement: AsmStatement; readonly at: Location }
  /** What stood here was not understood. */
  | { readonly op: 'not-parsed'; readonly error: ParseError; readonly at: Location };

/** One range of a `switch`. */
export interface SwitchCase {
  readonly low: bigint;
  readonly high: bigint;
  readonly to: number;
}

/** How a block ends. Targets are indexes into the function's blocks. */
export type Exit =
  | { readonly op: 'jump'; readonly to: number }
  | {
      readonly op: 'branch';
      readonly condition: Expr;
      readonly then: number;
      readonly otherwise: number;
      readonly at: Location;
    }
  | {
      readonly op: 'switch';
      readonly value: Expr;
      readonly cases: readonly SwitchCase[];
      readonly otherwise: number;
      readonly at: Location;
    }
  | { readonly op: 'return'; readonly value: Expr | undefined; readonly at: Location };

/** A straight run of steps. */
export interface Block {
  readonly steps: readonly Step[];
  readonly exit: Exit;
}

/** A function ready to be executed: block 0 is the entry. */
export interface LoweredFunction {
  readonly function: FunctionSymbol;
  readonly parameters: readonly Local[];
  /** Every variable of the frame, parameters and those made by lowering included. */
  readonly locals: readonly Local[];
  readonly blocks: readonly Block[];
  readonly variadic: boolean;
}
