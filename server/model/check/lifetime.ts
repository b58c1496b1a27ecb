import { eventsSince } from '../mem/events.ts';
import { pageState } from '../mem/physMem.ts';
import type { FreedTable, World } from '../world/world.ts';
import { pageText, type StepFacts, type Violation } from './violation.ts';

/** I-LIFE-1 to I-LIFE-3. */
export function checkLifetime(world: World, step: StepFacts): readonly Violation[] {
  const freedNow = world.freed.filter(({ seq }) => seq >= step.since);
  const stores = eventsSince(world.log, step.since).filter((event) => event.kind === 'store');
  return [
    ...freedNow.flatMap((table) => freed(world, table)),
    ...stores.flatMap(({ pfn, seq }) => stored(world, pfn, seq)),
  ];
}

function freed(world: World, { pfn, seq, live, stale: cached }: FreedTable): readonly Violation[] {
  const found: Violation[] = live.map((name) => ({
    invariant: 'I-LIFE-1',
    page: pfn,
    events: [seq, seq],
    what: `table page ${pageText(pfn)} is freed while ${name} leads to it`,
  }));
  for (const stale of cached) {
    const iova = { first: stale.first, last: stale.last };
    found.push({
      invariant: 'I-LIFE-1',
      page: pfn,
      iova,
      events: [stale.seq, seq],
      what: `table page ${pageText(pfn)} is freed while the walk cache may still point to it`,
    });
    const leafOnly = world.completed.some(
      (command) =>
        command.target === 'iotlb' &&
        !command.nonLeaf &&
        command.seq > stale.seq &&
        (command.tag === undefined || command.tag === stale.tag),
    );
    if (!leafOnly) continue;
    found.push({
      invariant: 'I-LIFE-2',
      page: pfn,
      iova,
      events: [stale.seq, seq],
      what: `the invalidation before table page ${pageText(pfn)} was freed dropped leaves only`,
    });
  }
  return found;
}

function stored(world: World, pfn: number, seq: number): readonly Violation[] {
  const { use, freeSeq } = pageState(world.mem, pfn);
  // The page may have been freed later in the same step.
  if (use === 'free' && freeSeq > seq) return [];
  if (use === 'table' || use === 'context' || use === 'queue') return [];
  return [
    {
      invariant: 'I-LIFE-3',
      page: pfn,
      events: [seq, seq],
      what: `a table entry is stored to ${pageText(pfn)}, which is ${use === 'ram' ? 'RAM' : use}`,
    },
  ];
}
