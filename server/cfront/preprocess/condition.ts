import { applyOperator, BINARY_LEVELS } from '../../text/constantOperators.ts';
import type { Atom } from '../lex/atoms.ts';
import { kindOf, spellingOf } from '../lex/atoms.ts';
import { characterValue, parseInteger } from '../lex/literals.ts';

/** A value of a condition: all integers have the width of intmax_t there (C11 6.10.1, 4). */
interface Counted {
  readonly value: bigint;
  readonly unsigned: boolean;
}

const bit = (value: boolean): Counted => ({ value: value ? 1n : 0n, unsigned: false });
const NOTHING = bit(false);

const counted = (value: bigint, unsigned: boolean): Counted => ({
  ...{ value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value), unsigned },
});

const TRUTH = new Set(['||', '&&', '==', '!=', '<', '>', '<=', '>=']);

/** What has no value there is 0. */
function apply(operator: string, a: Counted, b: Counted): Counted {
  const by = BigInt.asUintN(6, b.value);
  if (operator === '<<') return counted(a.value << by, a.unsigned);
  if (operator === '>>') return counted(a.value >> by, a.unsigned);
  const unsigned = a.unsigned || b.unsigned;
  const left = counted(a.value, unsigned).value;
  const value = applyOperator(operator, left, counted(b.value, unsigned).value) ?? 0n;
  return counted(value, unsigned && !TRUTH.has(operator));
}

/**
 * Value of a controlling expression whose `defined` operators and macros are replaced already.
 * Identifiers that remain are 0 (`true` is 1), as the standard says. A malformed rest is ignored.
 */
export function evaluateCondition(atoms: readonly Atom[]): boolean {
  let at = 0;
  const spelling = (): string | undefined => {
    const atom = atoms[at];
    return atom === undefined ? undefined : spellingOf(atom);
  };
  const primary = (): Counted => {
    const atom = atoms[at++];
    if (atom === undefined) return NOTHING;
    const text = spellingOf(atom);
    switch (kindOf(atom)) {
      case 'number':
        return integer(text);
      case 'character':
        return counted(BigInt(characterValue(text)), false);
      case 'identifier':
        return bit(text === 'true');
      default:
        break;
    }
    if (text === '(') {
      const value = conditional();
      if (spelling() === ')') at++;
      return value;
    }
    if (text === '!') return bit(primary().value === 0n);
    if (text === '+') return primary();
    if (text !== '-' && text !== '~') return NOTHING;
    const { value, unsigned } = primary();
    return counted(text === '-' ? -value : ~value, unsigned);
  };
  const binary = (level: number): Counted => {
    const operators = BINARY_LEVELS[level];
    if (operators === undefined) return primary();
    let value = binary(level + 1);
    for (;;) {
      const operator = spelling();
      if (operator === undefined || !operators.includes(operator)) return value;
      at++;
      value = apply(operator, value, binary(level + 1));
    }
  };
  const conditional = (): Counted => {
    const condition = binary(0);
    if (spelling() !== '?') return condition;
    at++;
    const then = conditional();
    at++;
    const otherwise = conditional();
    return condition.value !== 0n ? then : otherwise;
  };
  return conditional().value !== 0n;
}

/** A literal too large for the signed type is unsigned, as one with a `u` is. */
function integer(text: string): Counted {
  const literal = parseInteger(text);
  if (literal === undefined) return NOTHING;
  const { value, unsigned } = literal;
  return counted(value, unsigned || value >= 1n << 63n);
}
