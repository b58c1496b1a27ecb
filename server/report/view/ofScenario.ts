import { formatAddr } from '../../model/bits/pfn.ts';
import { INVARIANTS, type Violation } from '../../model/check/violation.ts';
import { sizeText } from '../../model/fmt/decode.ts';
import type { Stale } from '../../model/hw/common/staleSet.ts';
import type { RanStep, ScenarioRun } from '../../model/scenario/runScenario.ts';
import type { OwnedPages } from '../../model/world/ownerView.ts';
import type { IotlbLine } from '../../model/world/cacheView.ts';
import type { ShownTable } from '../../model/world/tableView.ts';
import { version } from '../version.ts';
import { entryKey, entryOf } from './entries.ts';
import { replyBlock } from './reply.ts';
import { sizeOf } from './sizes.ts';
import { storesBetween } from './stores.ts';
import type {
  View,
  ViewAccess,
  ViewCached,
  ViewEntry,
  ViewHeld,
  ViewOutcome,
  ViewOwner,
  ViewRun,
  ViewSpan,
  ViewStep,
  ViewTable,
} from './view.ts';

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
  const broken = run.broken.map((id) => ({ id, rules: [], demands: INVARIANTS[id] }));
  const last = ran.at(-1)?.results.map(plainOutcome).join(' or ') ?? 'nothing ran';
  const sentence =
    problem === undefined ? sentenceOf(run) : `Step ${problem.step} was not run: ${problem.reason}`;
  return {
    ...{ id: scenario.id, title: scenario.id, situation: scenario.title, sentence, broken },
    verdict: problem === undefined ? (run.asExpected ? 'as-expected' : 'differs') : 'not-simulated',
    facts: [`source: ${scenario.source}`, scenario.about].filter(Boolean).join(' · '),
    ...{ sides: ['after'], outcome: { after: last }, changed: {}, opensOn: 'after', witness },
    lanes: LANES.filter((lane) => steps.some((step) => step.lane === lane)),
    ...{ steps, firstDifference: 0, causes: [], tables: tablesOf(ran), entries: entriesOf(ran) },
    ...{ accesses: accessesOf(ran), holdings: [] },
    ...{
      assumed: [],
      models: [],
      unknown: [],
      notes: ['A script of model events: no C was executed.'],
    },
    reply: replyOf(run, witness, last),
  };
}

/** The block for a mail: a scenario has no patch, so what is expected is the invariant, or what its script says. */
function replyOf(run: ScenarioRun, witness: number, last: string): readonly string[] {
  const { scenario, steps, trace } = run;
  const broken = steps.flatMap(({ violations }) => violations)[0];
  const number = witness === 0 ? steps.length : witness;
  const action = trace.findLast(({ step }) => step === number)?.what ?? 'none';
  const failed = steps.find(({ asExpected }) => !asExpected);
  return replyBlock({
    setUp: `scenario ${scenario.id}, ${scenario.title}`,
    action: `step ${number}, ${action}`,
    expected:
      broken !== undefined
        ? INVARIANTS[broken.invariant].replace(/\.$/, '')
        : (failed?.expected?.join(' or ') ?? 'no invariant breaks'),
    got: broken?.what ?? failed?.results.join(' or ') ?? `none breaks; ${last}`,
    rests: `${broken === undefined ? '' : `${broken.invariant}; `}on the model alone, no C; ${scenario.source}`,
  });
}

function sentenceOf({ broken, asExpected, steps }: ScenarioRun): string {
  const first = steps.flatMap(({ violations }) => violations)[0];
  if (first !== undefined) {
    const how = asExpected ? ', as the scenario expects' : '';
    return `Breaks ${first.invariant}${how}: ${first.what}`;
  }
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
    cached: { after: ran.caches.iotlb.map(cachedOf) },
    stale: { after: ran.caches.mayHold.map(staleOf) },
    wrong: { after: ran.violations.flatMap(wrongOf) },
    owners: { after: ran.owners.map(ownerOf) },
  };
}

const page = (pfn: number): string => formatAddr({ pfn, offset: 0 });
const span = (first: number, last: number): string =>
  `${page(first)}-${formatAddr({ pfn: last, offset: 4095 })}`;

function cachedOf({ tags, first, last, target, access, state }: IotlbLine): ViewCached {
  const isStale = state === 'stale';
  const [who, may, to] = [tags.join(' '), access.join(' '), page(target)];
  const says = isStale ? 'memory says otherwise' : 'as memory says';
  const iova = ends(first, last);
  return {
    ...{ ...iova, size: sizeOf(iova), to, access: may, says, isStale },
    text: `${who}: ${span(first, last)} to ${to}, ${may}${isStale ? `, ${says}` : ''}`,
    short: `${who} ${to}${isStale ? ', stale' : ''}`,
  };
}

function staleOf({ tag, kind, first, last, target, where }: Stale): ViewHeld {
  const to = target === undefined ? '' : ` to ${page(target)}`;
  const caches = [...where].join(', ');
  if (last >= Number.MAX_SAFE_INTEGER)
    return { text: `${caches}: old ${kind} of ${tag}, everything${to}` };
  return {
    text: `${caches}: old ${kind} of ${tag}, ${span(first, last)}${to}`,
    ...ends(first, last),
  };
}

function wrongOf({ invariant, what, iova }: Violation): readonly ViewSpan[] {
  return iova === undefined
    ? []
    : [{ ...ends(iova.first, iova.last), text: `${invariant}: ${what}` }];
}

function ownerOf({ first, last, owner, sizeLg2 }: OwnedPages): ViewOwner {
  const bytes = sizeLg2 === undefined ? {} : { bytes: `0x${(2 ** sizeLg2).toString(16)}` };
  return { ...ends(first, last), text: owner, ...bytes };
}

/** The name of a fault may begin with the word itself. */
function plainOutcome(text: string): string {
  return text.replace(/^fault fault/, 'fault');
}

/** The script's accesses over all steps: what stays the same is one stretch. */
function accessesOf(ran: readonly RanStep[]): readonly ViewAccess[] {
  return (ran[0]?.tried ?? []).map(({ device, kind, iova }, n) => {
    const outcomes: ViewOutcome[] = [];
    for (const { number, tried, violations } of ran) {
      const { outcomes: found, page: at } = tried[n]!;
      const says = found.map(plainOutcome);
      if (says.length === 0) continue;
      const isWrong = violations.some(
        ({ iova: span }) => span !== undefined && span.first <= at && at <= span.last,
      );
      const last = outcomes.at(-1);
      const goesOn =
        last?.to === number - 1 && last.isWrong === isWrong && last.says.join() === says.join();
      if (goesOn) outcomes[outcomes.length - 1] = { ...last, to: number };
      else outcomes.push({ from: number, to: number, says, isWrong });
    }
    return {
      title: `${kind} by ${device} at ${iova}`,
      outcomes: { after: outcomes },
      differs: false,
    };
  });
}

/** First and last byte of pages. */
function ends(first: number, last: number): { readonly first: string; readonly last: string } {
  return { first: page(first), last: formatAddr({ pfn: last, offset: 4095 }) };
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
