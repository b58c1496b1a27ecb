import { formatAddr } from '../bits/pfn.ts';
import { eventsSince } from '../mem/events.ts';
import { outstanding } from '../hw/common/pri.ts';
import { contextTop } from '../world/contextTop.ts';
import type { World } from '../world/world.ts';
import { pageText, rangeText, type StepFacts, type Violation } from './violation.ts';

const BYTES_PER_PAGE = 4096;

/** I-GATH-1, I-PAIR-1, I-PAIR-2, I-TOP-1, I-CTX-1 and I-FAULT-1: what interfaces promise each other. */
export function checkContract(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  const now = world.log.next;
  for (const claim of step.claims) {
    if (claim.kind === 'unmapped') found.push(...afterUnmap(world, step, claim));
    if (claim.kind === 'torn') {
      found.push({ invariant: 'I-CTX-1', events: [step.since, now], what: claim.what });
    }
    if (claim.kind === 'domain-freed') {
      for (const group of outstanding(world.requests, claim.space)) {
        found.push({
          invariant: 'I-FAULT-1',
          iova: { first: group.page, last: group.page },
          events: [step.since, now],
          what: `${claim.space} is freed while ${group.device} waits for ${pageText(group.page)}`,
        });
      }
    }
  }
  for (const { answers, device, page } of world.requests.groups) {
    if (answers.length < 2) continue;
    found.push({
      invariant: 'I-FAULT-1',
      iova: { first: page, last: page },
      events: [step.since, now],
      what: `the request of ${device} for ${pageText(page)} is answered ${answers.length} times`,
    });
  }
  found.push(...tops(world, step));
  return found;
}

function afterUnmap(
  world: World,
  step: StepFacts,
  claim: StepFacts['claims'][number] & { readonly kind: 'unmapped' },
): readonly Violation[] {
  const found: Violation[] = [];
  const space = world.spaces.get(claim.space)!;
  const events = [step.since, world.log.next] as const;
  const iova = { first: claim.first, last: claim.first + Math.max(claim.asked, 1) - 1 };
  if (claim.removed !== claim.asked) {
    found.push({
      invariant: 'I-PAIR-1',
      iova,
      events,
      what: `asked to unmap ${bytes(claim.asked)}, removed ${bytes(claim.removed)}`,
    });
  }
  const allocated = eventsSince(world.log, step.since).find(({ kind }) => kind === 'alloc');
  if (allocated?.kind === 'alloc') {
    found.push({
      invariant: 'I-PAIR-2',
      page: allocated.pfn,
      iova,
      events: [allocated.seq, world.log.next],
      what: `the unmap allocates table page ${pageText(allocated.pfn)}`,
    });
  }
  const { gathered } = claim;
  if (gathered === undefined) return found;
  for (const stale of step.made) {
    if (stale.tag !== space.tag || stale.kind !== 'leaf') continue;
    const covered = gathered.first <= stale.first && gathered.last >= stale.last;
    if (covered && gathered.first <= gathered.last) continue;
    found.push({
      invariant: 'I-GATH-1',
      iova: { first: stale.first, last: stale.last },
      events: [stale.seq, world.log.next],
      what: `${rangeText(stale.first, stale.last)} changed, and the gather holds ${rangeText(gathered.first, gathered.last)}`,
    });
  }
  return found;
}

/** After every step the contexts of a space's devices have to name its top as software has it. */
function tops(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const device of world.devices.values()) {
    const name = device.second ?? device.first;
    const space = name === undefined ? undefined : world.spaces.get(name);
    if (space === undefined) continue;
    const hardware = contextTop(world, device);
    const software = space.top();
    if (hardware === undefined) continue;
    if (hardware.pfn === software.pfn && hardware.level === software.level) continue;
    found.push({
      invariant: 'I-TOP-1',
      page: software.pfn,
      events: [step.since, world.log.next],
      what: `software walks ${space.name} from ${pageText(software.pfn)} level ${software.level}, the context of ${device.name} from ${pageText(hardware.pfn)} level ${hardware.level}`,
    });
  }
  return found;
}

function bytes(pages: number): string {
  return formatAddr({ pfn: Math.floor(pages), offset: Math.round((pages % 1) * BYTES_PER_PAGE) });
}
