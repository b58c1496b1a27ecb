import { checkers } from '../../checkers/all.generated.ts';
import type { ChangedFile } from '../../patch/change.ts';
import type { Problem } from '../../text/problem.ts';
import type { Slices } from '../../text/slices.ts';
import type { FileReview, ReviewedFinding } from '../review.ts';
import type { ReviewSession } from '../session.ts';
import { hunkText, unnamed } from './hunkText.ts';

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
  const at = (side === 'before' ? file.before : file.after)!;
  const { path } = at;
  const { text, partial } = hunkText(file, side);
  const parts = new Map(partial.map((part) => [part.name, part]));
  const { review, left } = reviewWhatParses(session, path, text, parts);
  const notSeen = partial.map(({ name, seen }): Problem => ({
    file: path,
    line: seen[0]!.first,
    ...named(name),
    reason: `only ${seen.map(({ first, last }) => `lines ${first}-${last}`).join(', ')} are in the patch; the rest was not seen`,
  }));
  const original = at.text.split('\n');
  const asInPatch = (findings: readonly ReviewedFinding[]): ReviewedFinding[] =>
    findings
      .filter((finding) => !parts.has(finding.function) || holdInPart.has(finding.rule))
      // The line as the patch has it, without the braces that completed it.
      .map((finding) => ({
        ...finding,
        function: finding.function.startsWith(unnamed) ? '' : finding.function,
        lineText: original[finding.range.start.line - 1] ?? '',
      }));
  return {
    ...review,
    findings: asInPatch(review.findings),
    allowed: asInPatch(review.allowed),
    // A line that was completed by guessing is not the user's to mend.
    incomplete: [
      ...review.incomplete.filter(({ function: name }) => name === undefined || !parts.has(name)),
      ...notSeen,
      ...left,
    ],
    analysed: Math.max(0, review.functions - partial.length),
  };
}

/** The function of a problem, where it has a name. */
const named = (name: string): { readonly function?: string } =>
  name === '' || name.startsWith(unnamed) ? {} : { function: name };

/** Lines that are left out one after the other, until what is left of a function can be read. */
const mostLeftOut = 8;

/** Reviews a text; where a part of a function is not understood (a line was wrapped, a macro cut), without that line. */
function reviewWhatParses(
  session: ReviewSession,
  path: string,
  text: string,
  parts: ReadonlyMap<string, unknown>,
): { readonly review: FileReview; readonly left: readonly Problem[] } {
  const lines = text.split('\n');
  const left: Problem[] = [];
  for (;;) {
    const review = session.review(path, lines.join('\n'));
    const trouble = review.incomplete.find(
      ({ function: name, line }) =>
        name !== undefined && parts.has(name) && line !== undefined && isStatement(lines[line - 1]),
    );
    if (trouble?.line === undefined || left.length === mostLeftOut) return { review, left };
    const reason = 'this line was not understood and was left out';
    left.push({ file: path, line: trouble.line, ...named(trouble.function ?? ''), reason });
    lines[trouble.line - 1] = '';
  }
}

/** A line that can go without taking a brace with it. */
const isStatement = (line: string | undefined): boolean =>
  line !== undefined && line.trim() !== '' && !/[{}]/.test(line);
