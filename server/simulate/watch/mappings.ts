import { heldPins } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import { pagesOf } from '../situations/mappedRanges.ts';
import { entryFor } from '../situations/probe.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import type { LeadingRange } from '../situations/spec.ts';
import type { Report } from './ending.ts';
import { leadsTo } from './leadsTo.ts';
import type { ReturnedCall } from './returnedAddress.ts';
import { judgeReturned } from './returnedAddress.ts';
import { judgeTakenBack } from './takenBack.ts';
import type { Violation } from './violation.ts';

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
      ? probes.flatMap((probe) => judgeLeft(machine, environment, probe))
      : [
          ...probes.flatMap((probe) => [
            ...judgeRanges(machine, environment, probe),
            ...judgeTargets(machine, environment, probe),
          ]),
          ...judgeReturned(machine, environment, call),
          ...judgeTakenBack(machine, environment, call),
        ];
  const pins = heldPins(machine);
  if (report === 'error' && pins.length > 0) {
    found.push({
      ...{ id: 'C-LEAK', message: `fails and keeps ${pins.length} pages pinned` },
      ...{ subject: 'pin_user_pages', place: undefined, since: undefined },
      page: pins[0]! * Number(PAGE),
    });
  }
  return found;
}

/** What the situation asked for goes, and nothing else. */
function judgeRanges(
  machine: Machine,
  { keeps, removes, entriesBefore, probes }: Environment,
  probe: Probe,
): Violation[] {
  const found: Violation[] = [];
  const about = { subject: probe.name, place: undefined, since: undefined, domain: probe.name };
  const where = probes.length < 2 ? '' : ` in ${probe.name}`;
  const old = entriesBefore().get(probe);
  const lost = pagesOf(keeps).filter(
    (iova) => entryFor(machine, probe, iova).bits !== old?.get(iova),
  );
  if (lost.length > 0) {
    const message = `changes ${lost.length} pages from IOVA ${hex(lost[0]!)} on${where} that were not asked for`;
    found.push({ ...about, id: 'I-PAIR-1', message, iova: spanOf(lost) });
  }
  const left = pagesOf(removes).filter((iova) => entryFor(machine, probe, iova).present);
  if (left.length > 0) {
    const message = `leaves ${left.length} pages from IOVA ${hex(left[0]!)} on mapped${where}`;
    found.push({ ...about, id: 'I-PAIR-1', message, iova: spanOf(left) });
  }
  return found;
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
  const message = `fails and keeps ${left.length} pages from IOVA ${hex(left[0]!)} on mapped`;
  const about = { subject: probe.name, place: undefined, since: undefined };
  return [{ ...about, id: 'C-LEAK', message, iova: spanOf(left) }];
}

function spanOf(iovas: readonly bigint[]): { readonly first: bigint; readonly last: bigint } {
  return { first: iovas[0]!, last: iovas.at(-1)! + PAGE - 1n };
}
