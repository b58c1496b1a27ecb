import type { ChangedFile } from '../../patch/change.ts';
import type { Patch } from '../../patch/patch.ts';
import type { ReviewedFinding, Status } from '../review.ts';
import { byPlace } from '../settle.ts';
import { placesInPatch } from './hunkPlace.ts';
import type { ChangeFinding, PatchReview, WholeReview } from './seriesReview.ts';
import type { SettledChange } from './settleChange.ts';
import { type ChangeShown, isShown } from './shown.ts';

/** What settling one patch asks of its surroundings. */
export interface StepContext {
  /** The file of the change that a finding was found in. */
  fileOf(finding: ReviewedFinding, side: 'before' | 'after'): ChangedFile;
  /** A comment of its file allows the finding. */
  isAllowed(finding: ReviewedFinding): boolean;
  /** The function of a finding after the patch was not analysed to its end before it. */
  wasIncomplete(finding: ReviewedFinding): boolean | undefined;
  /** The function of a finding before the patch is not analysed to its end after it. */
  isIncomplete(finding: ReviewedFinding): boolean | undefined;
  readonly shown: ChangeShown;
}

/** Findings of one patch by status. */
export type Statuses = Pick<PatchReview, 'introduced' | 'fixed' | 'existing' | 'suppressed'>;

/** Follows findings through the patches of a series, so that what comes and goes is known as such. */
export interface FindingChains {
  step(index: number, patch: Patch, settled: SettledChange, context: StepContext): Statuses;
  /** Patches with the fate of what they introduced, and the series as one change. */
  finish(patches: readonly PatchReview[]): {
    readonly patches: readonly PatchReview[];
    readonly whole: Omit<WholeReview, 'counts'>;
  };
}

/** One defect from where it appears to where it goes. */
interface Chain {
  /** The patch that brought it; undefined: it was there before the series. */
  readonly introducedIn: number | undefined;
  fixedIn: number | undefined;
  /** What it was called in the patch that brought it. */
  readonly introducedAs: string;
  /** As it was last seen. */
  last: ChangeFinding;
}

