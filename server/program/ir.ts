/**
 * An integer of C: a `number` where it is safe (|v| < 2^53), else its canonical decimal text,
 * so that equal values are `===` and nothing needs BigInt. Unsigned 64-bit values are not wrapped: ~0ULL is "18446744073709551615".
 */
export type IntValue = number | string;

interface Node {
  /** Unique within one lowered function; in order of creation. */
  readonly id: number;
  /** UTF-16 offset relative to the start of the function's top-level item; for expanded macros, of the use. */
  readonly start: number;
  /** Offset after the last unit, relative like `start`. */
  readonly end: number;
  /** The macro whose expansion produced this node (the outermost, as written in the function), or undefined. */
  readonly macro: string | undefined;
}

/** What a plain name stands for. */
export type Binding =
  /** A parameter, local or temporary: `FunctionIr.variables[variable]`. */
  | { readonly kind: 'variable'; readonly variable: number }
  /** A variable outside any function, or a name whose declaration was not found. */
  | { readonly kind: 'global' }
  /** A function used as a value. */
  | { readonly kind: 'function' };

/** A plain name. */
export interface Ident extends Node {
  readonly kind: 'ident';
  readonly name: string;
  readonly binding: Binding;
}

/** An integer or character literal. */
export interface IntLiteral extends Node {
  readonly kind: 'int';
  /** Undefined where the literal was not understood. */
  readonly value: IntValue | undefined;
  readonly text: string;
}

/** An enumerator or an object-like macro without operands that vary: `SZ_4K`, `DMA_TO_DEVICE`, `PAGE_SIZE`. */
export interface Constant extends Node {
  readonly kind: 'constant';
  readonly name: string;
  /** Undefined where the value depends on the architecture or the configuration, or was not found. */
  readonly value: IntValue | undefined;
  readonly origin: 'macro' | 'enumerator';
}

/** A string literal; adjacent literals are one. */
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly text: string;
}

/** A call, or a function-like macro that is treated as one. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expr;
  /** The called name where the callee is a plain identifier. */
  readonly name: string | undefined;
  readonly args: readonly Expr[];
}

/** `-x`, `+x`, `~x` or `!x`. */
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly op: '-' | '+' | '~' | '!';
  readonly operand: Expr;
}

/** The binary operators; `&&` and `||` appear only where the right operand has no effect and no branch decides on them. */
export type BinaryOp =
  | '+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^'
  | '==' | '!=' | '<' | '>' | '<=' | '>=' | '&&' | '||'; // prettier-ignore

/** A binary operation. */
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}

/** `target = value`, or `target op= value`. */
export interface Assign extends Node {
  readonly kind: 'assign';
  /** Undefined for plain `=`. */
  readonly op: BinaryOp | undefined;
  readonly target: Expr;
  readonly value: Expr;
}

/** `++x`, `x++`, `--x`, `x--`. */
export interface Increment extends Node {
  readonly kind: 'increment';
  readonly op: '++' | '--';
  readonly position: 'prefix' | 'postfix';
  readonly target: Expr;
}

/** `base.name` or `base->name`. */
export interface FieldAccess extends Node {
  readonly kind: 'field';
  readonly base: Expr;
  readonly name: string;
  readonly arrow: boolean;
  /** Span of the member's name alone. */
  readonly nameStart: number;
}

/** `base[index]`. */
export interface Index extends Node {
  readonly kind: 'index';
  readonly base: Expr;
  readonly index: Expr;
}

/** `*operand`. */
export interface Deref extends Node {
  readonly kind: 'deref';
  readonly operand: Expr;
}

/** `&operand`. */
export interface AddressOf extends Node {
  readonly kind: 'addressOf';
  readonly operand: Expr;
}

/** `(type)operand`. */
export interface Cast extends Node {
  readonly kind: 'cast';
  readonly type: CType;
  readonly operand: Expr;
}

/** `sizeof(type)`. */
export interface SizeofType extends Node {
  readonly kind: 'sizeofType';
  readonly type: CType;
}

/** `sizeof expr`: the operand is not evaluated. */
export interface SizeofExpr extends Node {
  readonly kind: 'sizeofExpr';
  readonly operand: Expr;
}

/** `offsetof(type, a.b[0])`. */
export interface Offsetof extends Node {
  readonly kind: 'offsetof';
  readonly type: CType;
  readonly member: string;
}

/** `c ? a : b` whose arms have no effect; others are branches of the graph. `then` is undefined for GNU `c ?: b`. */
export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly condition: Expr;
  readonly then: Expr | undefined;
  readonly otherwise: Expr;
}

/** `a, b`: evaluated in order, the last one is the value. */
export interface Comma extends Node {
  readonly kind: 'comma';
  readonly items: readonly Expr[];
}

