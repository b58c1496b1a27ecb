import type { ReviewedFinding } from '../review/review.ts';
import type { FindingSteps, WirePosition, WireRange, WireStep } from './messages.ts';
import type { Locate } from './places.ts';

/**
 * The path of the finding at a position: of the finding that is there, else on that line, else that passes that line.
 * Without a position, of the first finding of the document.
 */
export function stepsAt(
  findings: readonly ReviewedFinding[],
  uri: string,
  position: WirePosition | null,
  locate: Locate,
): FindingSteps | null {
  const paths = findings.map((finding) => pathOf(finding, locate));
  if (position === null) return paths.toSorted(byPlace)[0] ?? null;
  const { line } = position;
  return (
    paths.find(({ range }) => contains(range, position)) ??
    paths.find(({ range }) => range.start.line === line) ??
    paths.find(({ steps }) => steps.some((s) => s.uri === uri && s.range.start.line === line)) ??
    null
  );
}

/** The path always ends at the finding, so that walking it arrives where the squiggle is. */
function pathOf(finding: ReviewedFinding, locate: Locate): FindingSteps {
  const end: WireStep = { ...locate(finding), message: finding.message };
  const steps = finding.steps.map((step) => ({ ...locate(step), message: step.message }));
  const last = steps.at(-1);
  const arrives = last?.uri === end.uri && last.range.start.line === end.range.start.line;
  return {
    rule: finding.rule,
    message: finding.message,
    range: end.range,
    steps: arrives ? steps : [...steps, end],
  };
}

const byPlace = (a: FindingSteps, b: FindingSteps): number =>
  a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;

const contains = (range: WireRange, at: WirePosition): boolean =>
  (range.start.line < at.line ||
    (range.start.line === at.line && range.start.character <= at.character)) &&
  (at.line < range.end.line || (at.line === range.end.line && at.character <= range.end.character));
