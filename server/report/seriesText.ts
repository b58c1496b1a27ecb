import type { PatchProblem, Repair } from '../patch/patch.ts';
import type { ChangeFinding, PatchReview, SeriesReview } from '../review/patch/seriesReview.ts';
import type { NotLookedAt } from '../review/review.ts';
import { settleProblems } from '../review/settle.ts';
import type { Style } from './style.ts';
import { findingLines, kernelWords, listKinds, notAnalysed } from './text.ts';
import { plural } from './words.ts';

/** Column at which the counts of a patch begin, where its title leaves room. */
const countsColumn = 56;

/** The text report of `review`. `seconds` is what the run took. */
export function seriesText(review: SeriesReview, style: Style, seconds: number): string {
  const { patches } = review;
  const lines = [
    ...review.repairs.map((repair) => repaired(repair, style)),
    ...patches.flatMap((patch) => patchLines(patch, review, style)),
    ...settleProblems(patches.flatMap(({ incomplete }) => incomplete)).map((problem) =>
      notAnalysed(problem, style),
    ),
    ...existing(review),
    summary(review, seconds),
  ];
  return `${lines.join('\n')}\n`;
}

function repaired({ document, line, what }: Repair, style: Style): string {
  return `${style.note('repaired:')} ${document}:${line}: ${what}`;
}

function patchLines(patch: PatchReview, review: SeriesReview, style: Style): string[] {
  const { title, introduced, fixed, remarks, notLookedAt, number } = patch;
  const others = notLookedAt.filter(({ count }) => count > 0);
  return [
    `${style.bold(title.padEnd(countsColumn - 1))} ${counts(patch, review)}`,
    ...introduced.flatMap((finding) => [
      ...findingLines(finding, style),
      ...inPatch(finding, style),
    ]),
    ...fixed.map((finding) => fixedLine(finding, style)),
    ...remarks.flatMap((finding) => remarkLines(finding, style)),
    ...(others.length === 0
      ? []
      : [`not looked at: ${listOthers(others)}${number === '' ? '' : ` (${number})`}`]),
    // Errors are for standard error: what was not used is no result.
    ...patch.problems
      .filter(({ severity }) => severity === 'warning')
      .map((problem) => noteLine(problem, style)),
  ];
}

function counts(patch: PatchReview, review: SeriesReview): string {
  const { introduced, fixed } = patch;
  const later = introduced.flatMap(({ fixedIn }) => (fixedIn === undefined ? [] : [fixedIn]));
  const where = [...new Set(later)].map((index) => review.patches[index]?.number ?? '').join(', ');
  const parts = [
    ...(introduced.length === 0
      ? []
      : [`introduced ${introduced.length}${where === '' ? '' : ` (fixed in ${where})`}`]),
    ...(fixed.length === 0 ? [] : [`fixed ${fixed.length}`]),
  ];
  return parts.length === 0 ? 'nothing introduced, nothing fixed' : parts.join(', ');
}

/** Where the patch shows the finding, or which of its lines makes it. */
function inPatch({ patch, cause, range, commit }: ChangeFinding, style: Style): string[] {
  const of = commit === undefined ? '' : ` (commit ${commit.slice(0, 12)})`;
  if (patch !== undefined) {
    return [`  ${style.dim('in the patch:')} ${patch.document}:${patch.line}${of}`];
  }
  if (cause === undefined) return [];
  const hunk = cause.hunk === 0 ? '' : ` (hunk ${cause.hunk})`;
  const what =
    cause.kind === 'removed'
      ? `the line removed at ${cause.document}:${cause.line}${hunk}`
      : `line ${cause.fileLine}${hunk}, ${cause.document}:${cause.line},`;
  return [
    `  ${style.dim('in the patch:')} ${what} makes it; line ${range.start.line} is not in the patch${of}`,
  ];
}

function fixedLine(finding: ChangeFinding, style: Style): string {
  const where = finding.function === '' ? finding.file : `${finding.function}()`;
  return `${style.note('fixed:')} ${where}: ${inThePast(finding.message)} ${style.dim(`[${finding.rule}]`)}`;
}

