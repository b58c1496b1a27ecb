import type { Location } from '../lex/sourceMap.ts';
import type { TokenStream } from '../lex/tokenStream.ts';
import type { FunctionType, IntegerType, Member, Type } from '../types/type.ts';
import type { ParseError } from './parseError.ts';

/** A variable with automatic storage, or a parameter. */
export interface Local {
  readonly kind: 'local';
  readonly name: string;
  type: Type;
  /** Its address is used, or it is no scalar: it must live in memory. */
  inMemory: boolean;
  /** Function to call with its address when its scope ends. */
  cleanup: FunctionSymbol | undefined;
  /** Declared const, or an array of what is. */
  isConst?: true;
}

/** An object with static storage, at file scope or `static` in a function. */
export interface StaticObject {
  readonly kind: 'object';
  readonly name: string;
  type: Type;
  /** Visible to other units. */
  readonly external: boolean;
  /** Whether this unit defines it; an `extern` declaration alone does not. */
  defined: boolean;
  /** Where its initialiser starts, for those that have one. Read when the object is first needed. */
  initializer: Snippet | undefined;
  /** Alignment asked for by an attribute. Unit: bytes. */
  align: number;
  /** Declared const, or an array of what is. */
  isConst?: true;
  readonly at: Location;
}

/** Tokens to be parsed later, with the scope they are to be read in. */
export interface Snippet {
  readonly tokens: TokenStream;
  readonly start: number;
  readonly scope: unknown;
}

/** A function as a unit declares it. */
export interface FunctionSymbol {
  readonly kind: 'function';
  readonly name: string;
  type: FunctionType;
  readonly external: boolean;
  /** Index of the `{` of its body, if this unit defines it. */
  body: number | undefined;
  at: Location;
  /** Nothing declares it: the C does not compile, and what it takes and gives is not known. */
  isUndeclared?: true;
}

/** An enumeration constant. */
export interface Enumerator {
  readonly kind: 'enumerator';
  readonly name: string;
  value: bigint;
  type: IntegerType;
}

/** A typedef name. */
export interface TypeName {
  readonly kind: 'type';
  readonly type: Type;
  readonly isConst: boolean;
  /** Alignment that its declaration gives to what is declared by it; of integers it is in the type. Unit: bytes. */
  readonly aligned?: number;
}

/** What an identifier can mean. */
export type Symbol = Local | StaticObject | FunctionSymbol | Enumerator | TypeName;

/** Operators on integers. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
/** Operators whose result is 0 or 1. */
export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';

interface Node {
  /** Type of the expression; for an lvalue, of the object (a bit-field's own width included). */
  readonly type: Type;
  readonly at: Location;
}

/** An integer or pointer constant: number up to 32 bits and for addresses, bigint for wider integers. */
export interface NumberNode extends Node {
  readonly op: 'number';
  readonly value: number | bigint;
}
/** A string literal; its bytes end with a zero. */
export interface StringNode extends Node {
  readonly op: 'string';
  readonly bytes: Uint8Array;
}
/** A variable by name. */
export interface LocalNode extends Node {
  readonly op: 'local';
  readonly local: Local;
}
/** An object with static storage, by name. */
export interface ObjectNode extends Node {
  readonly op: 'object';
  readonly object: StaticObject;
}
/** A function by name. */
export interface FunctionNode extends Node {
  readonly op: 'function';
  readonly function: FunctionSymbol;
}
/** `*pointer`. */
export interface DerefNode extends Node {
  readonly op: 'deref';
  readonly pointer: Expr;
}
/** `base.member`; base is an lvalue or a struct value. */
export interface MemberNode extends Node {
  readonly op: 'member';
  readonly base: Expr;
  readonly member: Member;
}
/** Address of an lvalue; also what an array or function decays to. */
export interface AddressNode extends Node {
  readonly op: 'address';
  readonly lvalue: Expr;
}
/** A value converted to the node's type. */
export interface ConvertNode extends Node {
  readonly op: 'convert';
  readonly value: Expr;
}
/** Negation, complement, logical not. */
export interface UnaryNode extends Node {
  readonly op: 'unary';
  readonly operator: '-' | '~' | '!';
  readonly value: Expr;
}
/** Integer arithmetic; both operands have the node's type, except the count of a shift. */
export interface BinaryNode extends Node {
  readonly op: 'binary';
  readonly operator: ArithmeticOperator;
  readonly left: Expr;
  readonly right: Expr;
}
/** Comparison of two operands of one type; the result is int. */
export interface CompareNode extends Node {
  readonly op: 'compare';
  readonly operator: ComparisonOperator;
  readonly left: Expr;
  readonly right: Expr;
}
/** `pointer + index × scale`. */
export interface PointerAddNode extends Node {
  readonly op: 'pointerAdd';
  readonly pointer: Expr;
  readonly index: Expr;
  /** Unit: bytes per element; negative for subtraction. */
  readonly scale: number;
}
/** Difference of two pointers, in elements. */
export interface PointerDiffNode extends Node {
  readonly op: 'pointerDiff';
  readonly left: Expr;
  readonly right: Expr;
  readonly scale: number;
}
/** `&&` and `||`; the right side is evaluated only when needed. */
export interface LogicalNode extends Node {
  readonly op: 'logical';
  readonly operator: '&&' | '||';
  readonly left: Expr;
  readonly right: Expr;
}
/** `condition ? then : otherwise`. `then` is undefined for the GNU form `a ?: b`. */
export interface SelectNode extends Node {
  readonly op: 'select';
  readonly condition: Expr;
  readonly then: Expr | undefined;
  readonly otherwise: Expr;
}
/** `left, right`. */
export interface CommaNode extends Node {
  readonly op: 'comma';
  readonly left: Expr;
  readonly right: Expr;
}
/** `target = value`; the value has the target's type. */
export interface AssignNode extends Node {
  readonly op: 'assign';
  readonly target: Expr;
  readonly value: Expr;
}
/** `target operator= value`, `++` and `--`. `compute` is the type the operation is done in. */
export interface UpdateNode extends Node {
  readonly op: 'update';
  readonly target: Expr;
  readonly operator: ArithmeticOperator;
  readonly value: Expr;
  readonly compute: Type;
  readonly result: 'new' | 'old';
}
/** A call; arguments have their parameters' types already. */
export interface CallNode extends Node {
  readonly op: 'call';
  /** A function node for a direct call, otherwise an expression with a pointer value. */
  readonly callee: Expr;
  readonly args: readonly Expr[];
}
/** A GNU builtin, or a kernel name whose meaning the front end knows (see intrinsics.ts). */
export interface IntrinsicNode extends Node {
  readonly op: 'intrinsic';
  readonly name: string;
  readonly args: readonly Expr[];
}
/** `({ … })`; the value is that of the last statement when it is an expression. */
export interface StatementsNode extends Node {
  readonly op: 'statements';
  readonly body: BlockStatement;
  readonly value: Expr | undefined;
}
/** A compound literal: an unnamed variable, initialised each time it is evaluated. */
export interface CompoundNode extends Node {
  readonly op: 'compound';
  readonly local: Local;
  readonly initializer: Initializer;
}
/** The next variadic argument, by its type. */
export interface VaArgNode extends Node {
  readonly op: 'vaArg';
  readonly list: Expr;
}

