import { BINARY_LEVELS } from '../../text/constantOperators.ts';
import type { Atom } from '../lex/atoms.ts';
import { identifier, kindOf, punctuator, spellingOf } from '../lex/atoms.ts';
import { characterValue, literalBytes, parseInteger } from '../lex/literals.ts';
import type { Location } from '../lex/sourceMap.ts';
import { OPTION_PREFIX } from '../profile/profile.ts';
import { promoted } from '../types/conversions.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import type { FunctionType, IntegerType, Type } from '../types/type.ts';
import {
  describeType,
  DOUBLE,
  hasComputedLength,
  INT,
  LONG,
  LONG_LONG,
  UNSIGNED_INT,
  UNSIGNED_LONG,
  UNSIGNED_LONG_LONG,
} from '../types/type.ts';
import type {
  ArithmeticOperator,
  BlockStatement,
  ComparisonOperator,
  Expr,
  FunctionSymbol,
  Initializer,
  Local,
} from './ast.ts';
import {
  addressOf,
  arithmetic,
  assign,
  compare,
  convert,
  dereference,
  integerConstant,
  logical,
  memberOf,
  not,
  select,
  unary,
  update,
  valueOf,
} from './build.ts';
import { intrinsicCall, intrinsicKind } from './intrinsics.ts';
import { ALIGNOF_WORDS, K, P } from './keywords.ts';
import { TypeParser } from './typeParser.ts';

interface BinaryOperator {
  readonly level: number;
  readonly spelling: string;
}

