import { eventsSince } from '../mem/events.ts';
import { leafAt, type LiveLeaf } from '../world/leaves.ts';
import type { World } from '../world/world.ts';
import { rangeText, type StepFacts, type Violation } from './violation.ts';

/** Level from which on sizes may change without a break. Source: Arm ARM (DDI 0487), FEAT_BBM; SMMU_IDR3.BBML. */
const NO_BREAK_LEVEL = 2;

/** I-BBM-1 and I-BBM-2. They concern Arm tables only. */
export function checkBbm(world: World, step: StepFacts): readonly Violation[] {
  return [...rewrites(world, step), ...overlaps(world, step)];
}

/** The observers of Arm tables that need a break, by name; an observer nobody described is at level 0. */
function needBreak(world: World): readonly string[] {
  const levels = { smmu: 0, ...world.bbmLevels };
  return Object.entries(levels)
    .filter(([, level]) => level < NO_BREAK_LEVEL)
    .map(([name, level]) => `${name} (BBML ${level})`);
}

function rewrites(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const { space: name, first, last, seq, sameOutput } of world.rewritten) {
    if (seq < step.since || world.spaces.get(name)?.arch !== 'smmuv3') continue;
    const observers = needBreak(world);
    if (sameOutput && observers.length === 0) continue;
    const why = sameOutput
      ? `without a break, which ${observers.join(' and ')} needs`
      : 'to another address without a break';
    found.push({
      invariant: 'I-BBM-1',
      iova: { first, last },
      events: [seq, seq],
      what: `${rangeText(first, last)} of ${name} changes while it is live, ${why}`,
    });
  }
  return found;
}

function overlaps(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const stale of world.stale.entries.values()) {
    if (stale.kind !== 'leaf') continue;
    for (const space of world.spaces.values()) {
      if (space.arch !== 'smmuv3' || space.tag !== stale.tag) continue;
      const live = leafAt(world, space, stale.first);
      if (live === undefined || (live.first === stale.first && live.last === stale.last)) continue;
      const iova = { first: stale.first, last: stale.last };
      const events = [stale.seq, world.log.next] as const;
      if (needBreak(world).length > 0) {
        found.push({
          invariant: 'I-BBM-2',
          iova,
          events,
          what: `${rangeText(live.first, live.last)} is live while a cached entry covers ${rangeText(stale.first, stale.last)}: a TLB conflict is possible`,
        });
      }
      const split = world.rewritten.some(({ seq }) => seq === stale.seq);
      if (!split && isStoredIn(world, step, live)) {
        found.push({
          invariant: 'I-BBM-1',
          iova,
          events,
          what: `${rangeText(stale.first, stale.last)} of ${space.name} is mapped again before the invalidation of its old entry has completed`,
        });
      }
    }
  }
  return found;
}

/** Whether the entry of a leaf was stored in this step. */
function isStoredIn(world: World, step: StepFacts, leaf: LiveLeaf): boolean {
  return eventsSince(world.log, step.since).some(
    (event) =>
      event.kind === 'store' &&
      event.pfn === leaf.table &&
      leaf.index >= event.index &&
      leaf.index < event.index + event.count,
  );
}
