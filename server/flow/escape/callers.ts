import type { FlowPlace, LeakOwnership } from '../facts.ts';
import type { PendingLeak } from '../record/recorder.ts';
import type { Inherited } from '../engine/run.ts';

/** What the rest of the file says about a function, for the question who cleans up after it. */
export interface CallerView {
  callersOf(name: string): readonly string[];
  /** What a function inherits from its callees, by their sites; undefined where it was not analysed to its end. */
  inheritedBy(name: string): ReadonlyMap<number, Inherited> | undefined;
  /** The kernel calls it first, and cleans nothing up when it fails. */
  isEntryPoint(name: string): boolean;
  /** Some function refuses lists that are too long before they are mapped. */
  boundsLists(): boolean;
}

type Answer =
  /** Every way up ends without a release. */
  | 'nobody releases'
  /** Some caller releases it. */
  | 'released'
  /** Some caller goes on with it, or hands it on. */
  | 'kept'
  /** A caller is out of sight or was not understood. */
  | 'unknown';

/** Follows a resource that a failing function left in a field, up through its callers. */
function whoReleases(
  view: CallerView,
  name: string,
  site: number,
  seen: ReadonlySet<string>,
): Answer {
  const callers = view.callersOf(name);
  if (callers.length === 0) return view.isEntryPoint(name) ? 'nobody releases' : 'unknown';
  let answer: Answer = 'nobody releases';
  for (const caller of callers) {
    if (seen.has(caller)) continue;
    const inherited = view.inheritedBy(caller)?.get(site);
    if (inherited === undefined) {
      answer = 'unknown';
      continue;
    }
    if (inherited.settled !== 'no') return inherited.settled;
    const above = whoReleases(view, caller, inherited.site, new Set([...seen, caller]));
    if (above === 'released' || above === 'kept') return above;
    if (above === 'unknown') answer = above;
  }
  return answer;
}

/** Distance from a condition to the statement that it guards: closing brackets and white space. */
const nextStatement = 24;

/** The path came by the release last, and a condition of the code let it pass: `if (b->len) unmap(b->dma)`. */
function isGuarded({ lastCondition }: PendingLeak, { span }: FlowPlace): boolean {
  if (lastCondition === undefined || span.start < lastCondition) return false;
  return span.start - lastCondition <= nextStatement;
}

/** Whether a leak stands after what the other paths and the callers do. */
export function judgeByCallers(
  view: CallerView,
  { name, capped }: { readonly name: string; readonly capped: string | undefined },
  leak: PendingLeak,
  released: FlowPlace | undefined,
): LeakOwnership | undefined {
  if (leak.tooMany && view.boundsLists()) return undefined;
  if (leak.ownership !== 'field-released-elsewhere') return leak.ownership;
  // Belief needs all paths.
  if (capped !== undefined) return undefined;
  const answer = whoReleases(view, name, leak.site, new Set([name]));
  if (answer === 'released') return undefined;
  if (released !== undefined)
    return isGuarded(leak, released) || leak.withMemory ? undefined : leak.ownership;
  if (answer === 'kept') return undefined;
  return answer === 'nobody releases' || leak.certain ? 'field-callers-do-not-unwind' : undefined;
}
