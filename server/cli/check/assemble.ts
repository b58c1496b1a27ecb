import type { Kernel, Review } from '../../review/review.ts';
import type { SessionSettings } from '../../review/session.ts';
import { settle, settleProblems } from '../../review/settle.ts';
import type { Problem } from '../../text/problem.ts';
import { type Outcome, shownPath } from './job.ts';
import type { Targets } from './targets.ts';

/** A run's answer, and the files named by the user that could not be used at all. */
export interface Assembled {
  readonly review: Review;
  readonly unusable: readonly Problem[];
}

/** Puts the outcomes of a run together. What could not be read is named; binary files of a folder are counted. */
export function assemble(
  targets: Targets,
  outcomes: readonly Outcome[],
  settings: SessionSettings,
  kernel: Kernel,
): Assembled {
  const reviews = outcomes.flatMap((outcome) =>
    outcome.kind === 'reviewed' ? [outcome.review] : [],
  );
  const unusable: Problem[] = [...targets.unusable];
  const incomplete: Problem[] = targets.problems.map((problem) => ({
    ...problem,
    file: shownPath(problem.file, settings.root),
  }));
  let binary = 0;
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'unreadable') continue;
    if (targets.named.has(targets.files[i]!)) unusable.push(outcome.problem);
    else if (outcome.problem.reason.startsWith('not text')) binary++;
    else incomplete.push(outcome.problem);
  }
  const sum = (of: (review: (typeof reviews)[number]) => number): number =>
    reviews.reduce((total, review) => total + of(review), 0);
  return {
    unusable,
    review: {
      kernel,
      findings: settle(
        reviews.flatMap(({ findings }) => findings),
        settings.shown,
      ),
      incomplete: settleProblems([
        ...incomplete,
        ...reviews.flatMap((review) => review.incomplete),
      ]),
      notLookedAt: [
        ...targets.notLookedAt,
        ...(binary === 0 ? [] : [{ what: 'binary', count: binary }]),
      ],
      files: { offered: targets.files.length, analysed: reviews.length },
      functions: {
        total: sum((review) => review.functions),
        analysed: sum((review) => review.analysed),
      },
      suppressed: sum((review) => review.suppressed),
    },
  };
}
