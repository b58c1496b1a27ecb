import type {
  CallFact,
  CheckEnd,
  CheckFact,
  Convention,
  FunctionFacts,
  FlowPlace,
  FlowStep,
  GatherFact,
  LeakFact,
  LeakOwnership,
  OverlapFact,
  PagesBackFact,
  PairingFact,
  ResourceFact,
  ResourceId,
  ScatterWalkFact,
  StoreFact,
  TaintedFreeFact,
  UncheckedFact,
  WayOut,
} from '../facts.ts';

import type { LeftThere, TakenThere } from '../facts/meetings.ts';

/** What all paths together say about one site. */
interface SiteRecord {
  acquire: CallFact;
  family: ResourceFact['family'];
  handle: string;
  inLoop: boolean;
  checked: boolean;
  readonly releases: FlowPlace[];
  returnedRaw: boolean;
  /** Some path hands the resource to somebody else for good. */
  transferred: boolean;
}

interface PendingUnchecked {
  readonly site: ResourceId;
  readonly at: FlowPlace;
  readonly why: UncheckedFact['why'];
  /** The path ends in an error, and nobody was given the handle. */
  readonly failing: boolean;
  readonly wrongCheck: CheckFact | undefined;
  readonly steps: readonly FlowStep[];
}

/** A resource left behind, before it is known what the other paths do. */
export interface PendingLeak {
  readonly site: ResourceId;
  readonly ownership: LeakOwnership;
  readonly at: FlowPlace;
  readonly atText: string;
  readonly outcome: LeakFact['outcome'];
  readonly earlierTurn: boolean;
  /** A list of which more entries were mapped than the path goes on with. */
  readonly tooMany: boolean;
  /** The memory that was mapped was allocated here as well, and stays reachable with the handle: both were handed on. */
  readonly withMemory: boolean;
  /** Where the last condition ends that the path met. */
  readonly lastCondition: number | undefined;
  /** No caller could know what to release: earlier turns of a loop, part of a length. */
  readonly certain: boolean;
  readonly steps: readonly FlowStep[];
}

/** What a function returns after a map whose count it did not test; a loop over no entries is enough to tell. */
export type CountAnswer = 'error' | 'zero' | 'other';

interface PendingPairing extends Omit<PairingFact, 'resource' | 'answered'> {
  readonly site: ResourceId;
}

/** Collects the facts of one function while its paths are walked. */
export interface Recorder {
  site(
    id: ResourceId,
    first: () => Omit<SiteRecord, 'checked' | 'releases' | 'returnedRaw' | 'transferred'>,
  ): void;
  /** The expression that keeps the handle, as spelled. */
  named(id: ResourceId, text: string): void;
  checked(id: ResourceId): void;
  released(id: ResourceId, at: FlowPlace): void;
  /** The calls that released it on some path. */
  releasesOf(id: ResourceId): readonly FlowPlace[];
  returnedRaw(id: ResourceId): void;
  transferred(id: ResourceId): void;
  call(key: number, variant: string, make: () => CallFact): void;
  check(key: string, make: () => CheckFact): CheckFact;
  /** The condition also tests values that no interface returned: it may be meant for those. */
  mixed(condition: string): void;
  unchecked(fact: PendingUnchecked): void;
  leak(fact: PendingLeak): void;
  /** Where something stays behind: offsets of the statements in the function. */
  leavingAt(): ReadonlySet<number>;
  wayOut(at: number, way: WayOut): void;
  pairing(key: string, make: () => PendingPairing): void;
  /** The path asked this release how much it removed, and goes by the answer. */
  answered(key: string): void;
  store(key: number, make: () => StoreFact): void;
  overlap(key: string, make: () => Omit<OverlapFact, 'first'> & { first: ResourceId }): void;
  gather(key: string, make: () => GatherFact): void;
  /** A release of what was found in a member; the last of a loop's turns are kept. */
  taken(call: number, make: () => TakenThere | undefined): void;
  left(found: readonly LeftThere[]): void;
  readonly meetings: { readonly left: readonly LeftThere[]; readonly taken: readonly TakenThere[] };
  pagesBack(key: string, make: () => PagesBackFact): void;
  /** How the function ended where a list was mapped or was not, although no test asked for that. */
  mapped(id: ResourceId, what: 'none' | 'some', answer: CountAnswer): void;
  /** A path on which a call answered 0, or bytes, ended like this. */
  ending(call: number, answer: 'zero' | 'bytes', outcome: LeakFact['outcome']): void;
  tainted(key: string, make: () => TaintedFreeFact): void;
  walk(key: number, make: () => ScatterWalkFact): void;
  /** True when something was recorded that a rule may turn into a finding. */
  readonly suspicious: boolean;
  /** A recorder that knows the same sites and nothing else, for walks that only ask what would happen. */
  trial(): Recorder;
  /**
   * The facts, with leaks that need belief judged by what the other paths did.
   *
   * @param isNoneAsked whether a caller asks if the function returned 0.
   */
  finish(
    keep: (leak: PendingLeak, site: SiteRecord) => LeakOwnership | undefined,
    isNoneAsked: () => boolean,
  ): FunctionFacts;
}

