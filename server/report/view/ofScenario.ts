import { formatAddr } from '../../model/bits/pfn.ts';
import { INVARIANTS } from '../../model/check/violation.ts';
import { sizeText } from '../../model/fmt/decode.ts';
import type { Stale } from '../../model/hw/common/staleSet.ts';
import type { RanStep, ScenarioRun } from '../../model/scenario/runScenario.ts';
import type { IotlbLine } from '../../model/world/cacheView.ts';
import type { ShownTable } from '../../model/world/tableView.ts';
import { version } from '../version.ts';
import { entryKey, entryOf } from './entries.ts';
import { replyBlock } from './reply.ts';
import { storesBetween } from './stores.ts';
import type { View, ViewEntry, ViewRun, ViewStep, ViewTable } from './view.ts';

const LANES = ['cpu', 'hypervisor', 'firmware', 'iommu', 'device'];

/** Scenarios as the page shows them: one side, with the tables after every step. */
export function viewOfScenarios(runs: readonly ScenarioRun[]): View {
  const [first] = runs;
  return {
    ...{ version: 1, tool: `iovet ${version}` },
    subject: runs.length === 1 ? `scenario ${first!.scenario.id}` : `${runs.length} scenarios`,
    runs: runs.map(runOf),
    notSimulated: [],
  };
}

function runOf(run: ScenarioRun): ViewRun {
  const { scenario, problem, steps: ran } = run;
  const steps = ran.map((step, n) => stepOf(run, step, ran[n - 1]));
  const witness = steps.findIndex(({ bad }) => bad.length > 0) + 1;
  const broken = run.broken.map((id) => ({ id, rules: [] }));
  const last = ran.at(-1)?.results.join(' or ') ?? 'nothing ran';
  const sentence =
    problem === undefined ? sentenceOf(run) : `Step ${problem.step} was not run: ${problem.reason}`;
  return {
    ...{ id: scenario.id, title: scenario.id, situation: scenario.title, sentence, broken },
    verdict: problem === undefined ? (run.asExpected ? 'as-expected' : 'differs') : 'not-simulated',
    facts: [`source: ${scenario.source}`, scenario.about].filter(Boolean).join(' · '),
    ...{ sides: ['after'], outcome: { after: last }, opensOn: 'after', witness },
    lanes: LANES.filter((lane) => steps.some((step) => step.lane === lane)),
    ...{ steps, firstDifference: 0, causes: [], tables: tablesOf(ran), entries: entriesOf(ran) },
    accesses: [],
    ...{ assumed: [], models: [], notes: ['A script of model events: no C was executed.'] },
    reply: replyBlock({
      setUp: `${scenario.id}, ${scenario.title}`,
      action:
        witness === 0
          ? (steps.at(-1)?.text.after ?? 'none')
          : (steps[witness - 1]!.text.after ?? ''),
      expected: wanted(run),
      got: sentence,
      rests: `scenario on the model alone, no C; source: ${scenario.source}`,
    }),
  };
}

function wanted({ scenario }: ScenarioRun): string {
  const ids = scenario.violations ?? [];
  return ids.length === 0 ? 'no invariant breaks' : `breaks ${ids.join(', ')}`;
}

function sentenceOf({ broken, asExpected, steps }: ScenarioRun): string {
  const first = steps.flatMap(({ violations }) => violations)[0];
  if (first !== undefined) return `${INVARIANTS[first.invariant]}: ${first.what}`;
  if (broken.length === 0 && asExpected)
    return 'No invariant breaks, and every step answers as expected.';
  return 'A step answers otherwise than the scenario expects.';
}

function stepOf(run: ScenarioRun, ran: RanStep, previous: RanStep | undefined): ViewStep {
  const lines = run.trace.filter(({ step }) => step === ran.number);
  const known = new Set((previous?.violations ?? []).map(({ what }) => what));
  const fresh = ran.violations.filter(({ what }) => !known.has(what));
  const text = lines.map(({ what }) => what).join('; ') || ran.step.do;
  const lane = lines.at(-1)?.actor ?? 'cpu';
  return {
    ...{ text: { after: text }, at: {}, only: 'after', lane, mark: ran.step.do },
    bad: fresh.length > 0 ? ['after'] : [],
    breaks: { after: fresh.map(({ invariant, what }) => `${invariant}: ${what}`) },
    differs: !ran.asExpected,
    stores: { after: storesBetween(previous?.tables ?? [], ran.tables, idOf) },
    cached: { after: ran.caches.iotlb.map(cachedText) },
    stale: { after: ran.caches.mayHold.map(staleText) },
  };
}

const page = (pfn: number): string => formatAddr({ pfn, offset: 0 });
const span = (first: number, last: number): string =>
  `${page(first)}-${formatAddr({ pfn: last, offset: 4095 })}`;

function cachedText({ tags, first, last, target, access, state }: IotlbLine): string {
  const says = state === 'stale' ? ', memory says otherwise' : '';
  return `${tags.join(' ')}: ${span(first, last)} to ${page(target)}, ${access.join(' ')}${says}`;
}

function staleText({ tag, kind, first, last, target, where }: Stale): string {
  const range = last >= Number.MAX_SAFE_INTEGER ? 'everything' : span(first, last);
  const to = target === undefined ? '' : ` to ${page(target)}`;
  return `${[...where].join(', ')}: old ${kind} of ${tag}, ${range}${to}`;
}

const idOf = ({ space, physical }: ShownTable): string => `${space} ${physical}`;

/** Every table page that some step had; the last word about a page counts. */
function tablesOf(ran: readonly RanStep[]): readonly ViewTable[] {
  const byId = new Map<string, ViewTable>();
  for (const table of ran.flatMap(({ tables }) => tables)) {
    const { space, format, level, physical, iova, itemLg2, slots } = table;
    byId.set(idOf(table), {
      ...{ id: idOf(table), domain: space, format, level, physical, iova, slots },
      covers: sizeText(itemLg2),
    });
  }
  return [...byId.values()].sort(
    (a, b) =>
      a.domain.localeCompare(b.domain) ||
      b.level - a.level ||
      (BigInt(a.iova) < BigInt(b.iova) ? -1 : 1),
  );
}

function entriesOf(ran: readonly RanStep[]): Record<string, ViewEntry> {
  const entries: Record<string, ViewEntry> = {};
  for (const { tables } of ran) {
    for (const { format, level, entries: shown } of tables) {
      for (const { bits, text, decoded } of shown) {
        entries[entryKey(format, level, bits)] = entryOf(bits, text, decoded);
      }
    }
  }
  return entries;
}
