import type { Frame } from './executor.ts';
import type { QuestionKind } from './questionKind.ts';
import type { Value } from './values.ts';

/** One decision of a path that nothing determined. */
export interface Choice {
  readonly question: string;
  readonly kind: QuestionKind;
  readonly options: number;
  readonly taken: number;
  readonly value: Value;
}

/** Something the C does not determine, with the values it may have; the first is the usual one. */
export interface Question {
  readonly text: string;
  readonly kind: QuestionKind;
  readonly options: readonly Value[];
  /** The C function that asks. */
  readonly frame: Frame | undefined;
}

/** Decides what nothing else determines. The same decisions give the same path. */
export interface Chooser {
  readonly made: readonly Choice[];
  take(question: Question): Value;
}

/**
 * The decisions of one path as a string of digits: the n-th digit is the option taken at the n-th
 * question, missing digits are 0. A fork is a rerun with another string; no state is copied.
 */
export class ChoiceString implements Chooser {
  readonly made: Choice[] = [];
  private readonly digits: readonly number[];

  constructor(digits: readonly number[] = []) {
    this.digits = digits;
  }

  /** Answers a question with one of its options. */
  take({ text, kind, options }: Question): Value {
    const wanted = this.digits[this.made.length] ?? 0;
    const taken = Math.min(wanted, options.length - 1);
    const value = options[taken];
    this.made.push({ question: text, kind, options: options.length, taken, value });
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
