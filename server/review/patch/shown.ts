import type { Confidence, Severity } from '../../checkers/finding.ts';
import type { ReviewedFinding } from '../review.ts';
import type { HunkPlace } from './seriesReview.ts';

/** What of the findings of a change is shown. */
export interface ChangeShown {
  /** Lowest severity. */
  readonly severity: Severity;
  /** Findings of low confidence: on lines that the patch changes, or wherever they are. */
  readonly lowConfidence: 'on-changed-lines' | 'everywhere';
}

/** What `review` shows when nobody asks for more or less. */
export const shownByReview: ChangeShown = { severity: 'info', lowConfidence: 'on-changed-lines' };

/** All there are: what is shown is decided when the status is known. */
export const everyConfidence: ReadonlySet<Confidence> = new Set(['high', 'medium', 'low']);

const rank: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 };

/** Whether a finding at a place of the patch is shown. */
export function isShown(
  finding: ReviewedFinding,
  place: HunkPlace | undefined,
  shown: ChangeShown,
): boolean {
  if (rank[finding.severity] < rank[shown.severity]) return false;
  if (finding.confidence !== 'low' || shown.lowConfidence === 'everywhere') return true;
  return place !== undefined && place.kind !== 'context' && place.kind !== 'head';
}
