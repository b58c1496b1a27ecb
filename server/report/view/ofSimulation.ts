import type { SimulatedFunction, Simulation } from '../../simulate/compare/simulation.ts';
import { version } from '../version.ts';
import { choiceText, replyOf } from './simulatedReply.ts';
import { both, causesOf, placeOf, stepsOf } from './simulatedSteps.ts';
import { picturesOf } from './simulatedTables.ts';
import { demandOf, differenceOf, factsOf, notesOf, sentenceOf } from './simulatedText.ts';
import type { View, ViewRun, ViewSide, ViewStep, ViewVerdict } from './view.ts';

/** From what is to be seen first to what may wait. */
export const VERDICT_ORDER: readonly string[] = [
  'newly-broken',
  'still-broken',
  'fixed',
  'unknown',
  'unchanged',
  'not-simulated',
];
const LANES: readonly string[] = ['cpu', 'driver', 'iommu', 'device'];

/** Whether a simulation compared two sides, or ran functions as they are. */
export type ComparedSides = 'both' | 'one';

/** A simulation as the page shows it: what breaks first, with the steps of both sides aligned. */
export function viewOfSimulation(
  simulation: Simulation,
  subject: string,
  sides: ComparedSides = 'both',
): View {
  const sorted = [...simulation.functions].sort(
    (a, b) => VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict),
  );
  return {
    ...{ version: 1, tool: `iovet ${version}`, subject },
    runs: sorted.map((result, n) =>
      sides === 'both' ? runOf(result, n) : aloneOf(runOf({ ...result, before: undefined }, n)),
    ),
    notSimulated: simulation.notSimulated.map(
      ({ file, line, reason }) => `${file}:${line}: ${reason}`,
    ),
  };
}

function runOf(result: SimulatedFunction, n: number): ViewRun {
  const { before, after, verdict, violations } = result;
  const [violation] = violations;
  const { steps, events } = stepsOf(before, after);
  const opensOn: ViewSide = verdict === 'fixed' || after === undefined ? 'before' : 'after';
  const witness = steps.findIndex(({ bad }) => bad.includes(opensOn)) + 1;
  const pictures = picturesOf(before, after, events);
  const difference = before === undefined ? undefined : differenceOf({ steps, ...pictures });
  return {
    id: `${n}`,
    title: `${result.function}()`,
    situation: result.situation,
    ...{ verdict, sentence: sentenceOf(result), opensOn },
    ...(difference === undefined ? {} : { difference }),
    broken: violations.map(({ id, rules }) => ({ id, rules, demands: demandOf(id) })),
    ...(violation?.position === undefined ? {} : { at: placeOf(violation.position) }),
    facts: factsOf(result),
    sides: [
      ...(before === undefined ? [] : (['before'] as const)),
      ...(after === undefined ? [] : (['after'] as const)),
    ],
    outcome: both(before?.outcome, after?.outcome),
    lanes: LANES.filter((lane) => steps.some((step) => step.lane === lane)),
    ...{ steps, firstDifference: steps.findIndex(({ differs }) => differs) + 1, witness },
    causes: causesOf(steps, violations, opensOn),
    ...pictures,
    assumed: assumedOf(result),
    models: result.models,
    notes: notesOf(result, pictures.tables.length),
    reply: replyOf(result),
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
function assumedOf({ verdict, assumptions }: SimulatedFunction): readonly string[] {
  if (assumptions.length === 0 && verdict === 'unknown')
    return ['inputs and results of unknown functions: see the verdict'];
  return assumptions.map((choice) => `${choiceText(choice)} (${HOW[choice.kind]})`);
}

const HOW = {
  input: 'input',
  result: 'result of an unknown function',
  failure: 'allowed by its contract',
} as const;
