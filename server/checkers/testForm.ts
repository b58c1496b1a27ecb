import type { CheckFact } from '../flow/facts.ts';

/** Reads a test against 0 or NULL as written: is it true for zero, or for everything else? */
export function zeroTest(check: CheckFact): 'true-for-zero' | 'true-for-others' | undefined {
  const text = bare(check.text);
  const operand = bare(check.operandText);
  const zero = '(?:0[uUlL]*|NULL)';
  const x = operand.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (new RegExp(`^!${x}$|^${x}==${zero}$|^${zero}==${x}$`).test(text)) return 'true-for-zero';
  if (new RegExp(`^(?:!!)?${x}$|^${x}!=${zero}$|^${zero}!=${x}$`).test(text))
    return 'true-for-others';
  return undefined;
}

/** Without blanks, and without parentheses around the whole. */
function bare(text: string): string {
  const dense = text.replace(/\s+/g, '');
  return /^\([^()]*\)$/.test(dense) ? dense.slice(1, -1) : dense;
}