/** One step of a designator: `.name`, `[3]` or `[0 ... 7]`. */
export type Designator =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: Expr }
  | { readonly kind: 'range'; readonly first: Expr; readonly last: Expr };

/** One entry of an initialiser list; without designators it follows the entry before. */
export interface InitEntry {
  readonly designators: readonly Designator[];
  readonly value: Expr;
}

/** `{ .a = 1, [2] = x }`. */
export interface InitList extends Node {
  readonly kind: 'initList';
  readonly entries: readonly InitEntry[];
}

/** `(struct x){ … }`. */
export interface CompoundLiteral extends Node {
  readonly kind: 'compoundLiteral';
  readonly type: CType;
  readonly init: InitList;
}

/** A type given as an argument: `container_of(p, struct x, m)`. */
export interface TypeArgument extends Node {
  readonly kind: 'typeArgument';
  readonly type: CType;
}

/** Something that has no meaning here; never guessed at. */
export interface UnknownExpr extends Node {
  readonly kind: 'unknown';
  readonly reason: string;
}

/**
 * An expression tree. Parentheses are gone. Whatever branches (calls under `&&`, `||`, `?:`, statement expressions)
 * was moved into the graph, its value into a temporary; the rest may be evaluated straight, left to right.
 * Where C leaves open which operand comes first, the one that branches does.
 */
export type Expr =
  | Ident | IntLiteral | Constant | StringLiteral | Call | Unary | Binary | Assign | Increment
  | FieldAccess | Index | Deref | AddressOf | Cast | SizeofType | SizeofExpr | Offsetof | Conditional
  | Comma | InitList | CompoundLiteral | TypeArgument | UnknownExpr; // prettier-ignore

/** A parameter, a local, a static local, or a temporary that lowering made up (named `$n`). */
export interface Variable {
  readonly index: number;
  readonly name: string;
  readonly kind: 'parameter' | 'local' | 'static' | 'temporary';
  readonly type: CType;
  /** Span of the name, relative to the item. */
  readonly start: number;
  readonly end: number;
  /** The `x` of `__free(x)`, the name of `__cleanup(name)`, or the class of `CLASS(class, v)(…)`. */
  readonly cleanup: string | undefined;
}

/** Which arguments of an iterator macro do what; every number is an argument index. */
export interface IteratorRoles {
  /** Assigned a new value every turn: elements, cursors and counters. */
  readonly assigned: readonly number[];
  /** The variable that holds the current element, where known. */
  readonly element: number | undefined;
  /** The variable that counts turns from 0, where known. */
  readonly counter: number | undefined;
  /** What is walked: list head, scatterlist, xarray, bitmap. */
  readonly container: number | undefined;
  /** The number of turns at most. */
  readonly bound: number | undefined;
  readonly direction: 'forward' | 'reverse';
  /** Where the walk begins: at the first element, after the current one (`_continue`), or at the current one (`_from`). */
  readonly from: 'start' | 'after' | 'current';
}

interface Step {
  /** Index into `Cfg.nodes`. */
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly edges: readonly Edge[];
  /** Position in {@link Cfg.order}; -1 where the entry does not reach it. */
  readonly order: number;
  /** Index into `Cfg.loops` of the innermost loop, or -1. A loop's head belongs to its loop. */
  readonly loop: number;
}

/** One node of a control-flow graph. */
export type CfgNode =
  | (Step & { readonly kind: 'entry' })
  /** Evaluates an expression for its effects. */
  | (Step & { readonly kind: 'eval'; readonly expr: Expr })
  /** A local comes into life; for a static local `init` is not evaluated here and absent. */
  | (Step & {
      readonly kind: 'declare';
      readonly variable: number;
      readonly init: Expr | undefined;
    })
  /**
   * Two edges, `true` and `false`. Negations, `&&`, `||`, `?:`, likely() and WARN_ON() around a condition are already in the edges;
   * a condition with a known value has only the edge that is taken.
   */
  | (Step & { readonly kind: 'branch'; readonly condition: Expr })
  /** Edges `case` (several) and `default` (one, always present). */
  | (Step & { readonly kind: 'switch'; readonly value: Expr })
  /** Evaluates the value; the clean-ups of the scopes and `end` follow. */
  | (Step & { readonly kind: 'return'; readonly value: Expr | undefined })
  /** Head of an iterator macro's loop; edges `body` and `done`. Assigns the next element before `body`. */
  | (Step & {
      readonly kind: 'iterate';
      readonly macro: string;
      readonly args: readonly Expr[];
      readonly roles: IteratorRoles;
    })
  /** `guard(class)(args)` and the entry of `scoped_guard(class, args)`. For conditional classes (`mutex_try`, `mutex_intr`) edges `true` (taken) and `false`. */
  | (Step & { readonly kind: 'guard'; readonly class: string; readonly args: readonly Expr[] })
  /** Leaving the scope of a guard. */
  | (Step & { readonly kind: 'unguard'; readonly class: string; readonly args: readonly Expr[] })
  /**
   * Leaving the scope of a variable with a clean-up. `function` is what the clean-up calls (for `__free(x)` the function in DEFINE_FREE(x, …),
   * else x itself), with the variable's value or its address; for `__free` only when the value is neither NULL nor an ERR_PTR.
   */
  | (Step & {
      readonly kind: 'cleanup';
      readonly variable: number;
      readonly function: string;
      readonly argument: 'value' | 'address';
    })
  | (Step & {
      readonly kind: 'asm';
      readonly outputs: readonly Expr[];
      readonly inputs: readonly Expr[];
    })
  /** Nothing happens: a label, a place where paths meet. `label` is set for the C label. */
  | (Step & { readonly kind: 'join'; readonly label: string | undefined })
  /** The function's only exit. */
  | (Step & { readonly kind: 'end' })
  /** The path ends in a call that does not return: BUG(), panic(), do_exit(). */
  | (Step & { readonly kind: 'stop'; readonly reason: string });

