import { applyOperator, BINARY_LEVELS } from '../../text/constantOperators.ts';
import type { Atom } from '../lex/atoms.ts';
import { kindOf, spellingOf } from '../lex/atoms.ts';
import { characterValue, parseInteger } from '../lex/literals.ts';

const bit = (value: boolean): bigint => (value ? 1n : 0n);

/** In 64 signed bits, as the preprocessor counts; what has no value there is 0. */
function apply(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '<<') return BigInt.asIntN(64, a << BigInt.asUintN(6, b));
  if (operator === '>>') return a >> BigInt.asUintN(6, b);
  return applyOperator(operator, a, b) ?? 0n;
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
  const primary = (): bigint => {
    const atom = atoms[at++];
    if (atom === undefined) return 0n;
    const text = spellingOf(atom);
    switch (kindOf(atom)) {
      case 'number':
        return parseInteger(text)?.value ?? 0n;
      case 'character':
        return BigInt(characterValue(text));
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
    if (text === '!') return bit(primary() === 0n);
    if (text === '-') return -primary();
    if (text === '~') return ~primary();
    return text === '+' ? primary() : 0n;
  };
  const binary = (level: number): bigint => {
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
  const conditional = (): bigint => {
    const condition = binary(0);
    if (spelling() !== '?') return condition;
    at++;
    const then = conditional();
    at++;
    const otherwise = conditional();
    return condition !== 0n ? then : otherwise;
  };
  return conditional() !== 0n;
}
