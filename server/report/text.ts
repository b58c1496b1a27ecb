import type { Problem } from '../text/problem.ts';
import type { Kernel, NotLookedAt, PlacedStep, Review, ReviewedFinding } from '../review/review.ts';
import { excerpt } from './excerpt.ts';
import type { Style } from './style.ts';
import { plural } from './words.ts';

/** The text report of `check`. `seconds` is what the run took. */
export function reviewText(review: Review, style: Style, seconds: number): string {
  const lines = [
    ...review.findings.flatMap((finding) => findingLines(finding, style)),
    ...review.incomplete.map((problem) => notAnalysed(problem, style)),
    summary(review, seconds),
  ];
  return `${lines.join('\n')}\n`;
}

/** A finding with its source line, the steps of its path and what mends it. */
export function findingLines(finding: ReviewedFinding, style: Style): string[] {
  const { file, range, severity, message, rule, builds } = finding;
  const { line, column } = range.start;
  const severityStyle = { error: style.error, warning: style.warning, info: style.note }[severity];
  const inBuilds = builds.length === 0 ? '' : ` (build ${builds.join(', ')})`;
  const { source, carets } = excerpt(finding.lineText, range);
  const several = new Set(finding.steps.map((step) => step.function)).size > 1;
  const [fix] = finding.fixes;
  return [
    `${style.bold(`${file}:${line}:${column}:`)} ${severityStyle(`${severity}:`)} ${style.bold(message)}${inBuilds} ${style.dim(`[${rule}]`)}`,
    `${style.dim(String(line).padStart(7))} | ${source}`,
    `${' '.repeat(7)} | ${carets}`,
    ...finding.steps.map(
      (step, i) =>
        `  ${i + 1}. ${stepPlace(step, file)}: ${step.message}${several ? within(step) : ''}`,
    ),
    ...(fix === undefined ? [] : [`  fix: ${fix.code ?? fix.title}`]),
  ];
}

const stepPlace = (step: PlacedStep, file: string): string =>
  step.file === file ? `line ${step.range.start.line}` : `${step.file}:${step.range.start.line}`;

const within = (step: PlacedStep): string => (step.function === '' ? '' : ` (${step.function})`);

/** `not analysed: FILE:LINE: function(): reason`. */
export function notAnalysed(problem: Problem, style: Style): string {
  const line = problem.line === undefined ? '' : `:${problem.line}`;
  const name = problem.function === undefined ? '' : `${problem.function}(): `;
  return `${style.note('not analysed:')} ${problem.file}${line}: ${name}${problem.reason}`;
}

/** `3 Rust and 1 Kconfig files not looked at`: kinds of files with their counts. */
export function listKinds(notLookedAt: readonly NotLookedAt[]): string {
  const parts = notLookedAt.map(({ what, count }) => `${count} ${what}`);
  const total = notLookedAt.reduce((sum, { count }) => sum + count, 0);
  const listed =
    parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
  return `${listed} ${total === 1 ? 'file' : 'files'} not looked at`;
}

/** `contracts of 7.3 (from Makefile)`. */
export function kernelWords(kernel: Kernel): string {
  const from = {
    tree: 'from Makefile',
    setting: 'as set',
    newest: 'the newest: no kernel tree around',
  }[kernel.source];
  return `contracts of ${kernel.version} (${from})`;
}

/** The last line: what was found, what was looked at and what was not. It never calls an incomplete run clean. */
function summary(review: Review, seconds: number): string {
  const { findings, functions, files } = review;
  const time = `${seconds.toFixed(1)} s`;
  const others = review.notLookedAt.length === 0 ? [] : [listKinds(review.notLookedAt)];
  if (files.analysed === 0 && findings.length === 0 && review.incomplete.length === 0) {
    const none = `nothing to analyse: 0 of ${plural(files.offered, 'file')} ${files.offered === 1 ? 'mentions' : 'mention'} DMA or IOMMU interfaces`;
    return [none, ...others].join('; ');
  }
  const missing = functions.total - functions.analysed;
  const rest = files.offered - files.analysed;
  const withoutCalls = rest > 0 ? ` (${rest} without DMA or IOMMU calls)` : '';
  const suppressed = review.suppressed === 0 ? [] : [`${review.suppressed} allowed by comments`];
  const tail = [
    ...suppressed,
    `${plural(files.analysed, 'file')}${withoutCalls}, ${kernelWords(review.kernel)}`,
    ...others,
    time,
  ];
  if (findings.length === 0 && review.incomplete.length > 0) {
    const what =
      missing > 0
        ? `${functions.analysed} of ${plural(functions.total, 'function')}, ${missing} not`
        : `${plural(review.incomplete.length, 'part')} not`;
    return [
      'no findings in what was analysed',
      `${what}: this is not a clean result`,
      ...tail,
    ].join(' · ');
  }
  const counts = (['error', 'warning', 'info'] as const).map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  }));
  const found =
    findings.length === 0
      ? 'no findings'
      : counts
          .filter(({ severity, count }) => severity !== 'info' || count > 0)
          .map(({ severity, count }) =>
            severity === 'info' ? `${count} info` : plural(count, severity),
          )
          .join(', ');
  const analysed =
    `${functions.analysed} of ${plural(functions.total, 'function')} analysed` +
    (missing > 0 ? `, ${missing} not` : '');
  return [found, analysed, ...tail].join(' · ');
}
