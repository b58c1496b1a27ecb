import type { Position } from '../text/span.ts';
import type { Review, ReviewedFinding } from '../review/review.ts';
import { printJson } from './json.ts';

/** The JSON report of `check`, as the command line contract gives it. */
export function reviewJson(review: Review, seconds: number): string {
  return printJson({
    kernel: review.kernel.version,
    findings: review.findings.map(findingJson),
    incomplete: review.incomplete.map(({ file, line, function: name, reason }) => ({
      file,
      ...(line === undefined ? {} : { line }),
      ...(name === undefined ? {} : { function: name }),
      reason,
    })),
    notLookedAt: review.notLookedAt,
    summary: {
      files: review.files.analysed,
      offered: review.files.offered,
      functions: review.functions.total,
      analysed: review.functions.analysed,
      findings: review.findings.length,
      suppressed: review.suppressed,
      seconds: Math.round(seconds * 1000) / 1000,
    },
  });
}

const position = ({ line, column }: Position): Position => ({ line, column });

/** One finding, in the order of fields that the contract shows. */
export function findingJson(finding: ReviewedFinding): Readonly<Record<string, unknown>> {
  const { range } = finding;
  return {
    rule: finding.rule,
    severity: finding.severity,
    confidence: finding.confidence,
    ...(finding.status === undefined ? {} : { status: finding.status }),
    file: finding.file,
    line: range.start.line,
    column: range.start.column,
    endLine: range.end.line,
    endColumn: range.end.column,
    function: finding.function,
    message: finding.message,
    ...(finding.builds.length === 0 ? {} : { builds: finding.builds }),
    steps: finding.steps.map((step) => ({
      file: step.file,
      ...position(step.range.start),
      message: step.message,
    })),
    fingerprint: finding.fingerprint,
    fixes: finding.fixes.map((fix) => ({
      title: fix.title,
      safe: fix.safe,
      edits: fix.edits.map((edit) => ({
        file: edit.file,
        start: position(edit.range.start),
        end: position(edit.range.end),
        text: edit.text,
      })),
    })),
  };
}
