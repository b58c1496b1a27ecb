import type { EntryReading } from '../hw/common/entry.ts';
import { hardwareLoad, load } from '../mem/physMem.ts';
import type { Space } from '../world/space.ts';
import type { World } from '../world/world.ts';
import { pageText, rangeText, type StepFacts, type Violation } from './violation.ts';

const PAGE_LG2 = 12;

/** I-COH-1 to I-COH-3. Nothing to say where walks are coherent. */
export function checkCoherence(world: World, step: StepFacts): readonly Violation[] {
  if (world.mem.pending === null) return [];
  const found: Violation[] = [];
  for (const claim of step.claims) {
    if (claim.kind === 'mapped') {
      found.push(...afterMap(world, world.spaces.get(claim.space)!, claim.first, claim.last));
    }
  }
  for (const { pfn, seq, unlinkPending } of world.freed) {
    if (seq < step.since || !unlinkPending) continue;
    found.push({
      invariant: 'I-COH-3',
      page: pfn,
      events: [seq, seq],
      what: `table page ${pageText(pfn)} is freed, and the store that unlinked it is still in the CPU's cache`,
    });
  }
  found.push(...unflushedTables(world, step));
  return found;
}

function isSameReading(a: EntryReading, b: EntryReading): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Tables whose pointers were stored in this step: at that moment their page has to be in memory. */
function unflushedTables(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const { pfn, seq, unflushed } of world.linked) {
    if (seq < step.since || !unflushed) continue;
    found.push({
      invariant: 'I-COH-2',
      page: pfn,
      events: [seq, seq],
      what: `the pointer to table ${pageText(pfn)} is stored before the page was flushed`,
    });
  }
  return found;
}

function afterMap(world: World, space: Space, first: number, last: number): readonly Violation[] {
  const top = space.top();
  for (const page of new Set([first, last])) {
    let { pfn, level } = top;
    for (;;) {
      const index =
        Math.floor(page / 2 ** (space.shape.itemLg2(level) - PAGE_LG2)) % space.shape.items;
      const { now, older } = hardwareLoad(world.mem, pfn, index);
      // Bits that only software looks at may lag behind.
      if (
        older !== undefined &&
        !isSameReading(space.shape.read(older, level), space.shape.read(now, level))
      ) {
        return [
          {
            invariant: 'I-COH-1',
            page: pfn,
            iova: { first, last },
            events: [world.log.next, world.log.next],
            what: `the map of ${rangeText(first, last)} returned, and entry ${index} of ${pageText(pfn)} is still in the CPU's cache`,
          },
        ];
      }
      const reading = space.shape.read(load(world.mem, pfn, index), level);
      if (reading.kind !== 'table') break;
      ({ pfn, nextLevel: level } = reading);
    }
  }
  return [];
}
