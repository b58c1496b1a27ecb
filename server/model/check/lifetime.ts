import { eventsSince } from '../mem/events.ts';
import { pageState } from '../mem/physMem.ts';
import type { World } from '../world/world.ts';
import { pageText, type StepFacts, type Violation } from './violation.ts';

/** I-LIFE-1 to I-LIFE-3. */
export function checkLifetime(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const event of eventsSince(world.log, step.since)) {
    if (event.kind === 'free') found.push(...freed(world, event.pfn, event.seq));
    if (event.kind === 'store') found.push(...stored(world, event.pfn, event.seq));
  }
  return found;
}

function freed(world: World, pfn: number, seq: number): readonly Violation[] {
  const found: Violation[] = [];
  for (const space of world.spaces.values()) {
    if (!space.positions.has(pfn)) continue;
    found.push({
      invariant: 'I-LIFE-1',
      page: pfn,
      events: [seq, seq],
      what: `table page ${pageText(pfn)} is freed while ${space.name} leads to it`,
    });
  }
  for (const stale of world.stale.entries.values()) {
    // What became stale after the page was freed is another matter: the page is somebody else's by then.
    if (stale.kind !== 'table' || stale.target !== pfn || stale.seq > seq) continue;
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
  const { use } = pageState(world.mem, pfn);
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
