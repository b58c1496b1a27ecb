import type { Confidence, Severity } from '../checkers/finding.ts';
import type { Problem } from '../text/problem.ts';
import type { ReviewedFinding } from './review.ts';

/** What of the findings is shown. */
export interface Shown {
  /** Lowest severity. */
  readonly severity: Severity;
  readonly confidences: ReadonlySet<Confidence>;
  /** Findings in files that are only included: one for all builds, or one for each. */
  readonly builds: 'merged' | 'separate';
}

/** What `check` shows when nobody asks for more or less. */
export const shownByCheck: Shown = {
  severity: 'warning',
  confidences: new Set<Confidence>(['high', 'medium']),
  builds: 'merged',
};

const rank: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 };

/** Drops what is not to be shown, makes one of what was found several times, and sorts by file and place. */
export function settle(findings: readonly ReviewedFinding[], shown: Shown): ReviewedFinding[] {
  const settled = new Map<string, ReviewedFinding>();
  for (const finding of findings) {
    if (rank[finding.severity] < rank[shown.severity]) continue;
    if (!shown.confidences.has(finding.confidence)) continue;
    // One defect, seen in several `#if` readings or builds: they agree on rule and place.
    const { rule, file, span } = finding;
    const build = shown.builds === 'separate' ? finding.builds.join() : '';
    const key = [rule, file, span.start, span.end, build].join('\0');
    const known = settled.get(key);
    if (known === undefined) {
      settled.set(key, finding);
      continue;
    }
    const builds = [...new Set([...known.builds, ...finding.builds])].sort();
    settled.set(key, { ...known, builds });
  }
  return [...settled.values()].sort(byPlace);
}

/** Order of findings in every report; a total one, so that it does not depend on who found what first. */
export function byPlace(a: ReviewedFinding, b: ReviewedFinding): number {
  return (
    compare(a.file, b.file) ||
    a.range.start.line - b.range.start.line ||
    a.range.start.column - b.range.start.column ||
    a.span.end - b.span.end ||
    compare(a.rule, b.rule) ||
    compare(a.builds.join(), b.builds.join()) ||
    compare(a.message, b.message)
  );
}

/** Each problem once, sorted by file, line, function and reason. */
export function settleProblems(problems: readonly Problem[]): Problem[] {
  const settled = new Map<string, Problem>();
  for (const problem of problems) {
    const key = [problem.file, problem.line, problem.function, problem.reason].join('\0');
    settled.set(key, problem);
  }
  return [...settled.values()].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      compare(a.function ?? '', b.function ?? '') ||
      compare(a.reason, b.reason),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
