import { isZero } from '../bits/pte64.ts';
import { eventsSince } from '../mem/events.ts';
import { load } from '../mem/physMem.ts';
import { leafAt } from '../world/leaves.ts';
import type { Space } from '../world/space.ts';
import type { World } from '../world/world.ts';
import { pageText, type StepFacts, type Violation } from './violation.ts';

/** I-FMT-1 to I-FMT-3. */
export function checkFormat(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const claim of step.claims) {
    const events = [step.since, world.log.next] as const;
    if (claim.kind === 'unsupported-feature') {
      found.push({ invariant: 'I-FMT-3', events, what: claim.what });
    }
    if (claim.kind === 'looked-up') {
      const { page, translated } = claim;
      const leaf = leafAt(world, world.spaces.get(claim.space)!, page);
      if ((leaf !== undefined) === translated) continue;
      const at = pageText(page);
      found.push({
        ...{ invariant: 'I-FMT-2', iova: { first: page, last: page }, events },
        what: translated
          ? `software translates ${at} of ${claim.space}, and hardware finds nothing there`
          : `hardware translates ${at} of ${claim.space}, and software says that nothing is there`,
      });
    }
  }
  for (const event of eventsSince(world.log, step.since)) {
    if (event.kind !== 'store') continue;
    for (const space of world.spaces.values()) {
      const position = space.positions.get(event.pfn);
      if (position === undefined) continue;
      for (let n = 0; n < event.count; n++) {
        found.push(...entry(world, space, event.pfn, event.index + n, position.level, event.seq));
      }
    }
  }
  return found;
}

function entry(
  world: World,
  space: Space,
  pfn: number,
  index: number,
  level: number,
  seq: number,
): readonly Violation[] {
  const word = load(world.mem, pfn, index);
  if (isZero(word)) return [];
  const reading = space.shape.read(word, level);
  const at = `entry ${index} of ${pageText(pfn)} (level ${level})`;
  if (reading.kind === 'invalid') {
    return [{ invariant: 'I-FMT-1', page: pfn, events: [seq, seq], what: `${at}: ${reading.why}` }];
  }
  if (space.isPresent === undefined) return [];
  const software = space.isPresent(word, level);
  const hardware = reading.kind !== 'empty';
  if (software === hardware) return [];
  const what = software
    ? `${at} is present to software and not to hardware`
    : `${at} is present to hardware and not to software`;
  return [{ invariant: 'I-FMT-2', page: pfn, events: [seq, seq], what }];
}
