import { granuleCheck } from '../cc/gpt.ts';
import { ownerOf } from '../cc/pkvm.ts';
import { rmpLookup, roundedSize } from '../cc/rmp.ts';
import { pageState } from '../mem/physMem.ts';
import type { Device } from '../world/device.ts';
import { leavesWithin, liveLeaves, type LiveLeaf } from '../world/leaves.ts';
import type { Space } from '../world/space.ts';
import type { World } from '../world/world.ts';
import { pageText, rangeText, type StepFacts, type Violation } from './violation.ts';

/** I-CC-1, I-CC-2, I-RMP-1, I-DMA-1 and I-PKVM-1: who may reach what. */
export function checkAccess(world: World, step: StepFacts): readonly Violation[] {
  const found: Violation[] = [];
  for (const claim of step.claims) {
    if (claim.kind !== 'dma-mapped') continue;
    found.push({ invariant: 'I-DMA-1', events: [step.since, world.log.next], what: claim.problem });
  }
  for (const device of world.devices.values()) {
    const name = device.second ?? device.first;
    const space = name === undefined ? undefined : world.spaces.get(name);
    if (space === undefined) continue;
    for (const way of waysOf(world, space, step.scope))
      found.push(...judge(world, step, device, space, way));
  }
  return found;
}

/** A way from an IOVA range to memory: a leaf in the tables, or one that a cache may hold. */
interface Way {
  readonly first: number;
  readonly last: number;
  readonly pfn: number;
  readonly lg2: number;
  readonly encrypted: boolean;
  readonly seq: number;
  readonly live: boolean;
}

function* leavesToCheck(
  world: World,
  space: Space,
  scope: StepFacts['scope'],
): Generator<LiveLeaf> {
  if (scope === 'all') {
    yield* liveLeaves(world, space);
    return;
  }
  let done = -1;
  const spans = [...(world.changed.get(space.name) ?? [])].sort((a, b) => a.first - b.first);
  for (const { first, last } of spans) {
    if (last <= done) continue;
    for (const leaf of leavesWithin(world, space, { first: Math.max(first, done + 1), last })) {
      // A leaf may reach into the next span; it counts once.
      if (leaf.last > done) yield leaf;
      done = Math.max(done, leaf.last);
    }
  }
}

function* waysOf(world: World, space: Space, scope: StepFacts['scope']): Generator<Way> {
  const { encryptionPfn } = world.cc;
  for (const leaf of leavesToCheck(world, space, scope)) {
    const { first, last, pfn, lg2, word } = leaf;
    const stored = (word.hi & 0xfffff) * 2 ** 20 + (word.lo >>> 12);
    const encrypted = encryptionPfn !== 0 && Math.floor(stored / encryptionPfn) % 2 === 1;
    yield { first, last, pfn, lg2, encrypted, seq: world.log.next, live: true };
  }
  for (const stale of world.stale.entries.values()) {
    if (stale.kind !== 'leaf' || stale.tag !== space.tag) continue;
    const { first, last, seq } = stale;
    const lg2 = Math.log2(last - first + 1) + 12;
    yield { first, last, pfn: stale.target!, lg2, encrypted: false, seq, live: false };
  }
}

function judge(
  world: World,
  step: StepFacts,
  device: Device,
  space: Space,
  way: Way,
): readonly Violation[] {
  const found: Violation[] = [];
  const iova = { first: way.first, last: way.last };
  const events = [way.seq, world.log.next] as const;
  // What a cache holds is looked at after every step; entries of tables only when they change.
  const held = way.live ? { space: space.name } : {};
  const where = way.live ? `${space.name} maps` : `a cache may still map`;
  const untrusted = device.trustedBy === undefined;

  const isPrivate = untrusted ? firstPage(way, (pfn) => privacy(world, device, pfn)) : undefined;
  if (isPrivate !== undefined) {
    found.push({
      invariant: 'I-CC-1',
      page: isPrivate.pfn,
      ...held,
      iova,
      events,
      what: `${where} ${rangeText(way.first, way.last)} for ${device.name}, which is not trusted, to ${pageText(isPrivate.pfn)}, ${isPrivate.why}`,
    });
  }
  const notHosts = firstPage(way, (pfn) =>
    ownerOf(world.cc.pkvm, pfn) === 'host' ? undefined : "which is not the host's",
  );
  if (notHosts !== undefined) {
    found.push({
      invariant: 'I-PKVM-1',
      page: notHosts.pfn,
      ...held,
      iova,
      events,
      what: `${where} ${rangeText(way.first, way.last)} to ${pageText(notHosts.pfn)}, ${notHosts.why}`,
    });
  }
  if (!way.live) return found;
  if (device.arch === 'amd' && !untrusted) {
    const size = roundedSize(way.lg2);
    const other = firstPage(way, (pfn) => {
      const entry = rmpLookup(world.cc.rmp, pfn);
      return entry === undefined || entry.size === size ? undefined : entry.size;
    });
    const isLastStage = device.second !== undefined;
    if (other !== undefined && isLastStage) {
      found.push({
        invariant: 'I-RMP-1',
        page: other.pfn,
        ...held,
        iova,
        events,
        what: `the leaf at ${pageText(way.first)} is checked at ${size}, the RMP entry of ${pageText(other.pfn)} is ${other.why}`,
      });
    }
  }
  const { use } = pageState(world.mem, way.pfn);
  const known = use === 'ram' || use === 'mmio';
  if (
    device.arch === 'amd' &&
    world.cc.encryptionPfn !== 0 &&
    known &&
    way.encrypted !== (use === 'ram')
  ) {
    found.push({
      invariant: 'I-CC-2',
      page: way.pfn,
      ...held,
      iova,
      events: [step.since, world.log.next],
      what:
        use === 'ram'
          ? `RAM ${pageText(way.pfn)} is mapped at ${pageText(way.first)} without the C-bit`
          : `MMIO ${pageText(way.pfn)} is mapped at ${pageText(way.first)} with the C-bit`,
    });
  }
  return found;
}

/** Why a page is none of an untrusted device's business, if so. */
function privacy(world: World, device: Device, pfn: number): string | undefined {
  const entry = rmpLookup(world.cc.rmp, pfn);
  if (entry !== undefined) return `assigned to guest ${entry.asid}`;
  if (device.arch !== 'smmuv3' || granuleCheck(world.cc.gpt, pfn, 'ns') === 'pass')
    return undefined;
  return 'a granule of the realm world';
}

/** The first page of a way for which a test gives a reason. */
function firstPage(
  way: Way,
  test: (pfn: number) => string | undefined,
): { readonly pfn: number; readonly why: string } | undefined {
  for (let pfn = way.pfn; pfn <= way.pfn + (way.last - way.first); pfn++) {
    const why = test(pfn);
    if (why !== undefined) return { pfn, why };
  }
  return undefined;
}
