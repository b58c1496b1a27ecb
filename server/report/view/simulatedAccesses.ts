import type {
  SimulatedAccess,
  SimulatedEvent,
  SimulatedRun,
} from '../../simulate/compare/result/simulation.ts';
import { both } from './sides.ts';
import type { Both, ViewAccess, ViewOutcome, ViewSide } from './view.ts';

/** What a device does. */
type What = 'read and write' | 'write' | 'read';

/** Device accesses of both sides, as strips along the steps: reads and writes that come to the same are one. */
export function accessesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
  events: readonly Both<SimulatedEvent>[],
): readonly ViewAccess[] {
  const tried = new Map<string, Tried>();
  for (const [side, run] of [
    ['before', before],
    ['after', after],
  ] as const) {
    for (const access of run?.accesses ?? []) {
      const { domain, iova, write } = access;
      const key = keyOf(domain, iova, write);
      const first = BigInt(iova);
      const outcomes = outcomesOf(access, run, events, side);
      tried.set(key, {
        ...{ what: write ? 'write' : 'read', domain, first, last: first },
        outcomes: { ...tried.get(key)?.outcomes, [side]: outcomes },
      });
    }
  }
  const told = readsWithWrites(tried).filter(saysSomething);
  const domains = [...new Set(told.map(({ domain }) => domain))];
  const strips = WHATS.flatMap((what) => joined(told.filter((one) => one.what === what)));
  return strips
    .sort(
      (a, b) =>
        domains.indexOf(a.domain) - domains.indexOf(b.domain) ||
        (a.first === b.first ? 0 : a.first < b.first ? -1 : 1),
    )
    .map(({ what, domain, first, last, outcomes }) => ({
      title: `${what} to ${hex(first)}-${hex(last + PAGE_SIZE - 1n)}${domains.length > 1 ? `, ${domain}` : ''}`,
      outcomes,
      differs:
        before !== undefined &&
        after !== undefined &&
        saidBy(outcomes.before) !== saidBy(outcomes.after),
    }));
}

const WHATS: readonly What[] = ['read and write', 'write', 'read'];

function keyOf(domain: string, iova: string, write: boolean): string {
  return `${domain} ${iova} ${write ? 'write' : 'read'}`;
}

/** What an access comes to on a side, from step to step. */
function outcomesOf(
  access: SimulatedAccess,
  run: SimulatedRun | undefined,
  events: readonly Both<SimulatedEvent>[],
  side: ViewSide,
): readonly ViewOutcome[] {
  const { domain, iova, outcomes } = access;
  const isWrong = isBrokenAt(run, domain, BigInt(iova));
  const last = events.length;
  const changes = withoutRepeats(changesOf(events, side, access));
  const seen = changes.map(({ step, says }, n): ViewOutcome => ({
    ...{ from: step, to: (changes[n + 1]?.step ?? last + 1) - 1, says },
    isWrong: isWrong && n === changes.length - 1,
  }));
  return seen.length > 0
    ? seen
    : [{ from: last, to: last, says: outcomes.map(plainOutcome), isWrong }];
}

/** Strips of writes and reads; where a page answers both alike, one strip. */
function readsWithWrites(tried: ReadonlyMap<string, Tried>): readonly Tried[] {
  return [...tried.values()].flatMap((one): readonly Tried[] => {
    const isWrite = one.what === 'write';
    const other = tried.get(keyOf(one.domain, hex(one.first), !isWrite));
    if (other === undefined || neutral(one) !== neutral(other)) return [one];
    if (!isWrite) return [];
    return [{ ...one, what: 'read and write', outcomes: ofBothWays(one.outcomes) }];
  });
}

function neutral({ outcomes: { before, after } }: Tried): string {
  return JSON.stringify([before, after]).replace(/\b(?:writes|reads) /g, '# ');
}

function ofBothWays({ before, after }: Both<readonly ViewOutcome[]>): Both<readonly ViewOutcome[]> {
  const each = (one: ViewOutcome): ViewOutcome => ({
    ...one,
    says: one.says.map((text) => text.replace(/\bwrites /, 'reads and writes ')),
  });
  return both(before?.map(each), after?.map(each));
}

const NOT_MAPPED = 'fault: not mapped';

/** The level at which a walk ends matters to nobody who sees the tables, and bits have short names there. */
export function plainOutcome(text: string): string {
  return text
    .replace(/fault: no present entry at level \d+/, NOT_MAPPED)
    .replace('Read or Write bit in a second-stage entry is clear', 'R or W is clear');
}

/** The steps of a side from which on an access comes to something else; none where steps were not watched. */
function changesOf(
  events: readonly Both<SimulatedEvent>[],
  side: ViewSide,
  { domain, iova, write }: SimulatedAccess,
): { readonly step: number; readonly says: readonly string[] }[] {
  return events.flatMap((event, n) => {
    const found = event[side]?.accesses?.find(
      (access) => access.domain === domain && access.iova === iova && access.write === write,
    );
    return found === undefined ? [] : [{ step: n + 1, says: found.outcomes.map(plainOutcome) }];
  });
}

function withoutRepeats<T extends { readonly says: readonly string[] }>(
  changes: readonly T[],
): readonly T[] {
  return changes.filter(({ says }, n) => changes[n - 1]?.says.join() !== says.join());
}

function saidBy(outcomes: readonly ViewOutcome[] | undefined): string {
  return JSON.stringify(outcomes?.map(({ says }) => says));
}

function isBrokenAt(run: SimulatedRun | undefined, domain: string, at: bigint): boolean {
  return (run?.violations ?? []).some(
    ({ iova, domain: of = domain }) =>
      iova !== undefined && of === domain && at >= BigInt(iova.first) && at <= BigInt(iova.last),
  );
}

interface Tried {
  readonly what: What;
  readonly domain: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly outcomes: Both<readonly ViewOutcome[]>;
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** Of an address at which no device gets through on any side at any step, there is nothing to be seen. */
function saysSomething({ what, outcomes: { before, after } }: Tried): boolean {
  const isNone = (text: string): boolean =>
    text === NOT_MAPPED || (what === 'read and write' && text.startsWith('fault: '));
  return [...(before ?? []), ...(after ?? [])].some(
    ({ says, isWrong }) => isWrong || !says.every(isNone),
  );
}

/** Pages behind each other that come to the same, addresses aside, are one strip. */
function joined(tried: readonly Tried[]): readonly Tried[] {
  const kind = ({ domain, outcomes }: Tried): string =>
    JSON.stringify([domain, outcomes.before, outcomes.after]).replace(/0x[0-9a-f]+/g, '#');
  const strips: Tried[] = [];
  for (const one of tried) {
    const last = strips.at(-1);
    if (last !== undefined && kind(last) === kind(one) && one.first === last.last + PAGE_SIZE) {
      strips[strips.length - 1] = { ...last, last: one.last };
    } else strips.push(one);
  }
  return strips;
}

const PAGE_SIZE = 4096n;