/** The message tells of the file before the patch, whose lines are not those of the one after it. */
const inThePast = (message: string): string =>
  message.replace(/\bline (\d+)/g, 'the former line $1');

function remarkLines(finding: ChangeFinding, style: Style): string[] {
  const { file, range, message, rule, fixes } = finding;
  const { line, column } = range.start;
  const [fix] = fixes;
  return [
    `${style.bold(`${file}:${line}:${column}:`)} ${style.note('info:')} ${message} ${style.dim(`[${rule}]`)}`,
    ...(fix === undefined ? [] : [`  fix: ${fix.title}`]),
  ];
}

function noteLine({ file, line, reason }: PatchProblem, style: Style): string {
  return `${style.note('note:')} ${file}:${line}: ${reason}`;
}

/** `1 device tree file, 1 Kconfig file`. */
function listOthers(others: readonly NotLookedAt[]): string {
  return others.map(({ what, count }) => plural(count, `${what} file`)).join(', ');
}

function existing({ whole }: SeriesReview): string[] {
  const known = whole.existing.filter(({ inBaseline }) => inBaseline === true).length;
  const unchanged = whole.existing.filter(({ inBaseline }) => inBaseline !== true);
  const files = [...new Set(unchanged.map(({ file }) => file))].sort();
  return [
    ...(unchanged.length === 0
      ? []
      : [
          `existing: ${plural(unchanged.length, 'finding')} on unchanged code, folded (list them: iovet check ${files.slice(0, 3).join(' ')}${files.length > 3 ? ' …' : ''})`,
        ]),
    ...(known === 0
      ? []
      : [`existing: ${plural(known, 'finding')} on changed code, folded: the baseline has them`]),
  ];
}

function summary(review: SeriesReview, seconds: number): string {
  const { whole, patches, kernel } = review;
  const { introduced, fixed, cameAndWent, counts: looked } = whole;
  const unseen = looked.functions - looked.analysedFunctions;
  const found = [
    `${introduced.length} introduced`,
    `${fixed.length} fixed`,
    ...(cameAndWent.length === 0 ? [] : [`${cameAndWent.length} introduced and fixed again`]),
  ].join(', ');
  const files = [
    ...(patches.length > 1 ? [`${patches.length} patches`] : []),
    plural(looked.files, 'C file'),
    unseen > 0
      ? `${looked.analysedFunctions} of ${plural(looked.functions, 'function')}, ${unseen} not: this is not a clean result`
      : plural(looked.functions, 'function'),
  ].join(', ');
  const allowed = whole.suppressed.length;
  const others = mergeKinds(patches.flatMap(({ notLookedAt }) => notLookedAt));
  return [
    `${patches.length > 1 ? 'whole series: ' : ''}${found}`,
    ...(allowed === 0 ? [] : [`${allowed} allowed by comments`]),
    files,
    ...(others.length === 0 ? [] : [listKinds(others)]),
    `${kernelWords(kernel)}${base(review)}`,
    `${seconds.toFixed(1)} s`,
  ].join(' · ');
}

/** How the patches fell on the tree. */
function base(review: SeriesReview): string {
  if (review.base === 'hunks') return ', only what the hunks show';
  const placements = review.patches.flatMap((patch) => patch.placements);
  const offset = placements.filter((placement) => placement.offset !== 0);
  const fuzz = placements.filter((placement) => placement.fuzz > 0);
  const hunks = (count: number): string => (count === 1 ? 'one hunk' : `${count} hunks`);
  const farthest = Math.max(0, ...offset.map((placement) => Math.abs(placement.offset)));
  return [
    ...(offset.length === 0
      ? []
      : [`, applied with offset ${farthest} in ${hunks(offset.length)}`]),
    ...(fuzz.length === 0 ? [] : [`, fuzz in ${hunks(fuzz.length)}`]),
  ].join('');
}

function mergeKinds(list: readonly NotLookedAt[]): NotLookedAt[] {
  const counts = new Map<string, number>();
  for (const { what, count } of list) counts.set(what, (counts.get(what) ?? 0) + count);
  return [...counts].map(([what, count]) => ({ what, count }));
}
