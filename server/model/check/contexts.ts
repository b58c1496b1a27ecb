import { contextTag } from '../world/device.ts';
import { spaceOf, wrongContext } from '../world/ownContexts.ts';
import type { World } from '../world/world.ts';
import { pageText, rangeText, type Claim, type StepFacts, type Violation } from './violation.ts';

/** I-CTX-1 of contexts that C writes, and what I-REACH-1 says of devices that have left a domain. */
export function checkContexts(world: World, step: StepFacts): readonly Violation[] {
  const now = world.log.next;
  const found: Violation[] = world.misled
    .filter(({ seq }) => seq >= step.since)
    .map(({ seq, what }) => ({ invariant: 'I-CTX-1', events: [seq, seq], what }));
  for (const claim of step.claims) {
    if (claim.kind === 'context') found.push(...whenSettled(world, claim, now));
  }
  return found;
}

/** A device was attached or taken away, and who asked for it was told so. */
function whenSettled(
  world: World,
  { device: name, is }: Claim & { readonly kind: 'context' },
  now: number,
): readonly Violation[] {
  const device = world.devices.get(name)!;
  const reading = world.contexts.get(name);
  const space = spaceOf(world, device);
  if (reading === undefined || space === undefined) return [];
  const found: Violation[] = [];
  if (is === 'attached' && reading.kind === 'blocked') {
    const what = `the ${name} is attached to ${space.name}, and its context blocks it: ${reading.why}`;
    found.push({ invariant: 'I-CTX-1', events: [now, now], what });
  }
  if (is === 'blocked' && reading.kind !== 'blocked') {
    const leads =
      reading.kind === 'translates' && wrongContext(device, space, reading) === undefined
        ? `leads to ${space.name}`
        : 'answers requests';
    const what = `the ${name} is to be blocked, and its context still ${leads}`;
    found.push({ invariant: 'I-CTX-1', events: [now, now], what });
  }
  for (const stale of world.stale.entries.values()) {
    if (stale.tag === contextTag(device)) {
      const holds = stale.kind === 'negative' ? 'that there is none' : 'the old one';
      const what = `the context of the ${name} has changed, and the context cache may still hold ${holds}`;
      found.push({ invariant: 'I-CTX-1', events: [stale.seq, now], what });
    }
    const left = world.left.get(stale.id);
    if (is !== 'blocked' || left?.device !== name) continue;
    const { first, last, target } = stale;
    const what = `the ${name} has left ${left.space}, and ${[...stale.where].join(' and ')} may still translate ${rangeText(first, last)} to ${pageText(target!)} for who gets its number`;
    found.push({ invariant: 'I-REACH-1', page: target!, iova: { first, last }, events: [stale.seq, now], what }); // prettier-ignore
  }
  return found;
}
