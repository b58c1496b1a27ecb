import type { Violation as Broken } from '../../model/check/violation.ts';
import type { MappedRange } from '../situations/mappedRanges.ts';
import type { Probe } from '../situations/probe.ts';
import type { BrokenAt } from './replay.ts';
import type { LoggedOperation, RunLog } from './runLog.ts';
import type { Violation } from './violation.ts';

const PAGE = 4096;
/** Invariants whose first event is the store that made an entry stale, and not just where a step began. */
const HAS_CAUSE: ReadonlySet<string> = new Set([
  ...['I-REACH-1', 'I-REACH-2', 'I-LIFE-1', 'I-LIFE-2', 'I-GATH-1'],
]);

/** What words a violation of the model with its place in the C needs. */
export interface Told {
  readonly log: RunLog;
  readonly probes: readonly Probe[];
  readonly mapped: readonly MappedRange[];
}

/** Broken invariants in the words of a run: joined where they are alike, each with the C that broke it. */
export function violationsOf(found: readonly BrokenAt[], told: Told): Violation[] {
  return runsOf(found, told).map((run) => violationOf(run, told));
}

/** Neighbours that break the same in the same operation are one. */
function runsOf(found: readonly BrokenAt[], told: Told): BrokenAt[][] {
  const runs: BrokenAt[][] = [];
  for (const one of found) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && isNext(last, one, told)) runs.at(-1)!.push(one);
    else runs.push([one]);
  }
  return runs;
}

function isNext(last: BrokenAt, one: BrokenAt, told: Told): boolean {
  const [a, b] = [last.broken, one.broken];
  if (a.invariant !== b.invariant || last.at !== one.at) return false;
  if (a.invariant === 'I-LIFE-3') return true;
  const follows = a.iova !== undefined && b.iova !== undefined && a.iova.last + 1 === b.iova.first;
  return follows && subjectOf(a, told) === subjectOf(b, told);
}

function violationOf(run: readonly BrokenAt[], told: Told): Violation {
  const [{ broken, since, at }] = run as readonly [BrokenAt];
  const { operations } = told.log;
  const last = run.at(-1)!.broken;
  const place = placeOf(broken, operations[at], told);
  const begun = HAS_CAUSE.has(broken.invariant) && since !== at ? operations[since] : undefined;
  const { iova, page } = broken;
  return {
    ...{ id: broken.invariant, subject: subjectOf(broken, told), place, since: begun?.place },
    message: `${broken.what}${domainOf(broken, told)}${effectOf(broken, operations[at])}`,
    ...(iova === undefined ? {} : { iova: { first: addressOf(iova.first), last: addressOf((last.iova ?? iova).last + 1) - 1n } }), // prettier-ignore
    ...(page === undefined ? {} : { page: page * PAGE }),
    ...(broken.space === undefined ? {} : { domain: broken.space }),
    operation: at,
  };
}

/** What a difference between two sides is told by: the same thing broken elsewhere is another. */
function subjectOf({ invariant, space, what, iova }: Broken, { probes }: Told): string {
  if (invariant === 'I-LIFE-3') return 'RAM';
  const name = space ?? probes.find((probe) => what.includes(probe.name))?.name ?? '';
  if (invariant === 'I-CC-2') return `${name}: ${what.startsWith('RAM') ? 'RAM' : 'MMIO'}`;
  return iova === undefined && name === '' ? 'tables' : name;
}

/** The table, where there are several and the model's words do not name it. */
function domainOf({ space, what }: Broken, { probes }: Told): string {
  const isNamed = space === undefined || what.includes(space);
  return isNamed || probes.length < 2 ? '' : ` in ${space}`;
}

/** What comes of it, where the model's own words do not say. */
function effectOf({ invariant, what }: Broken, operation: LoggedOperation | undefined): string {
  if (invariant === 'I-CC-2') {
    return what.startsWith('RAM') ? ': devices see ciphertext' : ': the access goes elsewhere';
  }
  if (invariant !== 'I-LIFE-3' || operation?.kind !== 'store') return '';
  const { count, by } = operation;
  return `: ${count} ${count === 1 ? 'word' : 'words'} by ${by}()`;
}

/** The C that is to blame: of an entry that is wrong, the place that asked for the mapping. */
function placeOf(
  { invariant, iova, space }: Broken,
  operation: LoggedOperation | undefined,
  { probes, mapped }: Told,
): Violation['place'] {
  const probe = probes.find(({ name }) => name === space);
  if (invariant === 'I-CC-2' && iova !== undefined && probe !== undefined) {
    const first = addressOf(iova.first);
    const range = mapped.findLast(
      (one) => one.domain === probe.domain && first >= one.first && first <= one.last,
    );
    if (range !== undefined) return range.place;
  }
  return operation?.place;
}

/** The address of a page; a length that is no whole number of pages ends inside of one. */
function addressOf(page: number): bigint {
  const whole = Math.floor(page);
  return BigInt(whole) * BigInt(PAGE) + BigInt(Math.round((page - whole) * PAGE));
}
