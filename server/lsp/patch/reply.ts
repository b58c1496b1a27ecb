import { commentLine } from '../../report/reply/reply.ts';
import { commentOf } from '../../report/reply/comment.ts';
import { replyMail } from '../../report/reply/mail.ts';
import { mailColumns, wrap } from '../../report/reply/wrap.ts';
import type { ChangeFinding, PatchReview, SeriesReview } from '../../review/patch/seriesReview.ts';
import { allRules } from '../../review/ruleSet.ts';
import type { ReplyParams, ReplyText } from '../messages.ts';
import type { PatchAnswer } from './patches.ts';

/** The mail that answers one patch with the comments that the reviewer kept; null without any. */
export function replyText(
  { series, review }: Pick<PatchAnswer, 'series' | 'review'>,
  { patch, comments }: Omit<ReplyParams, 'uri'>,
): ReplyText | null {
  const answered = review.patches[patch]?.patch ?? series.patches[patch];
  if (answered === undefined || comments.length === 0) return null;
  const mail = replyMail(
    answered,
    comments.map(({ line, text }) => ({ line: line + 1, text: wrapped(text) })),
  );
  return { mail, body: mail.slice(mail.indexOf('\n\n') + 2) };
}

/** The words that a finding is commented with, and the line of the document that they stand at, from 0. */
export function draftOf(
  finding: ChangeFinding,
  { patch }: PatchReview,
  review: SeriesReview,
): { readonly text: string; readonly line: number } {
  return {
    text: commentOf(finding, { review, rules: allRules }),
    line: commentLine(patch, finding) - 1,
  };
}

/** What the reviewer typed, wrapped for mail. Code and quotes, which begin with white space or `>`, stay as they are. */
function wrapped(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .flatMap((line) => (line.length <= mailColumns || /^[\s>]/.test(line) ? [line] : wrap(line)))
    .join('\n');
}
