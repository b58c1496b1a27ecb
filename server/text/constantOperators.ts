/** Binary operators of C's constant expressions, loosest first (C11 6.5.5 to 6.5.14). */
export const BINARY_LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const bit = (value: boolean): bigint => (value ? 1n : 0n);

/**
 * Applies a binary operator to integers without a width; undefined for a division by 0. Shifts are left to the caller:
 * what they give depends on the width and sign that it counts in.
 */
export function applyOperator(operator: string, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case '||':
      return bit(a !== 0n || b !== 0n);
    case '&&':
      return bit(a !== 0n && b !== 0n);
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '==':
      return bit(a === b);
    case '!=':
      return bit(a !== b);
    case '<':
      return bit(a < b);
    case '>':
      return bit(a > b);
    case '<=':
      return bit(a <= b);
    case '>=':
      return bit(a >= b);
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    default:
      return undefined;
  }
}