const BINARY: ReadonlyMap<Atom, BinaryOperator> = new Map(
  BINARY_LEVELS.flatMap((operators, level) =>
    operators.map((spelling) => [punctuator(spelling), { level, spelling }] as const),
  ),
);
const COMPOUND: ReadonlyMap<Atom, ArithmeticOperator> = new Map(
  (['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const).map(
    (operator) => [punctuator(`${operator}=`), operator] as const,
  ),
);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
const FUNCTION_NAMES: ReadonlySet<Atom> = new Set(
  ['__func__', '__FUNCTION__', '__PRETTY_FUNCTION__'].map(identifier),
);

/** Parses expressions into typed trees; constants are folded on the way. */
export abstract class ExpressionParser extends TypeParser {
  /** Name of the function whose body is being parsed, for `__func__`. */
  protected functionName = '';

  /** `{ … }` with its statements. */
  protected abstract block(): BlockStatement;
  /** An initialiser list or expression for an object of a type. */
  protected abstract initializer(type: Type): Initializer;
  /** Special forms: `__builtin_offsetof` and the others whose arguments are no ordinary expressions. */
  /** The number of an option of the kernel that the configuration does not give, as it is written in C. */
  protected abstract optionNumber(name: string): string | undefined;

  /** The function that a call of an undeclared name calls; undefined where such a name is an error. */
  protected abstract undeclaredFunction(name: Atom): FunctionSymbol | undefined;

  protected abstract specialForm(name: string, at: Location): Expr | undefined;

  expression(): Expr {
    let left = this.assignmentExpression();
    while (this.cursor.accept(P.comma)) {
      const right = valueOf(this.assignmentExpression());
      left = { op: 'comma', type: right.type, left, right, at: left.at };
    }
    return left;
  }

  assignmentExpression(): Expr {
    const { cursor } = this;
    const at = cursor.location;
    const left = this.conditional();
    const { atom } = cursor;
    if (atom === P.assign) {
      cursor.at++;
      return assign(left, this.assignmentExpression(), at);
    }
    const operator = COMPOUND.get(atom);
    if (operator === undefined) return left;
    cursor.at++;
    return update(left, operator, this.assignmentExpression(), 'new', at);
  }

  private conditional(): Expr {
    const { cursor } = this;
    const at = cursor.location;
    const condition = this.binary(this.castExpression(), 0);
    if (!cursor.accept(P.question)) return condition;
    if (cursor.accept(P.colon)) return select(condition, undefined, this.conditional(), at);
    const then = this.expression();
    cursor.expect(P.colon);
    return select(condition, then, this.conditional(), at);
  }

  private binary(start: Expr, level: number): Expr {
    const { cursor } = this;
    let left = start;
    for (;;) {
      const operator = BINARY.get(cursor.atom);
      if (operator === undefined || operator.level < level) return left;
      const at = cursor.location;
      cursor.at++;
      const right = this.binary(this.castExpression(), operator.level + 1);
      left = this.combine(operator.spelling, left, right, at);
    }
  }

  private combine(operator: string, left: Expr, right: Expr, at: Location): Expr {
    if (operator === '&&' || operator === '||') return logical(operator, left, right, at);
    if (COMPARISONS.has(operator)) return compare(operator as ComparisonOperator, left, right, at);
    return arithmetic(operator as ArithmeticOperator, left, right, at);
  }

  private castExpression(): Expr {
    const { cursor } = this;
    if (cursor.atom !== P.open || !this.startsType(1)) return this.unaryExpression();
    const at = cursor.location;
    cursor.at++;
    const type = this.typeName();
    cursor.expect(P.close);
    if (cursor.atom === P.openCurly) return this.postfix(this.compoundLiteral(type, at));
    const operand = this.castExpression();
    // GNU: a cast to a union makes one that holds the operand.
    if (type.kind === 'aggregate' && operand.type.kind !== 'aggregate') {
      return this.wrapInUnion(operand, type, at);
    }
    return convert(operand, type);
  }

  private compoundLiteral(type: Type, at: Location): Expr {
    const initializer = this.initializer(type);
    const local: Local = {
      ...{ kind: 'local', name: '(literal)', type: initializer.type },
      ...{ inMemory: true, cleanup: undefined },
    };
    return { op: 'compound', type: initializer.type, local, initializer, at };
  }

  private wrapInUnion(operand: Expr, type: Type, at: Location): Expr {
    const value = valueOf(operand);
    const local: Local = {
      ...{ kind: 'local', name: '(union)', type, inMemory: true, cleanup: undefined },
    };
    const part = { offset: 0, type: value.type, bits: undefined, value };
    const initializer = { type, zeroFill: true, parts: [part] };
    return { op: 'compound', type, local, initializer, at };
  }

  private unaryExpression(): Expr {
    const { cursor } = this;
    const at = cursor.location;
    const { atom } = cursor;
    switch (atom) {
      case P.not:
        cursor.at++;
        return not(this.castExpression(), at);
      case P.minus:
        cursor.at++;
        return unary('-', this.castExpression(), at);
      case P.plus:
        cursor.at++;
        return unary('+', this.castExpression(), at);
      case P.tilde:
        cursor.at++;
        return unary('~', this.castExpression(), at);
      case P.star:
        cursor.at++;
        return dereference(this.castExpression(), at);
      case P.ampersand:
        cursor.at++;
        return addressOf(this.castExpression());
      case P.increment:
      case P.decrement: {
        cursor.at++;
        const operator = atom === P.increment ? '+' : '-';
        return update(this.unaryExpression(), operator, integerConstant(1n, INT, at), 'new', at);
      }
      case P.andAnd:
        throw cursor.error('address of a label');
      case K.sizeof:
        return this.sizeofExpression(at);
      case K.extension:
        cursor.at++;
        return this.castExpression();
      default:
        if (ALIGNOF_WORDS.has(atom)) return this.alignofExpression(at);
        return this.postfix(this.primary());
    }
  }

  private sizeofExpression(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    let type: Type;
    let isDeclared = false;
    if (cursor.atom === P.open && this.startsType(1)) {
      cursor.at++;
      type = this.typeName();
      cursor.expect(P.close);
      if (cursor.atom === P.openCurly) type = this.postfix(this.compoundLiteral(type, at)).type;
    } else {
      const operand = this.unaryExpression();
      type = operand.type;
      // A run stops where such an array is declared; what comes after it is never reached.
      isDeclared = operand.op === 'local';
    }
    if (type.kind === 'aggregate' && type.layout === undefined) {
      throw cursor.error(`size of incomplete ${describeType(type)}`);
    }
    if (!isDeclared && hasComputedLength(type)) {
      throw cursor.error('size of an array whose length is computed');
    }
    return integerConstant(BigInt(sizeOf(type)), UNSIGNED_LONG, at);
  }

  private alignofExpression(at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    let bytes: number;
    if (cursor.atom === P.open && this.startsType(1)) {
      cursor.at++;
      bytes = this.typeNameAlignment();
      cursor.expect(P.close);
    } else bytes = alignOf(this.unaryExpression().type);
    return integerConstant(BigInt(bytes), UNSIGNED_LONG, at);
  }

  private postfix(start: Expr): Expr {
    const { cursor } = this;
    let expr = start;
    for (;;) {
      const at = cursor.location;
      switch (cursor.atom) {
        case P.open:
          expr = this.call(expr, at);
          break;
        case P.openSquare: {
          cursor.at++;
          const index = this.expression();
          cursor.expect(P.closeSquare);
          expr = dereference(arithmetic('+', expr, index, at), at);
          break;
        }
        case P.dot:
          cursor.at++;
          expr = memberOf(expr, cursor.identifier(), at);
          break;
        case P.arrow:
          cursor.at++;
          expr = memberOf(dereference(expr, at), cursor.identifier(), at);
          break;
        case P.increment:
        case P.decrement: {
          const operator = cursor.atom === P.increment ? '+' : '-';
          cursor.at++;
          expr = update(expr, operator, integerConstant(1n, INT, at), 'old', at);
          break;
        }
        default:
          return expr;
      }
    }
  }

  /** `( … )` after a callee; arguments take the parameters' types. */
  private call(target: Expr, at: Location): Expr {
    const { cursor } = this;
    const callee = target.op === 'function' ? target : valueOf(target);
    const type = functionTypeOf(callee.type);
    if (type === undefined) throw cursor.error(`call of ${describeType(callee.type)}`);
    const args = this.callArguments().map((arg, i) => this.argument(arg, type, i, at));
    if (args.length < type.parameters.length) throw cursor.error('too few arguments');
    return { op: 'call', type: type.result, callee, args, at };
  }

  private argument(arg: Expr, type: FunctionType, index: number, at: Location): Expr {
    const parameter = type.parameters[index];
    if (parameter === undefined) {
      if (!type.variadic) throw this.cursor.error('too many arguments');
      return promotedArgument(arg);
    }
    const value = valueOf(arg);
    if (parameter.type.kind === 'aggregate' && value.type.kind !== 'aggregate') {
      return this.wrapInUnion(value, parameter.type, at);
    }
    return convert(value, parameter.type);
  }

  protected callArguments(): Expr[] {
    const { cursor } = this;
    cursor.expect(P.open);
    const args: Expr[] = [];
    while (cursor.atom !== P.close) {
      args.push(this.assignmentExpression());
      if (!cursor.accept(P.comma)) break;
    }
    cursor.expect(P.close);
    return args;
  }

  private primary(): Expr {
    const { cursor } = this;
    const at = cursor.location;
    const { atom } = cursor;
    if (atom < 0) throw cursor.error('the text ends inside an expression');
    switch (kindOf(atom)) {
      case 'number':
        cursor.at++;
        return numberLiteral(spellingOf(atom), at);
      case 'character':
        cursor.at++;
        return integerConstant(BigInt(this.character(spellingOf(atom))), INT, at);
      case 'string':
        return this.stringLiteral(at);
      case 'identifier':
        return this.named(atom, at);
      default:
        break;
    }
    if (atom !== P.open) throw cursor.error('expected an expression');
    cursor.at++;
    if (cursor.atom === P.openCurly) return this.statementExpression(at);
    const inner = this.expression();
    cursor.expect(P.close);
    return inner;
  }

  /** A character constant is a `char` made an `int`: how a byte above 127 counts, the char's sign tells. */
  private character(spelling: string): number {
    const value = characterValue(spelling);
    const isByte = value < 0 && value >= -128;
    return isByte && !this.plainChar.signed ? value + 256 : value;
  }

  private stringLiteral(at: Location): Expr {
    const { cursor } = this;
    const bytes: number[] = [];
    while (cursor.isString) {
      for (const byte of literalBytes(spellingOf(cursor.atom))) bytes.push(byte);
      cursor.at++;
    }
    return this.stringOf(Uint8Array.from([...bytes, 0]), at);
  }

  private stringOf(bytes: Uint8Array, at: Location): Expr {
    const type = { kind: 'array' as const, of: this.plainChar, count: bytes.length };
    return { op: 'string', type, bytes, at };
  }

  /** `({ … })`, after the parenthesis. Its value is that of a last expression statement. */
  private statementExpression(at: Location): Expr {
    const block = this.block();
    this.cursor.expect(P.close);
    const last = block.body[block.body.length - 1];
    if (last?.op !== 'expression') {
      return { op: 'statements', type: { kind: 'void' }, body: block, value: undefined, at };
    }
    const value = valueOf(last.value);
    const body: BlockStatement = { ...block, body: block.body.slice(0, -1) };
    return { op: 'statements', type: value.type, body, value, at };
  }

  private named(atom: Atom, at: Location): Expr {
    const { cursor } = this;
    const name = spellingOf(atom);
    if (cursor.peek(1) === P.open || atom === K.generic) {
      const special = this.specialForm(name, at);
      if (special !== undefined) return special;
      const kind = intrinsicKind(name);
      if (kind !== undefined) return this.intrinsic(kind, name, at);
    }
    const symbol = this.scope.find(atom);
    cursor.at++;
    switch (symbol?.kind) {
      case 'local':
        return { op: 'local', type: symbol.type, local: symbol, at };
      case 'object':
        return { op: 'object', type: symbol.type, object: symbol, at };
      case 'function':
        return { op: 'function', type: symbol.type, function: symbol, at };
      case 'enumerator':
        return integerConstant(symbol.value, symbol.type, at);
      default:
        break;
    }
    if (FUNCTION_NAMES.has(atom)) {
      return this.stringOf(nameBytes(this.functionName), at);
    }
    if (name.startsWith('__builtin_') && cursor.atom === P.open) {
      // An operation nobody knows: parsed, and a hard stop when it is reached.
      const args = this.callArguments().map(valueOf);
      return { op: 'intrinsic', type: INT, name, args, at };
    }
    const option = name.startsWith(OPTION_PREFIX) ? this.optionNumber(name) : undefined;
    if (option !== undefined) return numberLiteral(option, at);
    const called = cursor.atom === P.open ? this.undeclaredFunction(atom) : undefined;
    if (called !== undefined) return { op: 'function', type: called.type, function: called, at };
    cursor.at--;
    throw cursor.error(`undeclared ${name}`);
  }

  private intrinsic(kind: 'ignored' | 'rewritten' | 'operation', name: string, at: Location): Expr {
    const { cursor } = this;
    cursor.at++;
    if (kind !== 'ignored') return intrinsicCall(name, this.callArguments(), at);
    cursor.skipGroup();
    return integerConstant(0n, INT, at);
  }
}

/** Bytes of an ASCII name with its terminating zero. */
function nameBytes(name: string): Uint8Array {
  return Uint8Array.from({ length: name.length + 1 }, (_, i) => name.charCodeAt(i) || 0);
}

function functionTypeOf(type: Type): FunctionType | undefined {
  if (type.kind === 'function') return type;
  if (type.kind === 'pointer' && type.to.kind === 'function') return type.to;
  return undefined;
}

/** Default argument promotions of a variadic call. */
function promotedArgument(arg: Expr): Expr {
  const value = valueOf(arg);
  return value.type.kind === 'integer' ? convert(value, promoted(value.type)) : value;
}

function numberLiteral(spelling: string, at: Location): Expr {
  const literal = parseInteger(spelling);
  if (literal === undefined)
    return { op: 'number', type: DOUBLE, value: Number.parseFloat(spelling), at };
  const { value, decimal, unsigned, longs } = literal;
  const fits = (type: IntegerType): boolean =>
    value < 1n << BigInt(type.signed ? type.width - 1 : type.width);
  const candidates: IntegerType[] = [];
  const add = (signed: IntegerType, other: IntegerType): void => {
    if (!unsigned) candidates.push(signed);
    if (unsigned || !decimal) candidates.push(other);
  };
  if (longs === 0) add(INT, UNSIGNED_INT);
  if (longs <= 1) add(LONG, UNSIGNED_LONG);
  else add(LONG_LONG, UNSIGNED_LONG_LONG);
  const type = candidates.find(fits) ?? (longs === 2 ? UNSIGNED_LONG_LONG : UNSIGNED_LONG);
  return integerConstant(value, type, at);
}
