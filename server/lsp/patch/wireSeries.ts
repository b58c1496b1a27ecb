import type { Hunk, Patch, PatchSeries } from '../../patch/patch.ts';
import type { ChangeFinding, PatchReview } from '../../review/patch/seriesReview.ts';
import type {
  Status,
  WireFinding,
  WireNote,
  WirePatch,
  WirePatchFile,
  WireSeries,
} from '../messages.ts';
import { lastLineOfHunk } from './outline.ts';
import { belowText, nameOfPatch, problemText } from './patchDiagnostics.ts';
import type { PatchAnswer } from './patches.ts';
import { changedFile } from './patchPlaces.ts';
import { placeInTree } from './placeInTree.ts';
import { draftOf } from './reply.ts';

/** An answer as views and comment threads of a client take it. */
export function wireSeries(answer: PatchAnswer): WireSeries {
  const { uri, version, series, review, tree } = answer;
  return {
    uri,
    version,
    title: titleOf(series, uri),
    base: review.base,
    tree: tree.folder ?? '',
    introduced: review.whole.introduced.length,
    fixed: review.whole.fixed.length,
    cameAndWent: review.whole.cameAndWent.length,
    patches: review.patches.map((patch, index) => wirePatch(patch, index, answer)),
    // What makes an existing finding is not in the patch.
    existing: review.whole.existing.map((finding) => ({
      ...wireFinding(finding, null, answer),
      line: finding.patch === undefined ? null : finding.patch.line - 1,
    })),
  };
}

/** The state of the tree as the status item shows it while the patch is in front. */
export function seriesStatus({ tree, review }: PatchAnswer): Status {
  const { functions, analysedFunctions } = review.whole.counts;
  return {
    // A folder that has the files, but is no kernel tree, says nothing about the contracts.
    tree: review.kernel.source === 'newest' ? '' : (tree.folder ?? ''),
    kernel: review.kernel.version,
    kernelSource: review.kernel.source,
    functions,
    notAnalysed: functions - analysedFunctions,
  };
}

/** `v2 accel/qcap: one ring mapping`: the cover letter, else the first patch, else the document. */
function titleOf({ cover, patches }: PatchSeries, uri: string): string {
  const [first] = patches;
  const version = cover?.version ?? first?.version ?? 1;
  const name = cover === undefined ? first?.name : bare(cover.subject);
  const more = cover === undefined && patches.length > 1 ? ` and ${patches.length - 1} more` : '';
  return `${version > 1 ? `v${version} ` : ''}${name ?? uri}${more}`;
}

/** A subject without what stands in brackets before it. */
const bare = (subject: string): string => subject.replace(/^(?:\s*(?:re:|\[[^\]]*\]))*\s*/i, '');

function wirePatch(review: PatchReview, index: number, answer: PatchAnswer): WirePatch {
  const { patch, number } = review;
  const findings = (list: readonly ChangeFinding[]): WireFinding[] =>
    list.map((finding) => wireFinding(finding, index, answer));
  return {
    number,
    name: patch.name,
    line: patch.line - 1,
    files: filesOf(patch, index, answer),
    introduced: findings(review.introduced),
    fixed: findings(review.fixed),
    notes: notesOf(review, index, answer),
    otherFiles: review.notLookedAt.reduce((sum, { count }) => sum + count, 0),
  };
}

function filesOf({ files }: Patch, index: number, { change }: PatchAnswer): WirePatchFile[] {
  return files.flatMap(({ newPath, oldPath, line, hunks }) => {
    const path = newPath ?? oldPath ?? '';
    if (changedFile(change, index, path) === undefined) return [];
    const spans = hunks.map((hunk: Hunk): [number, number] => [
      hunk.line - 1,
      lastLineOfHunk(hunk) - 1,
    ]);
    return [{ path, line: line - 1, hunks: spans }];
  });
}

function wireFinding(
  finding: ChangeFinding,
  patch: number | null,
  { review, change }: PatchAnswer,
): WireFinding {
  const { rule, severity, message, file, range, status, fingerprint, fixedIn, introducedIn } =
    finding;
  const other = (index: number | undefined, said: string): string[] =>
    index === undefined ? [] : [`${said} ${nameOfPatch(review.patches[index]!)}`];
  const draft = status === 'introduced' && patch !== null ? draftOf(finding, review.patches[patch]!, review) : undefined; // prettier-ignore
  const line = draft === undefined ? shownAt(finding) : draft.line;
  const side = status === 'fixed' ? 'before' : 'after';
  const inTree = placeInTree(change, { patch, side }, { path: file, line: range.start.line });
  return {
    id: `${patch ?? 'whole'} ${fingerprint}`,
    rule,
    severity,
    message,
    file,
    fileLine: range.start.line - 1,
    inTree: inTree === undefined ? null : { path: inTree.path, line: inTree.line - 1 },
    line,
    relation: [...other(fixedIn, 'fixed in'), ...other(introducedIn, 'introduced in')].join(', '),
    comment: draft?.text ?? '',
  };
}

/** What is to be known about a patch, the gravest first. */
function notesOf(review: PatchReview, index: number, answer: PatchAnswer): WireNote[] {
  const { patch, problems, notLookedAt, incomplete } = review;
  const { change, review: series, below } = answer;
  const inOrder = answer.series.patches.toSorted((a, b) => a.line - b.line);
  const next = inOrder[inOrder.indexOf(patch) + 1]?.line ?? Infinity;
  const repairs = series.repairs.filter(({ line }) => line >= patch.line && line < next);
  return [
    ...problems.map((problem) => ({ text: problemText(problem), line: problem.line - 1 })),
    ...(index === 0 && below.length > 0 ? [{ text: belowText(below), line: null }] : []),
    ...(series.base === 'hunks'
      ? [{ text: 'no kernel tree: only what the hunks show was reviewed', line: null }]
      : []),
    ...incomplete.map(({ file, line, function: name, reason }) => {
      const shown = changedFile(change, index, file)?.map.ofAfter(line ?? 1);
      const subject = name === undefined ? file : `${name}()`;
      return {
        text: `not analysed: ${subject}: ${reason}`,
        line: shown === undefined ? null : shown.line - 1,
      };
    }),
    ...notLookedAt.map(({ what, count }) => ({
      text: `not looked at: ${count} ${what} ${count === 1 ? 'file' : 'files'}`,
      line: null,
    })),
    ...repairs.map(({ line, what }) => ({ text: `repaired: ${what}`, line: line - 1 })),
  ];
}

/** Line of the document, from 0, that shows a finding or what makes it. */
function shownAt(finding: ChangeFinding): number | null {
  const line = (finding.patch ?? finding.cause)?.line;
  return line === undefined ? null : line - 1;
}
