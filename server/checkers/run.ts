import type { UnitFacts } from '../flow/facts.ts';
import type { Problem } from '../text/problem.ts';
import { checkers } from './all.generated.ts';
import type { Checker, Surroundings } from './checker.ts';
import type { Confidence, Finding } from './finding.ts';

/** Which rules run. */
export interface Selection {
  /** Rules by id; where absent, all that are stable. A preview rule that is named here runs. */
  readonly rules?: ReadonlySet<string> | undefined;
  /** Preview rules run too. */
  readonly preview?: boolean | undefined;
}

/** The rules that a selection lets run. */
export function selectCheckers(selection: Selection): readonly Checker[] {
  return checkers.filter(({ meta }) =>
    selection.rules
      ? selection.rules.has(meta.id)
      : meta.maturity === 'stable' || selection.preview === true,
  );
}

/**
 * Runs the selected rules over the facts of one file. A rule that throws is reported as a problem that
 * names it, and the others still run. Findings come sorted by file and place, each only once.
 */
export function runCheckers(
  unit: UnitFacts,
  selection: Selection,
  around: Surroundings,
): { readonly findings: readonly Finding[]; readonly problems: readonly Problem[] } {
  return runThese(selectCheckers(selection), unit, around);
}

/** {@link runCheckers} over a given list, for the tests of the machinery itself. */
export function runThese(
  list: readonly Checker[],
  unit: UnitFacts,
  around: Surroundings,
): { readonly findings: readonly Finding[]; readonly problems: readonly Problem[] } {
  const findings = new Map<string, Finding>();
  const problems: Problem[] = [];
  for (const checker of list) {
    try {
      for (const finding of checker.check(unit, around)) {
        const { rule, file, span, build = '' } = finding;
        const key = `${rule} ${file} ${build} ${span.start} ${span.end}`;
        const known = findings.get(key);
        if (known === undefined || isSurer(finding, known)) findings.set(key, finding);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problems.push({ file: unit.file, reason: `rule ${checker.meta.id} failed: ${why}` });
    }
  }
  const sorted = [...findings.values()].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      a.span.start - b.span.start ||
      a.span.end - b.span.end ||
      compare(a.rule, b.rule),
  );
  return { findings: sorted, problems };
}

const sureness: readonly Confidence[] = ['low', 'medium', 'high'];

/** Of several things that a rule says about one place the surest is told; of equally sure ones the first. */
function isSurer(a: Finding, b: Finding): boolean {
  return sureness.indexOf(a.confidence) > sureness.indexOf(b.confidence);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