const mostVariants = 4;
const mostMeetings = 24;

function rankOf({ outcome }: PendingLeak): number {
  return outcome === 'error' ? 1 : 0;
}

/**
 * One leak of those of a resource that differ in their exit only. What a loop takes, a later turn's failure shows best; where
 * some path releases it, walks that no element can be matched with may do so for earlier turns, and this turn's says more.
 */
function clearest(leaks: readonly LeakFact[]): LeakFact[] {
  const weight = ({ resource, earlierTurn, outcome }: LeakFact): number =>
    (outcome === 'error' ? 2 : 0) + (earlierTurn !== resource.releasedSomewhere ? 1 : 0);
  const isBetter = (one: LeakFact, other: LeakFact): boolean =>
    weight(one) > weight(other) ||
    (weight(one) === weight(other) && one.at.span.start < other.at.span.start);
  return leaks.filter(
    (leak) =>
      !leaks.some(
        (other) =>
          other.resource === leak.resource &&
          other.ownership === leak.ownership &&
          isBetter(other, leak),
      ),
  );
}

/** Starts the collection for one function. */
export function createRecorder(): Recorder {
  return recorderOver(new Map());
}

function recorderOver(sites: Map<ResourceId, SiteRecord>): Recorder {
  const calls = new Map<number, Map<string, CallFact>>();
  const checks = new Map<string, CheckFact>();
  const mixed = new Set<string>();
  const unchecked = new Map<ResourceId, PendingUnchecked>();
  const leaks = new Map<string, PendingLeak & { exits: Set<number> }>();
  const pairings = new Map<string, PendingPairing>();
  const answered = new Set<string>();
  const stores = new Map<number, StoreFact>();
  const overlaps = new Map<string, Omit<OverlapFact, 'first'> & { first: ResourceId }>();
  const gathers = new Map<string, GatherFact>();
  const taken: TakenThere[] = [];
  const left: LeftThere[] = [];
  const pagesBack = new Map<string, PagesBackFact>();
  const endings = new Map<string, Set<LeakFact['outcome']>>();
  const counts = new Map<string, Set<CountAnswer>>();
  const tainted = new Map<string, TaintedFreeFact>();
  const walks = new Map<number, ScatterWalkFact>();
  const waysOut = new Map<number, WayOut>();

  const once = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = make();
    map.set(key, made);
    return made;
  };

  return {
    site: (id, first) => {
      once(sites, id, () => ({
        ...first(),
        checked: false,
        releases: [],
        returnedRaw: false,
        transferred: false,
      }));
    },
    named: (id, text) => {
      const site = sites.get(id);
      if (site?.handle === '') site.handle = text;
    },
    checked: (id) => {
      sites.get(id)!.checked = true;
    },
    released: (id, at) => {
      const { releases } = sites.get(id)!;
      if (!releases.some(({ span }) => span.start === at.span.start)) releases.push(at);
    },
    releasesOf: (id) => sites.get(id)?.releases ?? [],
    returnedRaw: (id) => {
      sites.get(id)!.returnedRaw = true;
    },
    transferred: (id) => {
      sites.get(id)!.transferred = true;
    },
    call: (key, variant, make) => {
      const variants = once(calls, key, () => new Map<string, CallFact>());
      if (variants.size < mostVariants) once(variants, variant, make);
    },
    check: (key, make) => once(checks, key, make),
    mixed: (condition) => {
      mixed.add(condition);
    },
    unchecked: (fact) => {
      const known = unchecked.get(fact.site);
      if (known === undefined || (known.failing && !fact.failing)) unchecked.set(fact.site, fact);
    },
    leak: (fact) => {
      const key = `${fact.site} ${fact.ownership} ${fact.earlierTurn} ${fact.tooMany}`;
      const known = leaks.get(key);
      const exits = (known?.exits ?? new Set<number>()).add(fact.at.span.start);
      // An error exit says more than a success; of two that say the same, the first in the text stays, whatever
      // the order in which the paths were walked.
      const more = known === undefined ? 1 : rankOf(fact) - rankOf(known);
      const earlier = known !== undefined && fact.at.span.start < known.at.span.start;
      const better = more > 0 || (more === 0 && earlier);
      leaks.set(key, better || known === undefined ? { ...fact, exits } : { ...known, exits });
    },
    leavingAt: () => new Set([...leaks.values()].map(({ at }) => at.span.start)),
    wayOut: (at, way) => {
      waysOut.set(at, way);
    },
    pairing: (key, make) => {
      const known = pairings.get(key);
      if (known?.pairs.some(({ relation }) => relation === 'different')) return;
      if (known !== undefined && known.match === 'exact') {
        const next = make();
        if (next.pairs.some(({ relation }) => relation === 'different')) pairings.set(key, next);
        return;
      }
      pairings.set(key, make());
    },
    answered: (key) => {
      answered.add(key);
    },
    store: (key, make) => {
      once(stores, key, make);
    },
    overlap: (key, make) => {
      once(overlaps, key, make);
    },
    gather: (key, make) => {
      once(gathers, key, make);
    },
    taken: (call, make) => {
      if (taken.length >= mostMeetings) return;
      const one = make();
      if (one !== undefined) taken.push(one);
    },
    left: (found) => {
      for (const one of found) {
        const isKnown = left.some(
          ({ site, values }) =>
            site === one.site && values.every((value, i) => value === one.values[i]),
        );
        if (!isKnown && left.length < mostMeetings) left.push(one);
      }
    },
    meetings: { left, taken },
    pagesBack: (key, make) => {
      once(pagesBack, key, make);
    },
    mapped: (id, what, answer) => {
      once(counts, `${id} ${what}`, () => new Set()).add(answer);
    },
    ending: (call, answer, outcome) => {
      once(endings, `${call} ${answer}`, () => new Set()).add(outcome);
    },
    tainted: (key, make) => {
      once(tainted, key, make);
    },
    walk: (key, make) => {
      once(walks, key, make);
    },
    get suspicious() {
      if (leaks.size + overlaps.size + gathers.size + tainted.size > 0) return true;
      return [...pairings.values()].some(({ pairs }) =>
        pairs.some((pair) => pair.relation === 'different'),
      );
    },
    trial: () => recorderOver(new Map([...sites].map(([id, site]) => [id, { ...site }]))),
    finish: (keep, isNoneAsked) => {
      // `if (failed(a) || failed(b)) return -ENOMEM;`: b is tested, only not where a failed, and no device gets it there.
      const isNews = ({ site, failing, wrongCheck }: PendingUnchecked): boolean =>
        (!failing || wrongCheck !== undefined || !sites.get(site)!.checked) && !isTold(site);
      // The caller hears that nothing was mapped: an error, or 0 entries of its own where others get more.
      const isTold = (id: ResourceId): boolean => {
        const none = counts.get(`${id} none`);
        if (none === undefined || none.has('other')) return false;
        if (!none.has('zero')) return true;
        return counts.get(`${id} some`)?.has('zero') !== true && isNoneAsked();
      };
      const resources = new Map<ResourceId, ResourceFact>();
      for (const [id, site] of sites) {
        resources.set(id, {
          id,
          family: site.family,
          acquire: site.acquire,
          inLoop: site.inLoop,
          handle: site.handle,
          checkedSomewhere: site.checked,
          releasedSomewhere: site.releases.length > 0,
          returnedRaw: site.returnedRaw,
        });
      }
      const resource = (id: ResourceId): ResourceFact => resources.get(id)!;
      const kept: LeakFact[] = [];
      for (const {
        site: id,
        certain,
        lastCondition,
        withMemory,
        tooMany,
        exits,
        ...leak
      } of leaks.values()) {
        const site = sites.get(id)!;
        const ownership = keep(
          { ...leak, site: id, certain, lastCondition, withMemory, tooMany },
          site,
        );
        if (ownership === undefined) continue;
        const wayOut = waysOut.get(leak.at.span.start);
        const [releasedAt] = site.releases;
        kept.push({
          ...leak,
          ownership,
          resource: resource(id),
          exits: exits.size,
          ...(wayOut && { wayOut }),
          ...(releasedAt && { releasedAt }),
        });
      }
      return {
        resources: [...resources.values()],
        checks: [...checks]
          .filter(([key, { tells }]) => tells === 'failure' || !mixed.has(key.split(' ')[0]!))
          .map(([key, check]) => ({ ...check, ...endsOf(endings, key.split(' ')[1]!) })),
        unchecked: [...unchecked.values()]
          .filter(isNews)
          .map(({ site, wrongCheck, failing: _failing, ...fact }) => ({
            ...fact,
            resource: resource(site),
            ...(wrongCheck && { wrongCheck }),
          })),
        pairings: [...pairings].map(([key, { site, ...fact }]) => ({
          ...fact,
          answered: answered.has(key),
          resource: resource(site),
        })),
        leaks: clearest(kept),
        calls: [...calls.values()].flatMap((variants) => [...variants.values()]),
        stores: [...stores.values()],
        overlaps: [...overlaps.values()].map((fact) => ({ ...fact, first: resource(fact.first) })),
        gathers: [...gathers.values()],
        pagesBack: [...pagesBack.values()],
        tainted: [...tainted.values()],
        walks: [...walks.values()],
      };
    },
  };
}

