import type { CallFact, Facts, Relation, Role, Value } from '../../../flow/facts.ts';
import type { Meanings } from '../../../flow/contracts/meaning.ts';

/** One argument that both ends of a pair have to agree on. */
export interface PairEnds {
  /** Interfaces of the two ends, and what names the resource. */
  readonly key: string;
  readonly role: Role;
  readonly acquired: Value;
  readonly released: Value;
  /** As the engine knows it on a path; `unknown` where the ends meet only through a member of an object. */
  readonly relation: Relation;
}

/** What both ends of a pair owe each other. */
const pairedRoles: ReadonlySet<Role> = new Set(['size', 'dir', 'attrs']);
const handleRoles: ReadonlySet<Role> = new Set(['dma_addr', 'iova', 'cpu_addr']);

/** The ends of pairs in one file: those that the engine follows, and those that meet through one member only. */
export function pairEnds(facts: Facts, meanings: Meanings): PairEnds[] {
  const followed = facts.pairings.flatMap((pairing) =>
    pairing.kind === 'sync'
      ? []
      : pairing.pairs
          .filter(({ role }) => pairedRoles.has(role))
          .map((pair): PairEnds => ({
            key: `${pairing.resource.acquire.function} ${pairing.call.function}`,
            role: pair.role,
            acquired: pair.acquired,
            released: pair.released,
            relation: pair.relation,
          })),
  );
  return [...followed, ...throughMembers(facts, meanings)];
}

/** Ends that meet in a member which one place of the file fills and one releases, in functions that do not call each other. */
function throughMembers(facts: Facts, meanings: Meanings): PairEnds[] {
  const acquiring = new Map<string, CallFact[]>();
  for (const { handle, acquire, family } of facts.resources) {
    add(acquiring, family, memberPath(handle || handleOf(acquire)), acquire);
  }
  const releasing = new Map<string, CallFact[]>();
  for (const call of unique(facts.calls)) {
    const contract = meanings.contractOf(call.function, call.args.length);
    if (contract?.effect === 'release')
      add(releasing, contract.family, memberPath(handleOf(call)), call);
  }
  return [...acquiring].flatMap(([key, acquires]) => {
    const releases = releasing.get(key) ?? [];
    const [acquire] = acquires;
    const [release] = releases;
    // Several of a kind: nobody can tell from the spelling which belong together.
    if (
      acquires.length !== 1 ||
      releases.length !== 1 ||
      acquire === undefined ||
      release === undefined
    )
      return [];
    if (acquire.place.function === release.place.function) return [];
    return [...pairedRoles].flatMap((role): PairEnds[] => {
      const acquired = acquire.args.find((arg) => arg.role === role);
      const released = release.args.find((arg) => arg.role === role);
      if (acquired === undefined || released === undefined) return [];
      return [
        {
          key: `${acquire.function} ${release.function} ${key}`,
          role,
          acquired,
          released,
          relation: 'unknown',
        },
      ];
    });
  });
}

function add(
  map: Map<string, CallFact[]>,
  family: string,
  path: string | undefined,
  call: CallFact,
): void {
  if (path === undefined) return;
  const key = `${family} ${path}`;
  const list = map.get(key);
  if (list === undefined) map.set(key, [call]);
  else list.push(call);
}

/** Each call once, whatever paths lead to it. */
function unique(calls: readonly CallFact[]): CallFact[] {
  return [...new Map(calls.map((call) => [call.place.span.start, call])).values()];
}

const handleOf = (call: CallFact): string =>
  call.args.find(({ role }) => handleRoles.has(role))?.text ?? '';

/** `ring.dma` of `q->ring.dma`; undefined for what is no member. */
function memberPath(text: string): string | undefined {
  return /^\w+->([\w.>-]+)$/.exec(text.replace(/\s+/g, ''))?.[1];
}
