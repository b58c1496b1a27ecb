import { driverListeners } from '../kernel/domainDriver.ts';
import { userMemory } from '../kernel/userMemory.ts';
import type { UserPage } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { stackOf } from '../machine/whereabouts.ts';
import type { Probe } from './probe.ts';
import { entryFor } from './probe.ts';
import type { IovaRange } from './spec.ts';

/** IOVAs that were mapped in a domain, `last` inclusive, and where the file under review asked for it. */
export interface MappedRange {
  readonly domain: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly place: StackEntry | undefined;
}

/** What an IOVA is meant to lead to. */
export interface ExpectedPage extends UserPage {
  readonly iova: bigint;
}

/** Notes every range as the core tells the driver of it, from now on. */
export function noteMappings(machine: Machine): readonly MappedRange[] {
  const ranges: MappedRange[] = [];
  const { path } = machine.mainUnit;
  driverListeners(machine).listeners.push((event) => {
    if (event.kind !== 'iotlb_sync_map') return;
    const { domain, start: first, last } = event;
    const place = stackOf(machine).find(({ file }) => file === path);
    ranges.push({ domain, first, last, place });
  });
  return ranges;
}

/** The pages of the user mapping at the IOVAs they are asked for. */
export function expectedPages(machine: Machine, iova: number): readonly ExpectedPage[] {
  return userMemory(machine).pages.map((page, i) => ({
    ...page,
    iova: BigInt(iova) + BigInt(i) * 4096n,
  }));
}

const PAGE = 4096;

/** The first IOVA of every 4K page of some ranges. */
export function pagesOf(ranges: readonly IovaRange[]): bigint[] {
  return ranges.flatMap(({ iova, bytes }) =>
    Array.from({ length: Math.ceil(bytes / PAGE) }, (_, i) => BigInt(iova + i * PAGE)),
  );
}

/** The entries that decide about every page of some ranges now, by probe and IOVA. */
export function entriesIn(
  machine: Machine,
  probes: readonly Probe[],
  ranges: readonly IovaRange[],
): ReadonlyMap<Probe, ReadonlyMap<bigint, bigint>> {
  const iovas = pagesOf(ranges);
  return new Map(
    probes.map((probe) => [
      probe,
      new Map(iovas.map((iova) => [iova, entryFor(machine, probe, iova).bits])),
    ]),
  );
}
