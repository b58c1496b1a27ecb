import { BINARY_LEVELS } from '../text/constantOperators.ts';

/**
 * What a condition gives: a number, or nothing where it depends on what is not known.
 * As in C, every number but 0 is true.
 */
type Value = number | undefined;

/** What is taken for granted about names in a condition. */
interface Assumptions {
  /** The value of a name, undefined where it is not known. */
  valueOf(name: string): Value;
  isDefined(name: string): boolean | undefined;
}

/** Macros that are the same in every kernel C file: this is C, not assembly or C++, and it is the kernel. */
const fixed: ReadonlyMap<string, boolean> = new Map([
  ['__KERNEL__', true],
  ['__cplusplus', false],
  ['__ASSEMBLY__', false],
  ['__ASSEMBLER__', false],
]);

/** Nothing is known but the language: what is false here is never compiled. */
const anyConfiguration: Assumptions = {
  valueOf: (name) => {
    const known = fixed.get(name);
    return known === undefined ? undefined : Number(known);
  },
  isDefined: (name) => fixed.get(name),
};

/** CONFIG_ symbols that exclude the common 64-bit little-endian build. */
const configOff: ReadonlySet<string> = new Set(['CONFIG_32BIT', 'CONFIG_CPU_BIG_ENDIAN']);
const commonValues: ReadonlyMap<string, number> = new Map([
  ['BITS_PER_LONG', 64],
  ['__BITS_PER_LONG', 64],
  ['PAGE_SHIFT', 12],
  ['PAGE_SIZE', 4096],
]);
const commonDefined: ReadonlyMap<string, boolean> = new Map([
  ['__LITTLE_ENDIAN', true],
  ['__LITTLE_ENDIAN_BITFIELD', true],
  ['__BIG_ENDIAN', false],
  ['__BIG_ENDIAN_BITFIELD', false],
]);

/** The default: every CONFIG_ symbol on, 64-bit, little-endian. */
const commonConfiguration: Assumptions = {
  valueOf(name) {
    if (name.startsWith('CONFIG_')) return configOff.has(name) ? 0 : 1;
    return anyConfiguration.valueOf(name) ?? commonValues.get(name);
  },
  isDefined(name) {
    if (name.startsWith('CONFIG_')) return !configOff.has(name);
    return anyConfiguration.isDefined(name) ?? commonDefined.get(name);
  },
};

/**
 * What the file itself says about a macro outside of every `#if` before: the number it is defined as, `unread` for a
 * definition that is no number, `undefined` after `#undef`. Names that only some branch defines are not in it.
 */
export type OwnMacros = ReadonlyMap<string, number | 'unread' | 'undefined'>;

/** The words of the file before what is taken for granted. */
function knowing(own: OwnMacros, others: Assumptions): Assumptions {
  if (own.size === 0) return others;
  return {
    valueOf: (name) => {
      const said = own.get(name);
      if (said === undefined) return others.valueOf(name);
      return said === 'undefined' ? 0 : said === 'unread' ? undefined : said;
    },
    isDefined: (name) => {
      const said = own.get(name);
      return said === undefined ? others.isDefined(name) : said !== 'undefined';
    },
  };
}

const nothing: OwnMacros = new Map();

/** How a branch stands: `never` compiled as kernel C, off or on in the default configuration. */
export type Verdict = 'never' | 'off' | 'on';

/**
 * Judges one branch by its own condition, without regard to the branches before it.
 * A condition that depends on what is not known counts as on: the first branch of a group is the usual one.
 */
export function judge(directive: string, condition: string, own: OwnMacros = nothing): Verdict {
  if (directive === 'else') return 'on';
  const inAny = evaluate(directive, condition, knowing(own, anyConfiguration));
  if (inAny !== undefined) return inAny === 0 ? 'never' : 'on';
  const usual = evaluate(directive, condition, knowing(own, commonConfiguration));
  return usual === 0 ? 'off' : 'on';
}

function evaluate(directive: string, condition: string, assume: Assumptions): Value {
  if (directive.endsWith('ndef')) return not(toValue(assume.isDefined(condition)));
  if (directive.endsWith('def')) return toValue(assume.isDefined(condition));
  return new ConditionReader(condition, assume).read();
}