/** Starts following. */
export function chainFindings(): FindingChains {
  const alive = new Map<string, Chain>();
  const all: Chain[] = [];
  const key = ({ file, fingerprint }: ReviewedFinding): string => `${file}\0${fingerprint}`;
  /** Fingerprints of what comments allow are numbered by themselves. */
  const keyIn = (finding: ReviewedFinding, context: StepContext): string =>
    context.isAllowed(finding) ? `allowed\0${key(finding)}` : key(finding);
  const begin = (last: ChangeFinding, introducedIn: number | undefined): Chain => {
    const chain: Chain = { introducedIn, introducedAs: key(last), fixedIn: undefined, last };
    all.push(chain);
    return chain;
  };
  return {
    step(index, patch, settled, context) {
      const make = (
        finding: ReviewedFinding,
        status: Status,
        side: 'before' | 'after',
      ): ChangeFinding => ({
        ...finding,
        status,
        ...placesInPatch(finding, side, context.fileOf(finding, side)),
        ...(patch.commit === undefined ? {} : { commit: patch.commit }),
      });
      const introduced: ChangeFinding[] = [];
      const fixed: ChangeFinding[] = [];
      const existing: ChangeFinding[] = [];
      const suppressed: ChangeFinding[] = [];
      const next: [string, Chain][] = [];
      for (const { before, after } of settled.pairs) {
        const known = keyIn(before, context);
        const chain = alive.get(known) ?? begin(make(before, 'existing', 'before'), undefined);
        alive.delete(known);
        const isAllowed = context.isAllowed(after);
        chain.last = make(after, isAllowed ? 'suppressed' : 'existing', 'after');
        (isAllowed ? suppressed : existing).push(chain.last);
        next.push([keyIn(after, context), chain]);
      }
      for (const finding of settled.added) {
        if (context.isAllowed(finding)) {
          const made = make(finding, 'suppressed', 'after');
          suppressed.push(made);
          next.push([keyIn(finding, context), begin(made, index)]);
          continue;
        }
        const made = make(finding, 'introduced', 'after');
        // Nobody knows what an unfinished analysis of the text before would have found.
        const known = context.wasIncomplete(finding) === true && !isOnChangedLine(made);
        if (known) existing.push({ ...made, status: 'existing' });
        else introduced.push(made);
        next.push([key(finding), begin(made, known ? undefined : index)]);
      }
      for (const finding of settled.gone) {
        const known = keyIn(finding, context);
        const chain = alive.get(known) ?? begin(make(finding, 'existing', 'before'), undefined);
        alive.delete(known);
        // What was allowed was not shown, and is not missed.
        if (context.isAllowed(finding)) {
          all.splice(all.indexOf(chain), 1);
          continue;
        }
        // A file that is gone mends nothing, and what was not looked at to its end is not known to be mended.
        const isGone = context.fileOf(finding, 'before').after === undefined;
        if (isGone || context.isIncomplete(finding) === true) continue;
        chain.fixedIn = index;
        const made = make(finding, 'fixed', 'before');
        chain.last = made;
        fixed.push(
          chain.introducedIn === undefined ? made : { ...made, introducedIn: chain.introducedIn },
        );
      }
      for (const [name, chain] of next) alive.set(name, chain);
      const visible = (list: readonly ChangeFinding[]): ChangeFinding[] =>
        list
          .filter((finding) => isShown(finding, finding.patch ?? finding.cause, context.shown))
          .sort(byPlace);
      return {
        introduced: visible(introduced),
        fixed: visible(fixed),
        existing: visible(existing),
        suppressed: visible(suppressed),
      };
    },
    finish(patches) {
      const fates = new Map<string, number>();
      for (const { introducedIn, introducedAs, fixedIn } of all) {
        if (introducedIn === undefined || fixedIn === undefined) continue;
        fates.set(`${introducedIn}\0${introducedAs}`, fixedIn);
      }
      const withFates = patches.map((review, index) => ({
        ...review,
        introduced: review.introduced.map((finding): ChangeFinding => {
          const fixedIn = fates.get(`${index}\0${key(finding)}`);
          return fixedIn === undefined ? finding : { ...finding, fixedIn };
        }),
      }));
      const whole = wholeOf(all, withFates);
      const followed = new Set(
        all.map((chain) => `${chain.introducedIn ?? ''}\0${chain.introducedAs}`),
      );
      // Rules about patches look at one patch: what they say stays.
      const ofPatches = withFates.flatMap(({ introduced }, index) =>
        introduced.filter((finding) => !followed.has(`${index}\0${key(finding)}`)),
      );
      return {
        patches: withFates,
        whole: { ...whole, introduced: [...whole.introduced, ...ofPatches].sort(byPlace) },
      };
    },
  };
}

const isOnChangedLine = ({ patch, cause }: ChangeFinding): boolean =>
  patch?.kind === 'added' || (cause?.step !== undefined && cause.kind === 'added');

function wholeOf(
  chains: readonly Chain[],
  patches: readonly PatchReview[],
): Omit<WholeReview, 'counts'> {
  const shown = new Set(
    patches.flatMap(({ introduced, fixed, existing, suppressed }) =>
      [...introduced, ...fixed, ...existing, ...suppressed].map(({ stem }) => stem),
    ),
  );
  const introduced: ChangeFinding[] = [];
  const fixed: ChangeFinding[] = [];
  const existing: ChangeFinding[] = [];
  const suppressed: ChangeFinding[] = [];
  const cameAndWent: ChangeFinding[] = [];
  for (const { introducedIn, fixedIn, last } of chains) {
    if (!shown.has(last.stem)) continue;
    if (fixedIn === undefined && last.status === 'suppressed') suppressed.push(last);
    else if (introducedIn === undefined) {
      if (fixedIn === undefined) existing.push({ ...last, status: 'existing' });
      else fixed.push(last);
    } else if (fixedIn === undefined) introduced.push({ ...last, status: 'introduced' });
    else cameAndWent.push({ ...last, introducedIn, fixedIn });
  }
  const sorted = (list: ChangeFinding[]): ChangeFinding[] => list.sort(byPlace);
  return {
    introduced: sorted(introduced),
    fixed: sorted(fixed),
    existing: sorted(existing),
    suppressed: sorted(suppressed),
    cameAndWent: sorted(cameAndWent),
  };
}
