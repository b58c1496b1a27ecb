import { pagePool } from '../kernel/pages.ts';
import { heldPins } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import { pagesOf } from '../situations/mappedRanges.ts';
import { entryFor, tablesOf } from '../situations/probe.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import type { LeadingRange } from '../situations/spec.ts';
import type { Report } from './ending.ts';
import { counted } from './contractWords.ts';
import { leadsTo } from '../situations/leadsTo.ts';
import { judgeMappedList } from './mappedList.ts';
import type { ReturnedCall } from './returnedAddress.ts';
import { judgeReturned } from './returnedAddress.ts';
import { judgeTakenBack } from './takenBack.ts';
import type { Violation } from './violation.ts';
import { judgeWritten } from './writtenBack.ts';

const PAGE = 4096n;

/** What a run left in the page tables of its situation, what it returned, and the pins it took. */
export function judgeMappings(
  machine: Machine,
  environment: Environment,
  report: Report,
  call: ReturnedCall,
): Violation[] {
  const { probes } = environment;
  const found =
    report === 'error'
      ? [
          ...probes.flatMap((probe) => [
            ...judgeKept(machine, environment, probe),
            ...judgeLeft(machine, environment, probe),
          ]),
          ...judgeLost(machine, environment, call),
        ]
      : [
          ...probes.flatMap((probe) => [
            ...judgeKept(machine, environment, probe),
            ...judgeRemoved(machine, environment, probe),
            ...judgeTargets(machine, environment, probe),
          ]),
          ...judgeReturned(machine, environment, call),
          ...judgeMappedList(machine, environment, call),
          ...judgeTakenBack(machine, environment, call),
          ...judgeWritten(machine, environment, call),
        ];
  const pins = heldPins(machine);
  if (report === 'error' && pins.length > 0) {
    found.push({
      ...{ id: 'C-LEAK', message: `fails and keeps ${counted(pins.length, 'page')} pinned` },
      ...{ subject: 'pin_user_pages', place: undefined, since: undefined },
      page: pins[0]! * Number(PAGE),
    });
  }
  return found;
}

/** What the situation did not ask about stays, whatever comes of the rest. */
function judgeKept(
  machine: Machine,
  { keeps, entriesBefore, probes }: Environment,
  probe: Probe,
): Violation[] {
  const old = entriesBefore().get(probe);
  const lost = pagesOf(keeps).filter(
    (iova) => entryFor(machine, probe, iova).bits !== old?.get(iova),
  );
  if (lost.length === 0) return [];
  const where = `${hex(lost[0]!)} on${inDomain(probes, probe)}`;
  const message = `changes ${counted(lost.length, 'page')} from IOVA ${where} that were not asked for`;
  return [{ ...aboutRange(probe), message, iova: spanOf(lost) }];
}

/** What the situation asked to take back is gone. */
function judgeRemoved(
  machine: Machine,
  { removes, probes }: Environment,
  probe: Probe,
): Violation[] {
  const left = pagesOf(removes).filter((iova) => entryFor(machine, probe, iova).present);
  if (left.length === 0) return [];
  const message = `leaves ${counted(left.length, 'page')} from IOVA ${hex(left[0]!)} on mapped${inDomain(probes, probe)}`;
  return [{ ...aboutRange(probe), message, iova: spanOf(left) }];
}

function aboutRange({ name }: Probe): Omit<Violation, 'message'> {
  return { id: 'I-PAIR-1', subject: name, place: undefined, since: undefined, domain: name };
}

/** The table, where there are several. */
function inDomain(probes: readonly Probe[], { name }: Probe): string {
  return probes.length < 2 ? '' : ` in ${name}`;
}

/** What was mapped leads where it was asked to. */
function judgeTargets(machine: Machine, { leads }: Environment, probe: Probe): Violation[] {
  const wrong = leads.flatMap((range) =>
    pagesOf([range]).filter((iova) => leadsTo(machine, probe, iova) !== targetOf(range, iova)),
  );
  const [iova] = wrong;
  if (iova === undefined) return [];
  const reached = leadsTo(machine, probe, iova);
  const asked = targetOf(
    leads.find((range) => BigInt(range.iova) <= iova)!,
    iova,
  );
  const where = reached === undefined ? 'nowhere' : `to ${hex(reached)}`;
  const message = `IOVA ${hex(iova)} leads ${where}, not to ${hex(asked)}`;
  const about = { subject: probe.name, place: undefined, since: undefined };
  return [{ ...about, id: 'C-TARGET', message, iova: spanOf(wrong) }];
}

function targetOf({ iova: first, to }: LeadingRange, iova: bigint): bigint {
  return BigInt(to) + iova - BigInt(first);
}

/** What could not be mapped whole is not mapped in part. */
function judgeLeft(machine: Machine, { leads }: Environment, probe: Probe): Violation[] {
  const left = pagesOf(leads).filter((iova) => leadsTo(machine, probe, iova) !== undefined);
  if (left.length === 0) return [];
  const message = `fails and keeps ${counted(left.length, 'page')} from IOVA ${hex(left[0]!)} on mapped`;
  const about = { subject: probe.name, place: undefined, since: undefined };
  return [{ ...about, id: 'C-LEAK', message, iova: spanOf(left) }];
}

/** Memory that an implementation of the DMA API took and lost when it failed: no table leads to it. */
function judgeLost(
  machine: Machine,
  { dma, probes }: Environment,
  { entry, pagesBefore }: ReturnedCall,
): Violation[] {
  if (dma === undefined || !entry.external) return [];
  const tables = new Set(probes.flatMap((probe) => tablesOf(machine, probe)));
  const lost = [...pagePool(machine).sizes].filter(
    ([physical]) => !pagesBefore.has(physical) && !tables.has(physical),
  );
  const [first] = lost;
  if (first === undefined) return [];
  const bytes = lost.reduce((sum, [, size]) => sum + size, 0);
  const message = `fails and keeps ${bytes} bytes of pages`;
  const about = { subject: 'alloc_pages', place: undefined, since: undefined };
  return [{ ...about, id: 'C-LEAK', message, page: first[0] }];
}

function spanOf(iovas: readonly bigint[]): { readonly first: bigint; readonly last: bigint } {
  return { first: iovas[0]!, last: iovas.at(-1)! + PAGE - 1n };
}
