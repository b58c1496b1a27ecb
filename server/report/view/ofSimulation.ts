import type {
  Position,
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedViolation,
  Simulation,
} from '../../simulate/compare/simulation.ts';
import { plural } from '../words.ts';
import { version } from '../version.ts';
import { align, type Aligned } from './align.ts';
import { replyBlock } from './reply.ts';
import { picturesOf, storesOf } from './simulatedTables.ts';
import type {
  Both,
  View,
  ViewCause,
  ViewPlace,
  ViewRun,
  ViewSide,
  ViewStep,
  ViewVerdict,
} from './view.ts';

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
  const { before, after, verdict, violations, assumptions } = result;
  const [violation] = violations;
  const [old, made] = [watched(before), watched(after)];
  const steps = align(keysOf(old), keysOf(made)).map((pair) => stepOf(pair, old, made));
  const opensOn: ViewSide = verdict === 'fixed' || after === undefined ? 'before' : 'after';
  const own = steps.findIndex(({ bad }) => bad.includes(opensOn)) + 1;
  const pictures = picturesOf(before, after);
  return {
    id: `${n}`,
    title: `${result.function}()`,
    situation: result.situation,
    ...{ verdict, sentence: sentenceOf(result), opensOn },
    broken: violations.map(({ id, rules }) => ({ id, rules })),
    ...(violation?.position === undefined ? {} : { at: placeOf(violation.position) }),
    facts: factsOf(result),
    sides: [
      ...(before === undefined ? [] : (['before'] as const)),
      ...(after === undefined ? [] : (['after'] as const)),
    ],
    outcome: both(before?.outcome, after?.outcome),
    lanes: LANES.filter((lane) => steps.some((step) => step.lane === lane)),
    ...{ steps, firstDifference: steps.findIndex(({ differs }) => differs) + 1, witness: own },
    causes: causesOf(steps, violations, opensOn),
    ...pictures,
    assumed: assumptions.map(({ about, kind, value }) => `${about} = ${value} (${HOW[kind]})`),
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

const HOW = {
  input: 'input',
  result: 'result of an unknown function',
  failure: 'allowed by its contract',
} as const;

/** What breaks, with the function as its subject. */
function sentenceOf({ reason, verdict, violations, ...result }: SimulatedFunction): string {
  const [violation] = violations;
  const name = `${result.function}()`;
  if (violation === undefined) return `${name}: ${reason}`;
  const what = reason.startsWith(`${violation.id}: `)
    ? reason.slice(violation.id.length + 2)
    : reason;
  // A contract's message goes on from the function's name; one about a page has its own subject.
  const said = /^[A-Z]/.test(what) ? `${name}: ${what}` : `${name} ${what}`;
  return verdict === 'fixed' ? `Mended: ${said}` : said;
}

/** A run as the time line shows it: what was assumed is told apart, and how it ended is a step of its own. */
interface Watched {
  readonly run: SimulatedRun;
  readonly events: readonly SimulatedEvent[];
  readonly end: SimulatedEvent;
}

function watched(run: SimulatedRun | undefined): Watched | undefined {
  if (run === undefined) return undefined;
  const events = run.events.filter(({ kind }) => kind !== 'assume');
  const judged = run.violations.find((violation) => noteOf(events, violation) === undefined);
  const end: SimulatedEvent = {
    ...{ sequence: events.length + 1, actor: 'cpu', kind: 'end', text: run.outcome },
    position: judged?.position ?? events.at(-1)?.position,
  };
  return { run, events: [...events, end], end };
}

/** The event that says of itself that it broke something. */
function noteOf(
  events: readonly SimulatedEvent[],
  { id }: SimulatedViolation,
): SimulatedEvent | undefined {
  return events.findLast(({ text }) => text.startsWith(`${id}: `));
}

function factsOf({ file, line, entry, situation, pairs, ...result }: SimulatedFunction): string {
  const via = entry === result.function ? [] : [`called by ${entry}()`];
  const environments = plural(pairs, 'environment');
  return [`${file}:${line}`, ...via, situation, `${environments} tried on both sides`].join(' · ');
}

/** What makes two steps the same: who does what in which function; values and lines may differ. */
function keysOf(side: Watched | undefined): readonly string[] {
  return (side?.events ?? []).map(({ actor, kind, text, position }) =>
    kind === 'end'
      ? 'end'
      : `${actor} ${kind} ${position?.function ?? ''} ${text.replace(/0x[0-9a-f]+|\d+/gi, '#')}`,
  );
}

function stepOf(
  { before, after }: Aligned,
  old: Watched | undefined,
  made: Watched | undefined,
): ViewStep {
  const was = before === undefined ? undefined : old?.events[before];
  const is = after === undefined ? undefined : made?.events[after];
  const event = is ?? was!;
  const only = was === undefined ? 'after' : is === undefined ? 'before' : undefined;
  const broken = both(breaksAt(old, was), breaksAt(made, is));
  return {
    text: both(was?.text, is?.text),
    at: both(placeOf(was?.position), placeOf(is?.position)),
    ...(only === undefined ? {} : { only }),
    ...{ lane: event.actor, mark: event.kind, breaks: broken },
    bad: (['before', 'after'] as const).filter((side) => broken[side] !== undefined),
    differs: only !== undefined || was?.text !== is?.text,
    stores: both(
      storesOf(old?.run, was, was === old?.end),
      storesOf(made?.run, is, is === made?.end),
    ),
    ...{ cached: {}, stale: {} },
  };
}

/** What breaks with an event: what it says itself, and at the end what shows only there. */
function breaksAt(
  side: Watched | undefined,
  event: SimulatedEvent | undefined,
): readonly string[] | undefined {
  if (side === undefined || event === undefined) return undefined;
  const found = side.run.violations.filter(
    (violation) => (noteOf(side.events, violation) ?? side.end) === event,
  );
  return found.length === 0 ? undefined : found.map(({ id, message }) => `${id}: ${message}`);
}

/** What began a violation, where that is another step: the map of what leaks, the failure that was not tested. */
function causesOf(
  steps: readonly ViewStep[],
  violations: readonly SimulatedViolation[],
  side: ViewSide,
): readonly ViewCause[] {
  return violations.flatMap(({ since }) => {
    const to = steps.findIndex(({ bad }) => bad.includes(side)) + 1;
    const from =
      steps.findIndex(
        ({ at }) => at[side]?.line === since?.line && at[side]?.file === since?.file,
      ) + 1;
    if (since === undefined || from === 0 || from >= to) return [];
    return [{ side, from, to, text: `begun at line ${since.line}` }];
  });
}

function notesOf({ before, after }: SimulatedFunction, tables: number): readonly string[] {
  const notes = [];
  if (tables === 0) {
    notes.push(
      'Page tables: this environment watches what the driver asks for; no table was built.',
    );
  }
  if (before === undefined || after === undefined) {
    notes.push(`The function exists only ${before === undefined ? 'after' : 'before'} the change.`);
  }
  return notes;
}

function replyOf({
  before,
  after,
  assumptions,
  violations,
  ...result
}: SimulatedFunction): readonly string[] {
  const [violation] = violations;
  const at = violation?.position === undefined ? '' : ` (line ${violation.position.line})`;
  const rest =
    assumptions.length === 0
      ? 'rests on nothing assumed'
      : `assumes ${assumptions.map(({ about, value }) => `${about} = ${value}`).join(', ')}`;
  return replyBlock({
    setUp: `${result.function}(), situation ${result.situation}`,
    action: `${result.entry}() before and after the patch: ${result.verdict}`,
    expected: before === undefined ? 'nothing before the patch' : lastOf(before),
    got:
      violation === undefined
        ? after === undefined
          ? 'nothing'
          : lastOf(after)
        : `${violation.message}${at}`,
    rests: violation === undefined ? rest : `${violation.id}; ${rest}`,
  });
}

function lastOf({ events, outcome }: SimulatedRun): string {
  const last = events.findLast(({ kind }) => kind !== 'assume' && kind !== 'note');
  return last === undefined ? outcome : `${last.text}; ${outcome}`;
}

function placeOf(position: Position): ViewPlace;
function placeOf(position: Position | undefined): ViewPlace | undefined;
function placeOf(position: Position | undefined): ViewPlace | undefined {
  if (position === undefined) return undefined;
  const { file, line } = position;
  return { file, line, function: position.function };
}

function both<T>(before: T | undefined, after: T | undefined): Both<T> {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