/** A typed expression. */
export type Expr =
  | NumberNode
  | StringNode
  | LocalNode
  | ObjectNode
  | FunctionNode
  | DerefNode
  | MemberNode
  | AddressNode
  | ConvertNode
  | UnaryNode
  | BinaryNode
  | CompareNode
  | PointerAddNode
  | PointerDiffNode
  | LogicalNode
  | SelectNode
  | CommaNode
  | AssignNode
  | UpdateNode
  | CallNode
  | IntrinsicNode
  | StatementsNode
  | CompoundNode
  | VaArgNode;

/** One scalar (or whole struct) that an initialiser sets, at an offset from the start of the object. */
export interface InitializerPart {
  readonly offset: number;
  readonly type: Type;
  readonly bits: Member['bits'];
  readonly value: Expr;
}

/** A flattened initialiser. Everything it does not mention is zero when `zeroFill` is set. */
export interface Initializer {
  /** The object's type; an array without count has got one here. */
  readonly type: Type;
  readonly zeroFill: boolean;
  readonly parts: readonly InitializerPart[];
}

/** A label, unique in its function even when a nested `__label__` shadows a name. */
export interface Label {
  readonly name: string;
}

/** A statement. */
export type Statement =
  | BlockStatement
  | { readonly op: 'expression'; readonly value: Expr; readonly at: Location }
  | {
      readonly op: 'declare';
      readonly local: Local;
      readonly initializer: Initializer | undefined;
      readonly at: Location;
    }
  | {
      readonly op: 'if';
      readonly condition: Expr;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
      readonly at: Location;
    }
  | LoopStatement
  | SwitchStatement
  | { readonly op: 'case'; readonly low: bigint; readonly high: bigint; readonly at: Location }
  | { readonly op: 'default'; readonly at: Location }
  | { readonly op: 'label'; readonly label: Label; readonly at: Location }
  | { readonly op: 'goto'; readonly label: Label; readonly at: Location }
  | { readonly op: 'break'; readonly at: Location }
  | { readonly op: 'continue'; readonly at: Location }
  | { readonly op: 'return'; readonly value: Expr | undefined; readonly at: Location }
  /** A statement or declaration that was not understood: whoever comes to it cannot go on. */
  | { readonly op: 'not-parsed'; readonly error: ParseError; readonly at: Location }
  | AsmStatement;

/** `{ … }`: a scope for declarations and cleanups. */
export interface BlockStatement {
  readonly op: 'block';
  readonly body: readonly Statement[];
  readonly at: Location;
}

/** `for`, `while` and `do`, told apart by where the condition is tested. */
export interface LoopStatement {
  readonly op: 'loop';
  /** Declarations of a `for`; they live as long as the loop. */
  readonly init: readonly Statement[];
  readonly condition: Expr | undefined;
  readonly step: Expr | undefined;
  readonly body: Statement;
  readonly testFirst: boolean;
  readonly at: Location;
}

/** `switch`; its `case` labels are statements in its body. */
export interface SwitchStatement {
  readonly op: 'switch';
  readonly value: Expr;
  readonly body: Statement;
  readonly at: Location;
}

/** Inline assembly. An empty template only moves its inputs to its outputs. */
export interface AsmStatement {
  readonly op: 'asm';
  readonly template: string;
  readonly outputs: readonly AsmOperand[];
  readonly inputs: readonly AsmOperand[];
  readonly hasLabels: boolean;
  readonly at: Location;
}

/** One operand of inline assembly. */
export interface AsmOperand {
  readonly name: string | undefined;
  readonly constraint: string;
  readonly value: Expr;
}

/** A parsed function body. */
export interface FunctionBody {
  readonly function: FunctionSymbol;
  readonly parameters: readonly Local[];
  readonly body: BlockStatement;
  /** `...` is used: the machine keeps the extra arguments for va_arg. */
  readonly variadic: boolean;
  /** Why statements of it were not understood; each stands in the body as `not-parsed`. */
  readonly problems: readonly ParseError[];
}