const toValue = (known: boolean | undefined): Value =>
  known === undefined ? undefined : Number(known);
const not = (value: Value): Value => (value === undefined ? undefined : Number(value === 0));

const tokenPattern =
  /\s*(?:([A-Za-z_]\w*)|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|(\|\||&&|[=!<>]=|<<|>>|[-+*/%&|^~!<>()?:,]))/y;

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  '%': (a, b) => (b === 0 ? 0 : a % b),
};

/** Macros of include/linux/kconfig.h that ask for a CONFIG_ symbol. */
const configQueries: ReadonlySet<string> = new Set([
  'IS_ENABLED',
  'IS_BUILTIN',
  'IS_REACHABLE',
  'IS_MODULE',
]);

/** Reads a condition by precedence; three-valued, so that `0 && unknown` is 0. */
class ConditionReader {
  private readonly tokens: string[] = [];
  private at = 0;
  private readonly assume: Assumptions;

  constructor(condition: string, assume: Assumptions) {
    this.assume = assume;
    tokenPattern.lastIndex = 0;
    // The limit keeps hostile nesting off the stack; real conditions have some dozen tokens.
    while (this.tokens.length < 300) {
      const match = tokenPattern.exec(condition);
      if (match === null) break;
      this.tokens.push(match[1] ?? match[2] ?? match[3]!);
    }
  }

  read(): Value {
    const value = this.conditional();
    // What is left over was not understood, so nothing is known.
    return this.at === this.tokens.length ? value : undefined;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private conditional(): Value {
    const condition = this.binary(0);
    if (!this.take('?')) return condition;
    const yes = this.conditional();
    if (!this.take(':')) return undefined;
    const no = this.conditional();
    if (condition === undefined) return undefined;
    return condition !== 0 ? yes : no;
  }

  private binary(level: number): Value {
    const operators = BINARY_LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.tokens[this.at];
      if (operator === undefined || !operators.includes(operator)) return left;
      this.at++;
      left = combine(operator, left, this.binary(level + 1));
    }
  }

  private unary(): Value {
    if (this.take('!')) return not(this.unary());
    if (this.take('-')) {
      const value = this.unary();
      return value === undefined ? undefined : -value;
    }
    if (this.take('+')) return this.unary();
    if (this.take('~')) {
      const value = this.unary();
      return value === undefined ? undefined : ~value;
    }
    return this.primary();
  }

  private primary(): Value {
    if (this.take('(')) {
      const value = this.conditional();
      return this.take(')') ? value : undefined;
    }
    const token = this.tokens[this.at];
    if (token === undefined) return undefined;
    this.at++;
    if (/^\d/.test(token)) return Number(/^0\d/.test(token) ? `0o${token.slice(1)}` : token);
    if (token === 'defined') return this.definedName();
    if (this.tokens[this.at] !== '(') return this.assume.valueOf(token);
    const name = this.tokens[this.at + 1] ?? '';
    const known = configQueries.has(token) ? toValue(this.assume.isDefined(name)) : undefined;
    this.skipArguments();
    return known;
  }

  private definedName(): Value {
    const parenthesised = this.take('(');
    const name = this.tokens[this.at++] ?? '';
    if (parenthesised) this.take(')');
    return toValue(this.assume.isDefined(name));
  }

  private skipArguments(): void {
    let depth = 0;
    do {
      if (this.tokens[this.at] === '(') depth++;
      else if (this.tokens[this.at] === ')') depth--;
      this.at++;
    } while (depth > 0 && this.at < this.tokens.length);
  }
}

function combine(operator: string, left: Value, right: Value): Value {
  if (operator === '&&') {
    if (left === 0 || right === 0) return 0;
    return left === undefined || right === undefined ? undefined : 1;
  }
  if (operator === '||') {
    if ((left ?? 0) !== 0 || (right ?? 0) !== 0) return 1;
    return left === undefined || right === undefined ? undefined : 0;
  }
  if (left === undefined || right === undefined) return undefined;
  return arithmetic[operator]!(left, right);
}
