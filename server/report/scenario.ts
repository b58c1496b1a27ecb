import type { ScenarioRun, RanStep } from '../model/scenario/runScenario.ts';
import { formatAddr } from '../model/bits/pfn.ts';
import type { Stale } from '../model/hw/common/staleSet.ts';
import type { IotlbLine } from '../model/world/cacheView.ts';
import type { Violation } from '../model/check/violation.ts';
import { INVARIANTS } from '../model/check/violation.ts';

const ACTOR_WIDTH = 'hypervisor'.length;

/** A run as text: what happened step by step, what broke, and whether that was to be expected. */
export function scenarioText(run: ScenarioRun): string {
  const { scenario } = run;
  const lines = [`${scenario.id}  ${scenario.title}`, `  source: ${scenario.source}`];
  if (scenario.about !== undefined) lines.push(`  ${scenario.about}`);
  lines.push('');
  const numberWidth = String(scenario.steps.length).length;
  for (const step of run.steps) lines.push(...stepLines(run, step, numberWidth));
  if (run.problem !== undefined) {
    lines.push(`  not run: step ${run.problem.step}: ${run.problem.reason}`);
  }
  lines.push('', verdict(run));
  return `${lines.join('\n')}\n`;
}

function stepLines(run: ScenarioRun, ran: RanStep, numberWidth: number): readonly string[] {
  const number = String(ran.number).padStart(numberWidth);
  const lines = run.trace
    .filter(({ step }) => step === ran.number)
    .map(({ actor, what }) => `  ${number}  ${actor.padEnd(ACTOR_WIDTH)}  ${what}`);
  if (ran.step.why !== undefined) lines.push(`  ${number}  (${ran.step.why})`);
  if (!ran.asExpected) {
    const [got, wanted] = [ran.results, ran.expected ?? []].map((texts) => texts.join(' | '));
    lines.push(`  ${number}  DIFFERS: expected ${wanted!}, got ${got!}`);
  }
  const before = run.steps.find((step) => step.number === ran.number - 1)?.violations ?? [];
  lines.push(...violationLines(ran.violations, before).map((line) => `  ${number}  ${line}`));
  return lines;
}

/** Violations of one invariant that are shown in full; the rest is counted. */
const SHOWN = 3;

/** What a step breaks: new violations in words, alike ones counted, and what is still broken in one line. */
function violationLines(
  now: readonly Violation[],
  before: readonly Violation[],
): readonly string[] {
  const known = new Set(before.map(sameness));
  const lines: string[] = [];
  for (const id of new Set(now.map(({ invariant }) => invariant))) {
    const all = now.filter(({ invariant }) => invariant === id);
    const fresh = all.filter((violation) => !known.has(sameness(violation)));
    for (const { what } of fresh.slice(0, SHOWN)) lines.push(`breaks ${id}: ${what}`);
    if (fresh.length > SHOWN) lines.push(`breaks ${id}: ${fresh.length - SHOWN} more of the same kind`); // prettier-ignore
    const old = all.length - fresh.length;
    if (old > 0) lines.push(`still broken: ${id} (${old === 1 ? 'once' : `${old} times`})`);
  }
  return lines;
}

/** Two violations say the same where invariant, page and IOVAs are the same. */
function sameness({ invariant, page, iova, what }: Violation): string {
  return JSON.stringify([invariant, page, iova ?? what]);
}

function verdict(run: ScenarioRun): string {
  const broken = run.broken.map((id) => `${id} (${INVARIANTS[id]})`).join('\n        ');
  const what = run.broken.length === 0 ? 'no invariant is broken' : `breaks ${broken}`;
  if (run.asExpected) return `as expected: ${what}`;
  const wanted = run.scenario.violations ?? [];
  return `DIFFERS from what the scenario expects: ${what}; expected ${wanted.length === 0 ? 'none' : wanted.join(', ')}`;
}

/** A run as the JSON of the command line contract. */
export function scenarioJson(run: ScenarioRun): object {
  return {
    scenario: run.scenario.id,
    title: run.scenario.title,
    source: run.scenario.source,
    asExpected: run.asExpected,
    verdict:
      run.problem === undefined ? (run.asExpected ? 'as-expected' : 'differs') : 'not-simulated',
    ...(run.problem === undefined
      ? {}
      : { reason: `step ${run.problem.step}: ${run.problem.reason}` }),
    violations: run.steps.flatMap(({ number, violations }) =>
      violations.map((violation) => ({ step: number, ...violationJson(violation) })),
    ),
    steps: run.steps.map(({ number, step, results, expected, asExpected, caches }) => ({
      number,
      do: step.do,
      results,
      ...(expected === undefined ? {} : { expected }),
      asExpected,
      iotlb: caches.iotlb.map(iotlbJson),
      mayHold: caches.mayHold.map(heldJson),
    })),
    after: run.trace,
  };
}

function pageText(pfn: number): string {
  return formatAddr({ pfn, offset: 0 });
}

function spanText(first: number, last: number): string {
  return `${pageText(first)}-${formatAddr({ pfn: last, offset: 4095 })}`;
}

/** An entry of the concrete IOTLB: what one piece of hardware happens to hold. */
function iotlbJson({ tags, first, last, target, access, state }: IotlbLine): object {
  return { tags, iova: spanText(first, last), pa: pageText(target), access, state };
}

/** Something that a cache may still hold although memory says otherwise. */
function heldJson({ tag, kind, first, last, target, where }: Stale): object {
  // A context and a space without bounds translate everything.
  const iova = last >= Number.MAX_SAFE_INTEGER ? {} : { iova: spanText(first, last) };
  const pa = target === undefined ? {} : { pa: pageText(target) };
  return { tag, kind, caches: [...where], ...iova, ...pa };
}

function violationJson({ invariant, iova, page, events, what }: Violation): object {
  return {
    invariant,
    ...(iova === undefined ? {} : { iova: spanText(iova.first, iova.last) }),
    ...(page === undefined ? {} : { page: pageText(page) }),
    events,
    what,
  };
}
