import { checkAll } from '../check/all.ts';
import { standing, type InvariantId, type StepFacts, type Violation } from '../check/violation.ts';
import { DEFAULT_RMP_POLICY } from '../cc/rmp.ts';
import { cacheView, type CacheView } from '../world/cacheView.ts';
import { ownerView, type OwnedPages } from '../world/ownerView.ts';
import { tableView, type ShownTable } from '../world/tableView.ts';
import type { TraceLine } from '../world/trace.ts';
import { watchStores } from '../world/watch.ts';
import { createWorld, type ModelWorld } from '../world/world.ts';
import type { Scenario, StepText } from './form/scenario.ts';
import { STEPS } from './steps/all.ts';
import { triedAccesses, type TriedAccess } from './triedAccesses.ts';
import { stepArgs, type StepResult } from './steps/step.ts';

/** One step after it ran. */
export interface RanStep {
  /** Counted from 1. */
  readonly number: number;
  readonly step: StepText;
  readonly results: readonly string[];
  /** Undefined where the scenario says nothing of the step. */
  readonly expected: readonly string[] | undefined;
  readonly asExpected: boolean;
  readonly violations: readonly Violation[];
  /** What caches hold after the step. */
  readonly caches: CacheView;
  /** The tables after the step; none where no pictures were asked for. */
  readonly tables: readonly ShownTable[];
  /** What comes of the script's accesses after the step; none where no pictures were asked for. */
  readonly tried: readonly TriedAccess[];
  /** Whose pages are after the step; none where no pictures were asked for. */
  readonly owners: readonly OwnedPages[];
}

/** Whether a run keeps the tables of every step, for pictures. */
export type Pictures = 'none' | 'tables';

/** A run: what happened, what was expected, what broke. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  readonly steps: readonly RanStep[];
  readonly trace: readonly TraceLine[];
  /** Invariants that broke, in order of first appearance. */
  readonly broken: readonly InvariantId[];
  /** Everything is as the scenario says: results of steps, and broken invariants. */
  readonly asExpected: boolean;
  /** A step that could not be carried out ends the run. */
  readonly problem: { readonly step: number; readonly reason: string } | undefined;
}

const BITS_IN_PAGE = 12;

/**
 * Steps after which only entries that were stored to can have come to break an invariant. After any other step all
 * leaves are looked at, because what they lead to may have become another's.
 */
const TABLE_STEPS: ReadonlySet<string> = new Set([
  'map',
  'unmap',
  'unmap-fast',
  'sync',
  'cut',
  'split',
  'store-entry',
  'invalidate',
  'wait',
  'access',
  'device-write',
  'read-dirty',
  'page-request',
  'respond',
]);

/**
 * Runs a scenario from an empty world, and checks every invariant after each step: on what the step changed, and on
 * everything at the end. `sweep` 'all' looks at everything each time; it finds the same, and takes longer.
 */
export function runScenario(
  scenario: Scenario,
  sweep: StepFacts['scope'] = 'changed',
  pictures: Pictures = 'none',
): ScenarioRun {
  const world = makeWorld(scenario);
  const steps: RanStep[] = [];
  let problem: ScenarioRun['problem'];
  for (const [index, step] of scenario.steps.entries()) {
    const isLast = index === scenario.steps.length - 1;
    const scope = sweep === 'changed' && !isLast && TABLE_STEPS.has(step.do) ? 'changed' : 'all';
    const ran = runStep(world, step, index + 1, scope, steps.at(-1)?.violations ?? []);
    if ('reason' in ran) {
      problem = ran;
      break;
    }
    steps.push({ ...ran, ...picturesOf(world, scenario, pictures) });
  }
  const broken = [
    ...new Set(steps.flatMap((step) => step.violations.map(({ invariant }) => invariant))),
  ];
  const wanted = new Set(scenario.violations ?? []);
  const sameBroken = broken.length === wanted.size && broken.every((id) => wanted.has(id));
  const asExpected = problem === undefined && sameBroken && steps.every((step) => step.asExpected);
  return { scenario, steps, trace: world.trace.lines, broken, asExpected, problem };
}

function makeWorld({ machine = {} }: Scenario): ModelWorld {
  const world = createWorld({
    walks: machine.walks ?? 'coherent',
    atcOrder: machine.atc ?? 'after-sync',
    encryptionPfn: machine.cbit === undefined ? 0 : 2 ** (machine.cbit - BITS_IN_PAGE),
    ...(machine.bbml === undefined ? {} : { bbmLevels: machine.bbml }),
  });
  world.cc.rmpPolicy = { ...DEFAULT_RMP_POLICY, ...machine.knobs };
  watchStores(world);
  return world;
}

function runStep(
  world: ModelWorld,
  step: StepText,
  number: number,
  scope: StepFacts['scope'],
  before: readonly Violation[],
): Omit<RanStep, keyof StepPictures> | { readonly step: number; readonly reason: string } {
  world.trace.step = number;
  const since = world.log.next;
  const staleBefore = world.stale.nextId;
  const done = STEPS[step.do]!(world, stepArgs(step));
  if ('problem' in done) return { step: number, reason: done.problem };
  const made = [...world.stale.entries.values()].filter(({ id }) => id >= staleBefore);
  const violations = [
    ...(scope === 'changed' ? standing(world, before) : []),
    ...checkAll(world, { since, scope, made, claims: done.claims }),
  ];
  world.changed.clear();
  forgetReported(world, done);
  const expected = typeof step.expect === 'string' ? [step.expect] : step.expect;
  const asExpected = expected === undefined || isSameSet(done.results, expected);
  return {
    ...{ number, step, results: done.results, expected, asExpected, violations },
    caches: cacheView(world),
  };
}

type StepPictures = Pick<RanStep, 'tables' | 'tried' | 'owners'>;

function picturesOf(world: ModelWorld, scenario: Scenario, pictures: Pictures): StepPictures {
  if (pictures === 'none') return { tables: [], tried: [], owners: [] };
  return {
    tables: tableView(world),
    tried: triedAccesses(world, scenario),
    owners: ownerView(world.cc),
  };
}

/** Dirty tracking starts afresh after each read. */
function forgetReported(world: ModelWorld, done: StepResult): void {
  for (const claim of done.claims) {
    if (claim.kind === 'dirty-read') world.written.get(claim.space)?.clear();
  }
}

/** Results and expectations as sets; `unknown` stands for unknown with any reason. */
function isSameSet(results: readonly string[], expected: readonly string[]): boolean {
  const matches = (result: string, want: string): boolean =>
    result === want || result.startsWith(`${want}:`);
  return (
    results.every((result) => expected.some((want) => matches(result, want))) &&
    expected.every((want) => results.some((result) => matches(result, want)))
  );
}
