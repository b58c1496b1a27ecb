import { applyOperator, BINARY_LEVELS } from '../../text/constantOperators.ts';

/** What the evaluation of an expression may ask about names. */
export interface ConstantNames {
  /** The definition of a macro: its parameters (undefined for one without) and its body. */
  macro(
    name: string,
  ): { readonly parameters: readonly string[] | undefined; readonly body: string } | undefined;
  /** Value of an enumerator. */
  enumerator(name: string): bigint | undefined;
}

const WORD_MASK = (1n << 64n) - 1n;
const DEEPEST = 24;
const CASTS =
  /^(?:u8|u16|u32|u64|__u32|__u64|s64|int|unsigned|long|phys_addr_t|dma_addr_t|pt_vaddr_t|pt_oaddr_t|pteval_t|arm_lpae_iopte|size_t)$/;

/**
 * Value of a constant expression of kernel C, in 64 unsigned bits: shifts, BIT, GENMASK, FIELD_PREP and macros made of them.
 * Gives undefined for everything that is no constant; it never throws.
 */
export function evaluateConstant(text: string, names: ConstantNames): bigint | undefined {
  const value = parse(text, names, 0);
  return value === undefined ? undefined : value & WORD_MASK;
}

function parse(text: string, names: ConstantNames, depth: number): bigint | undefined {
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
  /\s+|\/\*[^]*?\*\/|(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*|([A-Za-z_]\w*)|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!()<>?:,.[\]{}"'])/y;

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

function conditional(reader: Reader): bigint | undefined {
  const condition = binary(reader, 0);
  if (reader.tokens[reader.at] !== '?') return condition;
  reader.at++;
  const then = conditional(reader);
  if (reader.tokens[reader.at] !== ':') return undefined;
  reader.at++;
  const otherwise = conditional(reader);
  if (condition === undefined) return undefined;
  return condition !== 0n ? then : otherwise;
}

function binary(reader: Reader, level: number): bigint | undefined {
  if (level === BINARY_LEVELS.length) return unary(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const operator = reader.tokens[reader.at];
    if (operator === undefined || !BINARY_LEVELS[level]!.includes(operator)) return left;
    reader.at++;
    const right = binary(reader, level + 1);
    left = left === undefined || right === undefined ? undefined : apply(operator, left, right);
  }
}

/** In 64 unsigned bits, as entries are counted; a shift out of the word has no value. */
function apply(operator: string, a: bigint, b: bigint): bigint | undefined {
  if (operator !== '<<' && operator !== '>>') return applyOperator(operator, a, b);
  if (b < 0n || b > 63n) return undefined;
  return operator === '<<' ? (a << b) & WORD_MASK : (a & WORD_MASK) >> b;
}

function unary(reader: Reader): bigint | undefined {
  const token = reader.tokens[reader.at];
  if (token === '~' || token === '-' || token === '+' || token === '!') {
    reader.at++;
    const operand = unary(reader);
    if (operand === undefined) return undefined;
    if (token === '~') return ~operand & WORD_MASK;
    if (token === '!') return operand === 0n ? 1n : 0n;
    return token === '-' ? -operand : operand;
  }
  return primary(reader);
}

function primary(reader: Reader): bigint | undefined {
  const token = reader.tokens[reader.at++];
  if (token === undefined) return undefined;
  if (token === '(') {
    if (isCast(reader)) {
      while (reader.tokens[reader.at] !== ')') reader.at++;
      reader.at++;
      return unary(reader);
    }
    const inner = conditional(reader);
    return reader.tokens[reader.at++] === ')' ? inner : undefined;
  }
  if (/^0\d/.test(token)) return /^[0-7]+$/.test(token) ? BigInt(`0o${token}`) : undefined;
  if (/^\d/.test(token)) return BigInt(token);
  if (!/^[A-Za-z_]/.test(token)) return undefined;
  return reader.tokens[reader.at] === '(' ? call(reader, token) : named(reader, token);
}

function isCast({ tokens, at }: Reader): boolean {
  let end = at;
  while (end < tokens.length && CASTS.test(tokens[end]!)) end++;
  return end > at && tokens[end] === ')';
}

function named({ names, depth }: Reader, name: string): bigint | undefined {
  const macro = names.macro(name);
  if (macro === undefined) return names.enumerator(name);
  return macro.parameters === undefined ? parse(macro.body, names, depth + 1) : undefined;
}

/** Reads `name(a, b)`; the arguments stay texts until they are needed. */
function call(reader: Reader, name: string): bigint | undefined {
  const args = argumentsOf(reader);
  if (args === undefined) return undefined;
  const { names, depth } = reader;
  const at = (i: number): bigint | undefined =>
    args[i] === undefined ? undefined : parse(args[i], names, depth + 1);
  const known = KNOWN.get(name);
  if (known !== undefined) {
    const values = known.takes.map(at);
    return values.includes(undefined) ? undefined : known.value(...(values as bigint[]));
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
  readonly value: (...values: readonly bigint[]) => bigint | undefined;
}

const one = (value: (a: bigint) => bigint | undefined): KnownMacro => ({
  takes: [0],
  value: (a) => value(a),
});
const two = (value: (a: bigint, b: bigint) => bigint | undefined): KnownMacro => ({
  takes: [0, 1],
  value: (a, b) => value(a, b),
});
const same = one((a) => a);
const bitOf = one((a) => (a < 0n || a > 63n ? undefined : 1n << a));
const maskOf = two((high, low) =>
  low < 0n || high > 63n || high < low ? undefined : (1n << (high + 1n)) - (1n << low),
);
const prepare = two((mask, value) => (mask === 0n ? undefined : (value * (mask & -mask)) & mask));

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
    FIELD_GET: two((mask, value) => (mask === 0n ? undefined : (value & mask) / (mask & -mask))),
    FIELD_MAX: one((mask) => (mask === 0n ? undefined : mask / (mask & -mask))),
    UL: same,
    ULL: same,
    _UL: same,
    _ULL: same,
    _AC: same,
    _AT: { takes: [1], value: (a) => a },
    cpu_to_le64: same,
    cpu_to_le32: same,
    cpu_to_be64: same,
    ilog2: one((a) => (a <= 0n ? undefined : BigInt(a.toString(2).length - 1))),
    __sme_set: same,
  }),
);
