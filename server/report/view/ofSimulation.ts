import type {
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
  Simulation,
} from '../../simulate/compare/result/simulation.ts';
import { foldedResults, simplestFirst } from '../foldedResults.ts';
import { version } from '../version.ts';
import { choiceText, failuresOf, replyOf } from './simulatedReply.ts';
import { givenMemory } from './simulatedGiven.ts';
import { holdingsOf } from './simulatedHoldings.ts';
import { both } from './sides.ts';
import { causesOf, LANES, placeOf, stepsOf } from './simulatedSteps.ts';
import { picturesOf } from './simulatedTables.ts';
import { demandOf, differenceOf, factsOf, notesOf, sentenceOf } from './simulatedText.ts';
import type { View, ViewPlace, ViewRun, ViewSide, ViewStep, ViewVerdict } from './view.ts';

/** From what is to be seen first to what may wait. */
export const VERDICT_ORDER: readonly string[] = [
  'newly-broken',
  'still-broken',
  'fixed',
  'unknown',
  'unchanged',
  'not-simulated',
];

/** Whether a simulation compared two sides, or ran functions as they are. */
export type ComparedSides = 'both' | 'one';

/** A simulation as the page shows it: what breaks first, with the steps of both sides aligned. */
export function viewOfSimulation(
  simulation: Simulation,
  subject: string,
  sides: ComparedSides = 'both',
): View {
  // Of what ends alike, the simplest run shows it best.
  const sorted = [...simulation.functions].sort(
    (a, b) =>
      VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) || simplestFirst(a, b),
  );
  const groups = foldedResults(simulation.functions).map(({ shown, also }) => [shown, ...also]);
  const others = (result: SimulatedFunction): readonly SimulatedFunction[] =>
    (groups.find((group) => group.includes(result)) ?? []).filter((other) => other !== result);
  return {
    ...{ version: 1, tool: `iovet ${version}`, subject },
    runs: sorted.map((result, n) =>
      sides === 'both'
        ? runOf(result, n, others(result))
        : aloneOf(runOf({ ...result, before: undefined }, n, others(result))),
    ),
    notSimulated: simulation.notSimulated.map(
      ({ file, line, reason }) => `${file}:${line}: ${reason}`,
    ),
  };
}

function changedIn(
  { file, function: name }: SimulatedFunction,
  run: SimulatedRun | undefined,
): readonly ViewPlace[] | undefined {
  return run?.changed?.map((line) => ({ file, line, function: name }));
}

/** 1-based step at which what makes the verdict breaks; of what else breaks, the first; 0 for none. */
function witnessOf(
  steps: readonly ViewStep[],
  side: ViewSide,
  violation: SimulatedViolation | undefined,
): number {
  const text = `${violation?.id ?? ''}: ${violation?.message ?? ''}`;
  const shown = steps.findIndex(({ breaks }) => breaks[side]?.includes(text) === true) + 1;
  return shown || steps.findIndex(({ bad }) => bad.includes(side)) + 1;
}

function runOf(result: SimulatedFunction, n: number, also: readonly SimulatedFunction[]): ViewRun {
  const { before, after, verdict, violations } = result;
  const [violation] = violations;
  const aligned = stepsOf(before, after);
  const { steps, events } = aligned;
  const opensOn: ViewSide = verdict === 'fixed' || after === undefined ? 'before' : 'after';
  const witness = witnessOf(steps, opensOn, violation);
  const pictures = picturesOf(before, after, events);
  // What shows only in the end has at least a place where it began.
  const at = violation?.position ?? violation?.since;
  const difference = before === undefined ? undefined : differenceOf({ steps, ...pictures });
  return {
    id: `${n}`,
    title: `${result.function}()`,
    situation:
      result.ranIn === undefined ? result.summary : `${result.summary}; run in ${result.ranIn}`,
    ...{ verdict, sentence: sentenceOf(result), opensOn },
    ...(difference === undefined ? {} : { difference }),
    broken: violations.map(({ id, rules }) => ({ id, rules, demands: demandOf(id) })),
    ...(at === undefined ? {} : { at: placeOf(at) }),
    facts: factsOf(result),
    sides: [
      ...(before === undefined ? [] : (['before'] as const)),
      ...(after === undefined ? [] : (['after'] as const)),
    ],
    outcome: both(before?.outcome, after?.outcome),
    changed: both(changedIn(result, before), changedIn(result, after)),
    lanes: LANES.filter((lane) => steps.some((step) => step.lane === lane)),
    ...{ steps, firstDifference: steps.findIndex(({ differs }) => differs) + 1, witness },
    causes: causesOf(aligned, violations, opensOn),
    ...{ ...pictures, holdings: [...givenMemory(aligned), ...holdingsOf(aligned)] },
    assumed: assumedOf(result),
    ...standInsOf(result),
    notes: notesOf(result, pictures.tables.length),
    reply: replyOf(result, also),
  };
}

/** What was not run as C: functions that a model stands for, and those that nothing is known of. */
function standInsOf({
  models,
  before,
  after,
}: SimulatedFunction): Pick<ViewRun, 'models' | 'unknown'> {
  const events = [before, after].flatMap((run) => run?.events ?? []);
  const isUnknown = (name: string): boolean =>
    events.some(({ text }) => text === `${name}(): unknown function`);
  return {
    models: models.filter((name) => !isUnknown(name)),
    unknown: models.filter(isUnknown),
  };
}

/** A run that was compared with nothing. */
function aloneOf(run: ViewRun): ViewRun {
  const verdict = ALONE[run.verdict] ?? run.verdict;
  return { ...run, verdict, steps: run.steps.map(sameOnBoth), firstDifference: 0 };
}

const ALONE: Readonly<Partial<Record<ViewVerdict, ViewVerdict>>> = {
  'still-broken': 'broken',
  unchanged: 'nothing-broken',
};

function sameOnBoth({ only: _, ...step }: ViewStep): ViewStep {
  return { ...step, differs: false };
}

/** What the verdict hangs on; of a verdict that nothing single decides, that. */
function assumedOf(result: SimulatedFunction): readonly string[] {
  const { verdict, assumptions } = result;
  if (assumptions.length === 0 && verdict === 'unknown')
    return ['inputs and results of unknown functions: see the verdict'];
  const guessed = assumptions.filter(({ kind }) => kind !== 'failure');
  return [
    ...failuresOf(result).map((text) => `${text} (allowed by its contract)`),
    ...guessed.map((choice) => `${choiceText(choice)} (${HOW[choice.kind]})`),
  ];
}

const HOW = {
  input: 'input',
  result: 'result of an unknown function',
  failure: 'allowed by its contract',
} as const;
