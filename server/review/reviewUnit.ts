import type { Finding } from '../checkers/finding.ts';
import { runCheckers, type Selection, selectCheckers } from '../checkers/run.ts';
import type { UnitFacts } from '../flow/facts.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import type { Problem } from '../text/problem.ts';
import { identities } from './fingerprint.ts';
import type { ChosenKernel } from './kernel.ts';
import { placer } from './place.ts';
import type { FileReview, ReviewedFinding } from './review.ts';
import { allRules } from './ruleSet.ts';
import { settle, settleProblems, type Shown } from './settle.ts';
import { applySuppressions, readSuppressions, unusedSuppression } from './suppression.ts';

/** What the last stages need of the earlier ones. */
export interface UnitInput {
  readonly unit: Unit;
  /** Text of the unit's file. */
  readonly text: string;
  readonly facts: UnitFacts;
  /** What was not parsed or lowered. */
  readonly problems: readonly Problem[];
  readonly kernel: ChosenKernel;
  readonly selection: Selection;
  readonly shown: Shown;
  /** Text of another file that findings point into. */
  textOf(file: string): string | undefined;
}

/** From facts to the review of a file: rules, suppressions, places, fingerprints, order. */
export function reviewUnit(input: UnitInput): FileReview {
  const { unit, text, facts, kernel, selection, shown } = input;
  const { file } = unit;
  const landscape = {
    text: (name: string) => (name === file ? text : input.textOf(name)),
    functionAt: (name: string, offset: number) => functionAt(unit, name, offset)?.name ?? '',
  };
  const places = placer(landscape);
  const ran = runCheckers(facts, selection, { kernel: kernel.version });
  const problems = [...input.problems, ...facts.problems, ...ran.problems];
  const { kept, allowed, unused } = applySuppressions(ran.findings, readSuppressions(text), {
    file,
    lineOf: (offset) => places.lines(file).position(offset).line,
    known: knownRules,
    ran: new Set(selectCheckers(selection).map(({ meta }) => meta.id)),
    incompleteAt: (offset) => isIncomplete(problems, landscape.functionAt(file, offset)),
    functionAt: (offset) => landscape.functionAt(file, offset),
  });
  const wanted = selection.rules?.has(unusedSuppression.id) ?? true;
  const reviewed = (findings: readonly Finding[]): ReviewedFinding[] => {
    const names = identities(findings, (name) => localsOf(unit, name));
    const placed = findings.map((finding, i): ReviewedFinding => ({
      ...places.place(finding, names[i]!),
      builds: unit.build === undefined ? [] : [unit.build],
    }));
    return settle(placed, shown);
  };
  const skipped = new Set(problems.flatMap((problem) => problem.function ?? []));
  const functions = unit.functions.map(({ name }) => name);
  return {
    file,
    findings: reviewed([...kept, ...(wanted ? unused : [])]),
    incomplete: settleProblems(problems),
    functions: functions.length,
    analysed: functions.filter((name) => !skipped.has(name)).length,
    suppressed: allowed.length,
    allowed: reviewed(allowed),
  };
}

const knownRules: ReadonlySet<string> = new Set(allRules.map((rule) => rule.id));

const isIncomplete = (problems: readonly Problem[], functionName: string): boolean =>
  problems.some((problem) => problem.function === undefined || problem.function === functionName);

function functionAt(unit: Unit, file: string, offset: number): UnitFunction | undefined {
  return unit.functions.find(
    (each) => each.file === file && each.itemStart <= offset && offset < each.itemEnd,
  );
}

/** Names of a function's parameters and variables; none where it could not be lowered. */
function localsOf(unit: Unit, name: string): ReadonlySet<string> {
  const ir = unit.functions.find((each) => each.name === name)?.lower();
  if (ir === undefined || !('variables' in ir)) return new Set();
  return new Set(ir.variables.map((variable) => variable.name));
}