function endsOf(
  endings: ReadonlyMap<string, ReadonlySet<LeakFact['outcome']>>,
  call: string,
): Pick<CheckFact, 'ends'> {
  const end = (answer: string): CheckEnd => {
    const [first, ...others] = endings.get(`${call} ${answer}`) ?? [];
    return first === undefined ? 'never' : others.length > 0 ? 'mixed' : first;
  };
  const ends = { zero: end('zero'), bytes: end('bytes') };
  return ends.zero === 'never' && ends.bytes === 'never' ? {} : { ends };
}

/** How well each kind of test tells failure, by the convention of the call. */
export function telling(convention: Convention, kind: CheckFact['kind']): CheckFact['tells'] {
  if (kind === 'against-value') return convention === 'dma-address' ? 'nothing' : 'part';
  switch (convention) {
    case 'dma-address':
      return kind === 'mapping-error' || kind === 'equals-mapping-error' ? 'failure' : 'nothing';
    case 'count':
      return kind === 'zero' || kind === 'not-positive' ? 'failure' : 'nothing';
    case 'length':
      return kind === 'zero' || kind === 'not-positive' ? 'failure' : 'nothing';
    case 'length-or-errno':
    case 'count-or-errno':
      return kind === 'negative' || kind === 'not-positive'
        ? 'failure'
        : kind === 'zero'
          ? 'part'
          : 'nothing';
    case 'pointer-or-null':
      return kind === 'zero' || kind === 'err-or-null' || kind === 'not-positive'
        ? 'failure'
        : 'nothing';
    case 'error-pointer':
      return kind === 'err-pointer' || kind === 'err-or-null' || kind === 'negative'
        ? 'failure'
        : 'nothing';
    case 'errno':
      return kind === 'mapping-error' || kind === 'equals-mapping-error' ? 'nothing' : 'failure';
    case 'none':
      return 'nothing';
  }
}
