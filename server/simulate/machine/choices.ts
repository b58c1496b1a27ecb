import type { Value } from './values.ts';

/** One decision of a path that nothing determined. */
export interface Choice {
  readonly question: string;
  readonly options: number;
  readonly taken: number;
  readonly value: Value;
}

/**
 * The decisions of one path as a string of digits: the n-th digit is the option taken at the n-th
 * question, missing digits are 0. A fork is a rerun with another string; no state is copied.
 */
export class ChoiceString {
  readonly made: Choice[] = [];
  private readonly digits: readonly number[];

  constructor(digits: readonly number[] = []) {
    this.digits = digits;
  }

  /** Answers a question with one of its options. */
  take(question: string, options: readonly Value[]): Value {
    const wanted = this.digits[this.made.length] ?? 0;
    const taken = Math.min(wanted, options.length - 1);
    const value = options[taken];
    this.made.push({ question, options: options.length, taken, value });
    return value;
  }

  /** The string this path followed. */
  get text(): string {
    return this.made.map(({ taken }) => taken.toString(36)).join('');
  }
}

/** The strings that differ from a finished path in one later decision, in the order to try them. */
export function alternatives(path: ChoiceString, fixed: number): number[][] {
  const found: number[][] = [];
  for (let i = path.made.length - 1; i >= fixed; i--) {
    const { options, taken } = path.made[i]!;
    for (let option = taken + 1; option < options; option++) {
      found.push([...path.made.slice(0, i).map((choice) => choice.taken), option]);
    }
  }
  return found;
}
