import type { Meta } from '../../checkers/checker.ts';
import type { Patch } from '../../patch/patch.ts';
import type { ChangeFinding, SeriesReview } from '../../review/patch/seriesReview.ts';
import { commentOf } from './comment.ts';
import { replyMail } from './mail.ts';

/** The replies to the patches of a series that introduce something: one mail for each, separated as in a mailbox. */
export function seriesReply(review: SeriesReview, rules: readonly Meta[]): string {
  const mails = review.patches.flatMap(({ patch, introduced }) => {
    const told = new Set<string>();
    const comments = inPatchOrder(patch, introduced).map(({ finding, line }) => {
      const text = commentOf(finding, { review, rules, told });
      told.add(finding.rule);
      return { line, text };
    });
    return comments.length === 0 ? [] : [replyMail(patch, comments)];
  });
  if (mails.length < 2) return mails.join('');
  return mails
    .map((mail) => `From iovet Thu Jan  1 00:00:00 1970\n${mail.replace(/^(>*From )/gm, '>$1')}\n`)
    .join('');
}

/** The findings with the lines of the patch that they are commented at. */
function inPatchOrder(
  patch: Patch,
  findings: readonly ChangeFinding[],
): { readonly finding: ChangeFinding; readonly line: number }[] {
  return findings
    .map((finding) => ({ finding, line: commentLine(patch, finding) }))
    .sort((a, b) => a.line - b.line);
}

/** The line of the patch's document at which a finding is commented: its own, else the one that makes it. */
export function commentLine(patch: Patch, { patch: own, cause }: ChangeFinding): number {
  const place = own ?? cause;
  if (place?.document === patch.document) return place.line;
  return patch.files[0]?.line ?? patch.line;
}
