import type { CodeBlock, Frame } from './executor.ts';

/** Sees the steps of blocks as they are executed: for runs that are shown, which are few. */
export interface StepObserver {
  /** A step, by the numbers of its block and of it there; `run` does it. */
  readonly step: (frame: Frame, block: number, index: number, run: () => void) => void;
  /** A block was left for another one; -1: the function returns. */
  readonly left: (frame: Frame, block: number, next: number) => void;
}

/** Runs the steps of a block under the eyes of an observer. */
export function observeSteps(
  observer: StepObserver,
  frame: Frame,
  index: number,
  { steps, locations }: CodeBlock,
): void {
  for (const [i, step] of steps.entries()) {
    frame.at = locations[i]!;
    observer.step(frame, index, i, () => {
      step(frame);
    });
  }
}
