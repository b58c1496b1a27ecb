import type { World } from '../world/world.ts';
import { rangeText, type StepFacts, type Violation } from './violation.ts';

/** I-DIRTY-1 and I-DIRTY-2. */
export function checkDirty(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const claim of step.claims) {
    if (claim.kind !== 'dirty-read') continue;
    const events = [step.since, world.log.next] as const;
    const written = world.written.get(claim.space) ?? new Set<number>();
    const lost = [...written].filter(
      (page) => page >= claim.first && page <= claim.last && !claim.recorded.has(page),
    );
    for (const [first, last] of runs(lost)) {
      found.push({
        invariant: 'I-DIRTY-1',
        iova: { first, last },
        events,
        what: `the device wrote to ${rangeText(first, last)}, and the bitmap does not have it`,
      });
    }
    const unrecorded = [...claim.cleared].filter((page) => !claim.recorded.has(page));
    for (const [first, last] of runs(unrecorded)) {
      found.push({
        invariant: 'I-DIRTY-2',
        iova: { first, last },
        events,
        what: `${rangeText(first, last)} is cleared as clean and was not recorded`,
      });
    }
    const { gathered } = claim;
    const outside = [...claim.cleared].filter(
      (page) => gathered === undefined || page < gathered.first || page > gathered.last,
    );
    for (const [first, last] of runs(outside)) {
      found.push({
        invariant: 'I-DIRTY-2',
        iova: { first, last },
        events,
        what: `${rangeText(first, last)} is cleared, and the gather does not cover it: a cached entry keeps writing without setting D`,
      });
    }
  }
  return found;
}

/** Page numbers as runs of neighbours. */
function runs(pages: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const page of [...pages].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === page - 1) last[1] = page;
    else found.push([page, page]);
  }
  return found;
}
