import type { CType } from '../../program/ir.ts';
import { builtinType, integerOfWords } from '../../program/types/builtin.ts';
import {
  binaryValue,
  castValue,
  literalValue,
  unaryValue,
  valueOf,
  wrapValue,
  type TypedValue,
} from '../../program/types/typedValue.ts';
import { BINARY_LEVELS } from '../../text/constantOperators.ts';

/** What the evaluation of an expression may ask about names. */
export interface ConstantNames {
  /** The definition of a macro: its parameters (undefined for one without) and its body. */
  macro(
    name: string,
  ): { readonly parameters: readonly string[] | undefined; readonly body: string } | undefined;
  /** Value of an enumerator. */
  enumerator(name: string): bigint | undefined;
  /** The type that a typedef stands for; undefined for a name that is no type. */
  type(name: string): CType | undefined;
}

const DEEPEST = 24;

/**
 * Value of a constant expression of kernel C by the rules of C, as the unsigned word of its own width: shifts, casts, BIT, GENMASK,
 * FIELD_PREP and macros made of them. Gives undefined for everything that is no constant; it never throws.
 */
export function evaluateConstant(text: string, names: ConstantNames): bigint | undefined {
  const typed = parse(text, names, 0);
  return typed === undefined ? undefined : BigInt.asUintN(typed.bits, typed.value);
}

function parse(text: string, names: ConstantNames, depth: number): TypedValue | undefined {
  if (depth > DEEPEST) return undefined;
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader: Reader = { tokens, at: 0, names, depth };
  const value = conditional(reader);
  return reader.at === tokens.length ? value : undefined;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  readonly names: ConstantNames;
  readonly depth: number;
}

const TOKEN =
  /\s+|\/\*[^]*?\*\/|((?:0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*)|([A-Za-z_]\w*)|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!()<>?:,.[\]{}"'])/y;

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const token = match[1] ?? match[2] ?? match[3];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function conditional(reader: Reader): TypedValue | undefined {
  const condition = binary(reader, 0);
  if (reader.tokens[reader.at] !== '?') return condition;
  reader.at++;
  const then = conditional(reader);
  if (reader.tokens[reader.at] !== ':') return undefined;
  reader.at++;
  const otherwise = conditional(reader);
  if (condition === undefined) return undefined;
  return condition.value !== 0n ? then : otherwise;
}

function binary(reader: Reader, level: number): TypedValue | undefined {
  if (level === BINARY_LEVELS.length) return unary(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const operator = reader.tokens[reader.at];
    if (operator === undefined || !BINARY_LEVELS[level]!.includes(operator)) return left;
    reader.at++;
    const right = binary(reader, level + 1);
    left = left && right && binaryValue(operator, left, right);
  }
}

function unary(reader: Reader): TypedValue | undefined {
  const token = reader.tokens[reader.at];
  if (token === '~' || token === '-' || token === '+' || token === '!') {
    reader.at++;
    const operand = unary(reader);
    return operand && unaryValue(token, operand);
  }
  return primary(reader);
}

function primary(reader: Reader): TypedValue | undefined {
  const token = reader.tokens[reader.at++];
  if (token === undefined) return undefined;
  if (token === '(') {
    const type = castAt(reader);
    if (type !== undefined) {
      const operand = unary(reader);
      return operand && castValue(operand, type);
    }
    const inner = conditional(reader);
    return reader.tokens[reader.at++] === ')' ? inner : undefined;
  }
  if (/^\d/.test(token)) return literal(token);
  if (!/^[A-Za-z_]/.test(token)) return undefined;
  return reader.tokens[reader.at] === '(' ? call(reader, token) : named(reader, token);
}

function literal(token: string): TypedValue | undefined {
  const digits = token.replace(/[uUlL]+$/, '');
  if (/^0\d/.test(digits) && !/^[0-7]+$/.test(digits)) return undefined;
  return literalValue(token, BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits));
}

/** Reads `type)`; leaves the reader where it is if what follows is no integer type. */
function castAt(reader: Reader): CType | undefined {
  const { tokens, at, names } = reader;
  const close = tokens.indexOf(')', at);
  const words = tokens.slice(at, close);
  if (close <= at || !words.every((word) => /^[A-Za-z_]/.test(word))) return undefined;
  const [first] = words;
  const type =
    words.length > 1
      ? integerOfWords(words)
      : (builtinType(first!) ?? integerOfWords(words) ?? names.type(first!));
  if (type?.kind !== 'integer') return undefined;
  reader.at = close + 1;
  return type;
}

