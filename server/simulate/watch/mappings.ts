import { heldPins } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { hex } from '../machine/values.ts';
import type { ExpectedPage, MappedRange } from '../situations/mappedRanges.ts';
import { pagesOf } from '../situations/mappedRanges.ts';
import { entryFor } from '../situations/probe.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import type { Report } from './ending.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096n;

/** What is wrong with one page of a domain. */
interface WrongPage {
  readonly iova: bigint;
  readonly page: ExpectedPage;
  readonly bits: bigint;
}

/** What a run left in the page tables of its situation, and of the pins it took. */
export function judgeMappings(
  machine: Machine,
  environment: Environment,
  report: Report,
): Violation[] {
  const found = environment.probes.flatMap((probe) => [
    ...judgeTable(machine, environment, probe),
    ...(report === 'error' ? [] : judgeRanges(machine, environment, probe)),
  ]);
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

/** On a host that encrypts memory, RAM is mapped with the C-bit and MMIO without. */
function judgeTable(
  machine: Machine,
  { expected, mapped }: Environment,
  probe: Probe,
): readonly Violation[] {
  if (probe.encryptionMask === 0n) return [];
  const wrong: WrongPage[] = [];
  for (const page of expected) {
    const { bits, present } = entryFor(machine, probe, page.iova);
    const isEncrypted = (bits & probe.encryptionMask) !== 0n;
    if (present && isEncrypted === (page.kind === 'mmio')) {
      wrong.push({ iova: page.iova, page, bits });
    }
  }
  return runsOf(wrong).map((run) => violationOf(probe, run, mapped()));
}

/** Neighbours that are wrong in the same way are one violation. */
function runsOf(wrong: readonly WrongPage[]): WrongPage[][] {
  const runs: WrongPage[][] = [];
  for (const one of wrong) {
    const last = runs.at(-1)?.at(-1);
    const follows = last?.iova === one.iova - PAGE && last.page.kind === one.page.kind;
    if (follows) runs.at(-1)!.push(one);
    else runs.push([one]);
  }
  return runs;
}

function violationOf(
  probe: Probe,
  run: readonly WrongPage[],
  mapped: readonly MappedRange[],
): Violation {
  const [first] = run as readonly [WrongPage];
  const isDevice = first.page.kind === 'mmio';
  const what = isDevice ? 'MMIO is mapped with the C-bit' : 'RAM is mapped without the C-bit';
  const effect = isDevice ? 'the access goes elsewhere' : 'devices see ciphertext';
  return {
    id: 'I-CC-2',
    message: `${what} at IOVA ${hex(first.iova)}, entry ${hex(first.bits)}: ${effect}`,
    subject: `${probe.name}: ${isDevice ? 'MMIO' : 'RAM'}`,
    place: placeOf(mapped, probe, first.iova),
    since: undefined,
    iova: { first: first.iova, last: first.iova + BigInt(run.length) * PAGE - 1n },
    page: first.page.pfn * Number(PAGE),
  };
}

/** Where the C asked for the mapping. */
function placeOf(
  mapped: readonly MappedRange[],
  { domain }: Probe,
  iova: bigint,
): StackEntry | undefined {
  const range = mapped.findLast(
    (one) => one.domain === domain && iova >= one.first && iova <= one.last,
  );
  return range?.place;
}
