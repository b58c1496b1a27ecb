import type { Pair } from '../run/pair.ts';

/** What making a machine for one run costs, in steps. */
const STEPS_PER_RUN = 1_000;
/** What a choice costs beside the step that asks for it: mostly objects that are made up. */
const STEPS_PER_CHOICE = 25;

/** What may be run, counted in steps and not in time, so that a verdict is the same on every machine. */
export class Work {
  /** Unit: steps. */
  readonly limit: number;
  private spent = 0;
  private readonly around: Work | undefined;

  /** Work that is part of other work counts there too. */
  constructor(limit: number, around?: Work) {
    this.limit = limit;
    this.around = around;
  }

  /** Whether nothing more may be run. */
  get isUsedUp(): boolean {
    return this.spent >= this.limit || this.around?.isUsedUp === true;
  }

  /** Counts a pair that was run. */
  count({ before, after }: Pair): void {
    for (const { steps, decisions } of [before, after]) {
      this.add(steps + STEPS_PER_RUN + STEPS_PER_CHOICE * decisions.length);
    }
  }

  private add(steps: number): void {
    this.spent += steps;
    this.around?.add(steps);
  }
}
