import { heldPins } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { hex } from '../machine/values.ts';
import { pagesOf } from '../situations/mappedRanges.ts';
import { entryFor } from '../situations/probe.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import type { Report } from './ending.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096n;

/** What a run left in the page tables of its situation, and of the pins it took. */
export function judgeMappings(
  machine: Machine,
  environment: Environment,
  report: Report,
): Violation[] {
  const found =
    report === 'error'
      ? []
      : environment.probes.flatMap((probe) => judgeRanges(machine, environment, probe));
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
  { keeps, removes, entriesBefore }: Environment,
  probe: Probe,
): Violation[] {
  const found: Violation[] = [];
  const about = { subject: probe.name, place: undefined, since: undefined };
  const old = entriesBefore().get(probe);
  const lost = pagesOf(keeps).filter(
    (iova) => entryFor(machine, probe, iova).bits !== old?.get(iova),
  );
  if (lost.length > 0) {
    const message = `changes ${lost.length} pages from IOVA ${hex(lost[0]!)} on that were not asked for`;
    found.push({ ...about, id: 'I-PAIR-1', message, iova: spanOf(lost) });
  }
  const left = pagesOf(removes).filter((iova) => entryFor(machine, probe, iova).present);
  if (left.length > 0) {
    const message = `leaves ${left.length} pages from IOVA ${hex(left[0]!)} on mapped`;
    found.push({ ...about, id: 'I-PAIR-1', message, iova: spanOf(left) });
  }
  return found;
}

function spanOf(iovas: readonly bigint[]): { readonly first: bigint; readonly last: bigint } {
  return { first: iovas[0]!, last: iovas.at(-1)! + PAGE - 1n };
}