function named({ names, depth }: Reader, name: string): TypedValue | undefined {
  const macro = names.macro(name);
  if (macro === undefined) {
    const value = names.enumerator(name);
    return value === undefined ? undefined : valueOf(value);
  }
  return macro.parameters === undefined ? parse(macro.body, names, depth + 1) : undefined;
}

/** Reads `name(a, b)`; the arguments stay texts until they are needed. */
function call(reader: Reader, name: string): TypedValue | undefined {
  const args = argumentsOf(reader);
  if (args === undefined) return undefined;
  const { names, depth } = reader;
  const at = (i: number): TypedValue | undefined =>
    args[i] === undefined ? undefined : parse(args[i], names, depth + 1);
  const known = KNOWN.get(name);
  if (known !== undefined) {
    const values = known.takes.map(at).filter((value) => value !== undefined);
    return values.length === known.takes.length ? known.value(...values) : undefined;
  }
  const macro = names.macro(name);
  if (macro?.parameters?.length !== args.length) return undefined;
  const replace = new Map(macro.parameters.map((parameter, i) => [parameter, `(${args[i]!})`]));
  const body = macro.body.replace(/[A-Za-z_]\w*/g, (word) => replace.get(word) ?? word);
  return parse(body, names, depth + 1);
}

function argumentsOf(reader: Reader): string[] | undefined {
  const args: string[][] = [[]];
  let depth = 0;
  for (reader.at++; reader.at < reader.tokens.length; reader.at++) {
    const token = reader.tokens[reader.at]!;
    if (token === ')' && depth === 0) {
      reader.at++;
      return args.map((part) => part.join(' '));
    }
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (token === ',' && depth === 0) args.push([]);
    else args.at(-1)!.push(token);
  }
  return undefined;
}

interface KnownMacro {
  /** Which arguments count; the others are types and suffixes. */
  readonly takes: readonly number[];
  readonly value: (...values: readonly TypedValue[]) => TypedValue | undefined;
}

type Meaning = (a: TypedValue, b: TypedValue) => TypedValue | undefined;

const one = (value: (a: TypedValue) => TypedValue | undefined): KnownMacro => ({
  takes: [0],
  value: (a) => value(a),
});
const two = (value: Meaning): KnownMacro => ({
  takes: [0, 1],
  value: (a, b) => value(a, b),
});
/** Computes in `unsigned long`, as the macros of include/linux/bits.h and bitfield.h do. */
const long = (value: bigint): TypedValue => wrapValue(value, 64, true);
const same = one((a) => a);
const asLong = one(({ value }) => long(value));
const bitOf = one(({ value }) => (value < 0n || value > 63n ? undefined : long(1n << value)));
const maskOf = two(({ value: high }, { value: low }) =>
  low < 0n || high > 63n || high < low ? undefined : long((1n << (high + 1n)) - (1n << low)),
);
const lowest = (mask: bigint): bigint => mask & -mask;
const prepare = two(({ value: mask }, { value }) =>
  mask === 0n ? undefined : long((value * lowest(mask)) & mask),
);

/** Macros whose definition is no expression that could be read as such. */
const KNOWN: ReadonlyMap<string, KnownMacro> = new Map(
  Object.entries({
    BIT: bitOf,
    BIT_ULL: bitOf,
    _BITUL: bitOf,
    _BITULL: bitOf,
    BIT_U32: bitOf,
    BIT_U64: bitOf,
    GENMASK: maskOf,
    GENMASK_ULL: maskOf,
    GENMASK_U32: maskOf,
    GENMASK_U64: maskOf,
    FIELD_PREP: prepare,
    FIELD_PREP_CONST: prepare,
    FIELD_GET: two(({ value: mask }, { value }) =>
      mask === 0n ? undefined : long((value & mask) / lowest(mask)),
    ),
    FIELD_MAX: one(({ value: mask }) => (mask === 0n ? undefined : long(mask / lowest(mask)))),
    UL: asLong,
    ULL: asLong,
    _UL: asLong,
    _ULL: asLong,
    _AC: same,
    _AT: { takes: [1], value: (a) => long(a.value) },
    // On a little-endian CPU, as all are that these tables are for.
    cpu_to_le64: asLong,
    cpu_to_le32: same,
    ilog2: one(({ value }) =>
      value <= 0n ? undefined : valueOf(BigInt(value.toString(2).length - 1)),
    ),
  }),
);
