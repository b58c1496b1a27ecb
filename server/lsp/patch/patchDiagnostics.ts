import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver/node';
import type { Severity } from '../../checkers/finding.ts';
import type { ChangedFile, SeriesChange } from '../../patch/change.ts';
import type { PatchProblem } from '../../patch/patch.ts';
import type { ChangeFinding, PatchReview, SeriesReview } from '../../review/patch/seriesReview.ts';
import type { PlacedStep } from '../../review/review.ts';
import type { Range } from '../../text/span.ts';
import { uriOfPath, wireRange, type Location } from '../places.ts';
import type { WireRange } from '../messages.ts';
import { lineRange, rangeInLine } from './lines.ts';
import { changedFile, sideUri } from './patchPlaces.ts';
import { placeInTree } from './placeInTree.ts';

/** Decides what of a series the user sees in the patch. */
export interface PatchPresentation {
  readonly uri: string;
  readonly lines: readonly string[];
  /** Folder of the tree; undefined without one. */
  readonly tree: string | undefined;
  /** Names of the patches beside the document that it was applied on top of. */
  readonly below: readonly string[];
  readonly ruleLink: (rule: string) => string | undefined;
  /** The client takes related information. */
  readonly related: boolean;
  /** The client shows patched files as documents of their own; others are led to the files of the tree. */
  readonly sides: boolean;
  /** What was not looked at becomes diagnostics, because the client has no other place for it. */
  readonly notesInline: boolean;
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** An introduced finding as the patch shows it. */
export interface ShownInPatch {
  readonly finding: ChangeFinding;
  readonly diagnostic: Diagnostic;
}

/** The introduced findings of all patches of a document. */
export function shownInPatch(
  review: SeriesReview,
  change: SeriesChange,
  show: PatchPresentation,
): ShownInPatch[] {
  return review.patches.flatMap((patch, index) =>
    patch.introduced.map((finding) => ({
      finding,
      diagnostic: ofFinding(finding, index, review, change, show),
    })),
  );
}

/** What a document's diagnostics say beside its findings: what does not apply, and what is not known. */
export function otherDiagnostics(
  review: SeriesReview,
  change: SeriesChange,
  show: PatchPresentation,
): Diagnostic[] {
  return [
    ...review.problems.map((problem) => ofProblem(problem, show)),
    ...(show.notesInline ? notes(review, change, show) : []),
  ];
}

/** Where in the document a finding is shown: its own line, else the line that makes it; the head of its patch without any. */
export function rangeOfFinding(
  finding: ChangeFinding,
  patch: PatchReview,
  lines: readonly string[],
): WireRange {
  const { range, lineText } = finding;
  if (finding.patch !== undefined) {
    const last = range.end.line === range.start.line ? range.end.column : lineText.length + 1;
    const columns = { start: range.start.column, end: last };
    return rangeInLine(lines, finding.patch.line, lineText, columns);
  }
  return lineRange(lines, finding.cause?.line ?? patch.patch.line);
}

function ofFinding(
  finding: ChangeFinding,
  index: number,
  review: SeriesReview,
  change: SeriesChange,
  show: PatchPresentation,
): Diagnostic {
  const patch = review.patches[index]!;
  const href = show.ruleLink(finding.rule);
  const later = finding.fixedIn;
  const elsewhere = finding.patch === undefined;
  const remarks = [
    elsewhere ? `${finding.file}:${finding.range.start.line}, not in the patch` : '',
    later === undefined ? '' : `fixed in ${nameOfPatch(review.patches[later]!)}`,
  ].filter((remark) => remark !== '');
  const related = show.related ? relatedOf(finding, index, change, show) : [];
  return {
    range: rangeOfFinding(finding, patch, show.lines),
    severity: later === undefined ? severities[finding.severity] : DiagnosticSeverity.Information,
    source: 'iovet',
    code: finding.rule,
    message: finding.message + (remarks.length === 0 ? '' : ` (${remarks.join('; ')})`),
    ...(href === undefined ? {} : { codeDescription: { href } }),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** `3/5`, or the name of a patch that has no number. */
export function nameOfPatch({ number, patch }: PatchReview): string {
  return number === '' ? patch.name : number;
}

/** The place in the file after the patch, then the steps, then the other ends. */
function relatedOf(
  finding: ChangeFinding,
  index: number,
  change: SeriesChange,
  show: PatchPresentation,
): DiagnosticRelatedInformation[] {
  const at = (place: { readonly file: string; readonly range: Range }): Location =>
    afterLocation(place.file, place.range, index, change, show);
  const isStep = ({ file, range }: PlacedStep): boolean =>
    finding.steps.some((step) => step.file === file && step.range.start.line === range.start.line);
  return [
    {
      location: at(finding),
      message: `${finding.file}:${finding.range.start.line} after the patch`,
    },
    ...finding.steps.map((step, i) => ({
      location: at(step),
      message: `${i + 1}. ${step.message}`,
    })),
    ...finding.related
      .filter((end) => !isStep(end))
      .map((end) => ({ location: at(end), message: end.message })),
  ];
}

/**
 * A place of the file after the patch. A client that cannot show that file is led to the file of the tree, at the line
 * where the code stands before the patch; without a tree, to the patch.
 */
export function afterLocation(
  path: string,
  range: Range,
  index: number | null,
  change: SeriesChange,
  show: Pick<PatchPresentation, 'uri' | 'lines' | 'tree' | 'sides'>,
): Location {
  const wire = wireRange(range);
  const { patch, file } = lastChange(change, index, path);
  if (file !== undefined && show.sides) {
    const params = { document: show.uri, patch, path, side: 'after' } as const;
    return { uri: sideUri(params), range: wire };
  }
  const seen = { path, line: range.start.line };
  const inTree = placeInTree(change, { patch: index, side: 'after' }, seen);
  const inPatch = file?.map.ofAfter(range.start.line);
  if (show.tree !== undefined && (inTree !== undefined || inPatch === undefined)) {
    const place = inTree ?? seen;
    const line = place.line - 1;
    return {
      uri: uriOfPath(`${show.tree}/${place.path}`),
      range: { start: { ...wire.start, line }, end: { ...wire.end, line: line + wire.end.line - wire.start.line } }, // prettier-ignore
    };
  }
  return { uri: show.uri, range: lineRange(show.lines, inPatch?.line ?? 1) };
}

/** The file as it is after a patch: what the patch made of it, or one before it. */
function lastChange(
  change: SeriesChange,
  index: number | null,
  path: string,
): { readonly patch: number | null; readonly file: ChangedFile | undefined } {
  if (index === null) return { patch: null, file: changedFile(change, null, path) };
  for (let patch = index; patch >= 0; patch--) {
    const file = changedFile(change, patch, path);
    if (file !== undefined) return { patch, file };
  }
  return { patch: index, file: undefined };
}

const problemSeverities: Readonly<Record<PatchProblem['severity'], DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
};

/** What is wrong with a patch, and on a line of its own what to do about it. */
export function problemText({ reason, help }: PatchProblem): string {
  return help === undefined ? reason : `${reason}\n${help}`;
}

function ofProblem(problem: PatchProblem, show: PatchPresentation): Diagnostic {
  return {
    range: lineRange(show.lines, problem.line),
    severity: problemSeverities[problem.severity],
    source: 'iovet',
    message: problemText(problem),
  };
}

/** `applied on top of 0001-a.patch, 0002-b.patch`. */
export function belowText(below: readonly string[]): string {
  return `applied on top of ${below.join(', ')}`;
}

/** What a client without a series view has to be told in the text. */
function notes(review: SeriesReview, change: SeriesChange, show: PatchPresentation): Diagnostic[] {
  const note = (line: number, message: string): Diagnostic => ({
    range: lineRange(show.lines, line),
    severity: DiagnosticSeverity.Information,
    source: 'iovet',
    message,
  });
  const noTree =
    review.base === 'hunks' && review.patches.length > 0
      ? [
          note(
            review.patches[0]!.patch.line,
            'no kernel tree: only what the hunks show was reviewed',
          ),
        ]
      : [];
  const [first] = review.patches;
  const onTop = first === undefined || show.below.length === 0 ? [] : [note(first.patch.line, belowText(show.below))]; // prettier-ignore
  return [
    ...noTree,
    ...onTop,
    ...review.repairs.map(({ line, what }) => note(line, `repaired: ${what}`)),
    ...review.patches.flatMap((patch, index) => [
      ...patch.notLookedAt.map(({ what, count }) =>
        note(patch.patch.line, `not looked at: ${count} ${what} ${count === 1 ? 'file' : 'files'}`),
      ),
      ...patch.incomplete.map(({ file, line, function: name, reason }) => {
        const shown = changedFile(change, index, file)?.map.ofAfter(line ?? 1);
        const subject = name === undefined ? file : `${name}()`;
        return note(shown?.line ?? patch.patch.line, `not analysed: ${subject}: ${reason}`);
      }),
    ]),
  ];
}
