import { staleReaching } from '../hw/common/staleSet.ts';
import { leafAt, leavesReaching } from '../world/leaves.ts';
import type { World } from '../world/world.ts';
import { pageText, rangeText, type Claim, type StepFacts, type Violation } from './violation.ts';

/** I-REACH-1 and I-REACH-2, and what I-COH-1 says of caches that remember what is not there. */
export function checkReach(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const claim of step.claims) {
    if (claim.kind === 'flushed') found.push(...afterFlush(world, claim));
    if (claim.kind === 'map-told') found.push(...afterMap(world, claim));
    if (claim.kind === 'released') found.push(...afterRelease(world, claim));
  }
  return found;
}

function afterFlush(
  world: World,
  { space: name, range, why }: Claim & { readonly kind: 'flushed' },
): readonly Violation[] {
  const space = world.spaces.get(name)!;
  const found: Violation[] = [];
  for (const stale of world.stale.entries.values()) {
    if (stale.tag !== space.tag || stale.kind !== 'leaf') continue;
    if (range !== undefined && (stale.last < range.first || stale.first > range.last)) continue;
    const live = leafAt(world, space, stale.first);
    if (live !== undefined && live.pfn === stale.target) continue;
    found.push({
      invariant: 'I-REACH-1',
      page: stale.target!,
      iova: { first: stale.first, last: stale.last },
      events: [stale.seq, world.log.next],
      what: `${why === undefined ? '' : `${why}, and `}${[...stale.where].join(' and ')} of ${space.tag} may still translate ${rangeText(stale.first, stale.last)} to ${pageText(stale.target!)}`,
    });
  }
  return found;
}

function afterMap(
  world: World,
  { space: name, first, last }: Claim & { readonly kind: 'map-told' },
): readonly Violation[] {
  const space = world.spaces.get(name)!;
  const found: Violation[] = [];
  for (const stale of world.stale.entries.values()) {
    if (stale.tag !== space.tag || stale.kind !== 'negative') continue;
    if (stale.last < first || stale.first > last) continue;
    found.push({
      ...{ invariant: 'I-COH-1', space: name, iova: { first: stale.first, last: stale.last } },
      events: [stale.seq, world.log.next],
      what: `${rangeText(stale.first, stale.last)} is mapped in ${name}, and ${[...stale.where].join(' and ')} may still hold that nothing is there`,
    });
  }
  return found;
}

function afterRelease(
  world: World,
  claim: { readonly first: number; readonly last: number; readonly how: string },
): readonly Violation[] {
  const found: Violation[] = [];
  for (const space of world.spaces.values()) {
    for (const leaf of leavesReaching(world, space, claim.first, claim.last)) {
      found.push({
        invariant: 'I-REACH-2',
        page: claim.first,
        iova: { first: leaf.first, last: leaf.last },
        events: [world.log.next, world.log.next],
        what: `${rangeText(claim.first, claim.last)} is ${claim.how}, and ${space.name} still maps it at ${pageText(leaf.first)}`,
      });
    }
  }
  const seen = new Set<number>();
  for (let pfn = claim.first; pfn <= claim.last; pfn++) {
    for (const stale of staleReaching(world.stale, pfn)) {
      if (stale.kind !== 'leaf' || seen.has(stale.id)) continue;
      seen.add(stale.id);
      found.push({
        invariant: 'I-REACH-2',
        page: pfn,
        iova: { first: stale.first, last: stale.last },
        events: [stale.seq, world.log.next],
        what: `${rangeText(claim.first, claim.last)} is ${claim.how}, and ${[...stale.where].join(' and ')} may still translate ${pageText(stale.first)} to it`,
      });
    }
  }
  return found;
}