/** An edge of the graph. */
export interface Edge {
  readonly to: number;
  readonly label: EdgeLabel;
  /** The edge closes a loop: it leads to a node that is not later in reverse post order. */
  readonly back: boolean;
}

/** Why an edge is taken. A case without a range has `high` undefined. */
export type EdgeLabel =
  | { readonly kind: 'next' | 'true' | 'false' | 'default' | 'body' | 'done' }
  | { readonly kind: 'case'; readonly low: Expr; readonly high: Expr | undefined };

/** A loop of the graph: the target of at least one back edge. */
export interface Loop {
  readonly head: number;
  readonly parent: number;
  readonly nodes: readonly number[];
}

/** A control-flow graph. `nodes[0]` is the entry. */
export interface Cfg {
  readonly nodes: readonly CfgNode[];
  readonly end: number;
  /** Reachable nodes: a node after those that lead to it, apart from back edges, and every loop in one piece behind its head. */
  readonly order: readonly number[];
  readonly loops: readonly Loop[];
}

/** A lowered function. It depends only on the text of its item and the macros it uses, and carries no absolute position. */
export interface FunctionIr {
  readonly kind: 'lowered';
  readonly name: string;
  readonly returns: CType;
  /** The parameters come first, in order. */
  readonly variables: readonly Variable[];
  readonly parameterCount: number;
  readonly variadic: boolean;
  readonly cfg: Cfg;
  /** Number of expression nodes: ids are below it. */
  readonly exprCount: number;
  /** Names that are called, each once; macros that were expanded are not among them. */
  readonly calls: readonly string[];
  /** Relevant doubts that do not keep the function from being analysed: a part of an expression with no meaning. */
  readonly doubts: readonly Doubt[];
}

/** A place in a function that was not understood completely. */
export interface Doubt {
  readonly start: number;
  readonly reason: string;
}

/** A function that could not be lowered, and why. */
export interface NotLowered {
  readonly kind: 'notLowered';
  readonly name: string;
  /** One clause in plain words, without final full stop. */
  readonly reason: string;
  /** Where the trouble is, relative to the item. */
  readonly start: number;
}

/**
 * A C type as it is written, typedef names and tags not yet followed.
 * `Types` (types.ts) follows them on demand, so that a type costs no header until somebody asks.
 */
export type CType =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'integer';
      /** The canonical C spelling: `unsigned long`, `char`, `_Bool`. */
      readonly name: string;
      /** Bytes on a 64-bit kernel (LP64). */
      readonly bytes: number;
      readonly signed: boolean;
    }
  | { readonly kind: 'floating'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'pointer'; readonly to: CType }
  | { readonly kind: 'array'; readonly of: CType; readonly length: Expr | undefined }
  | {
      readonly kind: 'record';
      readonly keyword: 'struct' | 'union';
      /** Undefined for `struct { … }` without a tag. */
      readonly tag: string | undefined;
      /** Present where the type is written with its body. */
      readonly fields: readonly Field[] | undefined;
    }
  | { readonly kind: 'enum'; readonly tag: string | undefined }
  | { readonly kind: 'function'; readonly returns: CType; readonly parameters: readonly CType[] }
  /** A name that some `typedef` gives a meaning. */
  | { readonly kind: 'named'; readonly name: string }
  /** `typeof(expr)` and `__auto_type`. */
  | { readonly kind: 'typeof'; readonly operand: Expr }
  | { readonly kind: 'unknown'; readonly reason: string };

/** One member of a struct or union; `name` is undefined for an anonymous member, whose fields count as the parent's. */
export interface Field {
  readonly name: string | undefined;
  readonly type: CType;
  /** Width of a bit-field. Unit: bits. */
  readonly bits: Expr | undefined;
}

/** The type nobody could tell. */
export function unknownType(reason: string): CType {
  return { kind: 'unknown', reason };
}
