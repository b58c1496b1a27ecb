import type { KeyedChoice } from '../run/keyedChooser.ts';

/** Contracts about values: inputs that do not fit together break them by themselves. */
export const HANG_ON_VALUES: ReadonlySet<string> = new Set([
  ...['C-FREE-ARGUMENTS', 'C-UNMAP-ARGUMENTS', 'C-UNMAP-SIZE', 'C-NENTS', 'C-CRASH'],
]);

const AFTER_A_CALL = / after .*\(\)$/;

/** Whether a choice made an input up. What an unknown function left as it was, it did not invent. */
export function isInvented({ kind, question, taken }: KeyedChoice): boolean {
  return kind === 'input' && !(taken === 0 && AFTER_A_CALL.test(question));
}

/** Whether an unknown function is assumed to have written over what was there before. */
export function isOverwritten({ kind, question, taken }: KeyedChoice): boolean {
  return kind === 'input' && taken !== 0 && AFTER_A_CALL.test(question);
}
