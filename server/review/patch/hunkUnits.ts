import { checkers } from '../../checkers/all.generated.ts';
import type { ChangedFile } from '../../patch/change.ts';
import type { Problem } from '../../text/problem.ts';
import type { Slices } from '../../text/slices.ts';
import type { FileReview } from '../review.ts';
import type { ReviewSession } from '../session.ts';
import { hunkText } from './hunkText.ts';

/** Rules whose findings rest on one statement, and hold whatever the unseen rest of the function does. */
const holdInPart: ReadonlySet<string> = new Set(
  checkers.filter(({ meta }) => meta.holdsInPart === true).map(({ meta }) => meta.id),
);

/**
 * Reviews what the hunks show of one side of a file. A function that they show whole is reviewed like any other; of one
 * that they show in part, only findings that no unseen line can undo are kept, and the rest is named as not seen.
 */
export function* hunksAsUnits(
  session: ReviewSession,
  file: ChangedFile,
  side: 'before' | 'after',
): Slices<FileReview> {
  yield 0;
  const { path } = (side === 'before' ? file.before : file.after)!;
  const { text, partial } = hunkText(file, side);
  const review = session.review(path, text);
  const parts = new Map(partial.map((part) => [part.name, part]));
  const notSeen = partial.map(({ name, seen }): Problem => ({
    file: path,
    line: seen[0]!.first,
    function: name,
    reason: `only ${seen.map(({ first, last }) => `lines ${first}-${last}`).join(', ')} are in the patch; the rest was not seen`,
  }));
  return {
    ...review,
    findings: review.findings.filter(
      (finding) => !parts.has(finding.function) || holdInPart.has(finding.rule),
    ),
    // A line that was completed by guessing is not the user's to mend.
    incomplete: [
      ...review.incomplete.filter(({ function: name }) => name === undefined || !parts.has(name)),
      ...notSeen,
    ],
    analysed: Math.max(0, review.functions - partial.length),
  };
}
