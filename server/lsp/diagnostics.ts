import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver/node';
import type { Severity } from '../checkers/finding.ts';
import type { PlacedStep, ReviewedFinding } from '../review/review.ts';
import type { Problem } from '../text/problem.ts';
import type { Locate } from './places.ts';

/** Decides what of a finding the user sees. */
export interface Presentation {
  readonly locate: Locate;
  /** True where the 0-based line is as it was at HEAD: its findings are shown as hints. */
  readonly unchanged: (line: number) => boolean;
  /** URI of the page of a rule. */
  readonly ruleLink: (rule: string) => string | undefined;
  /** The client takes related information. */
  readonly related: boolean;
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** The diagnostic of a finding. */
export function diagnosticOf(finding: ReviewedFinding, show: Presentation): Diagnostic {
  const { range } = show.locate(finding);
  const href = show.ruleLink(finding.rule);
  const related = show.related ? relatedOf(finding, show.locate) : [];
  const builds = finding.builds.length === 0 ? '' : ` (build ${finding.builds.join(', ')})`;
  return {
    range,
    severity: show.unchanged(range.start.line)
      ? DiagnosticSeverity.Hint
      : severities[finding.severity],
    source: 'iovet',
    code: finding.rule,
    message: finding.message + builds,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** Steps first and numbered, in the order of the path; then the other ends that are no step. */
function relatedOf(
  { steps, related }: ReviewedFinding,
  locate: Locate,
): DiagnosticRelatedInformation[] {
  const item = (step: PlacedStep, message: string): DiagnosticRelatedInformation => ({
    location: locate(step),
    message,
  });
  const isStep = ({ file, range }: PlacedStep): boolean =>
    steps.some((step) => step.file === file && step.range.start.line === range.start.line);
  return [
    ...steps.map((step, i) => item(step, `${i + 1}. ${step.message}`)),
    ...related.filter((end) => !isStep(end)).map((end) => item(end, end.message)),
  ];
}

/** The diagnostic of something that was not analysed, for clients that have no other place to show it. */
export function diagnosticOfProblem(problem: Problem, lines: readonly string[]): Diagnostic {
  const line = Math.max(0, Math.min((problem.line ?? 1) - 1, lines.length - 1));
  const name = problem.function === undefined ? '' : `${problem.function}(): `;
  return {
    range: {
      start: { line, character: 0 },
      end: { line, character: Math.min(lines[line]?.length ?? 0, 200) },
    },
    severity: DiagnosticSeverity.Information,
    source: 'iovet',
    message: `not analysed: ${name}${problem.reason}`,
  };
}
