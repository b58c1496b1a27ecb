import { patchCheckers } from '../../checkers/allPatch.generated.ts';
import type { Finding } from '../../checkers/finding.ts';
import type { PatchFacts } from '../../checkers/patchChecker.ts';
import type { Selection } from '../../checkers/run.ts';
import type { Change, ChangedFile } from '../../patch/change.ts';
import type { KernelVersion } from '../../program/kernelApi/contract.ts';
import type { Problem } from '../../text/problem.ts';
import { identities } from '../fingerprint.ts';
import { placer } from '../place.ts';
import { byPlace } from '../settle.ts';
import { addedCode, functionAround } from './facts/addedCode.ts';
import { foreignUses } from './facts/foreignUses.ts';
import { type CommitOfLines, mended } from './facts/mended.ts';
import { newFlags } from './facts/newFlags.ts';
import { pairChanges } from './facts/pairChanges.ts';
import type { PairEnds } from './facts/pairEnds.ts';
import { testedChanges } from './facts/testedChanges.ts';
import { uncalled } from './facts/uncalled.ts';
import { placesInPatch } from './hunkPlace.ts';
import type { ChangeFinding, PatchReview } from './seriesReview.ts';
import { type ChangeShown, isShown } from './shown.ts';

/** Pairs of both sides of a file. */
export interface FilePairings {
  readonly file: ChangedFile;
  readonly before: readonly PairEnds[];
  readonly after: readonly PairEnds[];
}

/** What the rules about one patch know beside the patch. */
export interface PatchSurroundings {
  readonly version: KernelVersion;
  readonly pairings: readonly FilePairings[];
  /** Every path that the series changes, of whatever kind. */
  readonly seriesPaths: ReadonlySet<string>;
  /** Texts after the last patch of the series, by path. */
  readonly final: ReadonlyMap<string, string>;
  /** Text of a file of the tree before the series; undefined without a tree. */
  read(path: string): string | undefined;
  /** Every file below a folder of the tree, with its path; sorted. */
  below(folder: string): readonly string[];
  /** C files of a folder of the tree, with their paths. */
  list(folder: string): readonly string[];
  readonly commitOf: CommitOfLines | undefined;
}

/** Runs the rules about patches. A rule that throws is a problem that names it, and the others still run. */
export function reviewAsPatch(
  change: Change,
  review: PatchReview,
  around: PatchSurroundings,
  selection: Selection,
  shown: ChangeShown,
): { readonly findings: readonly ChangeFinding[]; readonly problems: readonly Problem[] } {
  const facts = factsOf(change, review, around);
  const found: Finding[] = [];
  const problems: Problem[] = [];
  for (const { meta, check } of patchCheckers) {
    const wanted = selection.rules?.has(meta.id) ?? (meta.maturity === 'stable' || selection.preview === true); // prettier-ignore
    if (!wanted) continue;
    try {
      found.push(...check(facts));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problems.push({ file: review.patch.document, reason: `rule ${meta.id} failed: ${why}` });
    }
  }
  return {
    findings: placed(found, change, review).filter((each) => isShown(each, each.patch, shown)),
    problems,
  };
}

function factsOf(change: Change, review: PatchReview, around: PatchSurroundings): PatchFacts {
  const whole = change.files.filter(({ extent }) => extent === 'whole');
  const codes = whole.flatMap((file) => {
    const code = addedCode(file);
    return code === undefined ? [] : [{ file, code }];
  });
  const names = {
    version: around.version,
    read: (path: string) => around.read(path),
    after: [...around.final.values()],
  };
  return {
    kernel: around.version,
    hasFixesTag: review.patch.trailers.some(({ key }) => key.toLowerCase() === 'fixes'),
    introduced: review.introduced.filter(({ severity }) => severity !== 'info').length,
    pairChanges: around.pairings.flatMap(({ file, before, after }) =>
      pairChanges(file, before, after),
    ),
    newFlags: codes.flatMap(({ file, code }) =>
      newFlags(code, around.seriesPaths, around, {
        before: file.before?.text ?? '',
        after: file.after?.text ?? '',
      }),
    ),
    foreignUses: codes.flatMap(({ file, code }) =>
      foreignUses(code, { ...names, before: file.before?.text ?? '' }),
    ),
    uncalled: codes.flatMap(({ file, code }) => uncalled(code, file.before?.text, around)),
    mended: mended(review.fixed, change.files, around.commitOf),
    testedChanges: testedChanges(
      codes.map(({ code }) => code),
      around.seriesPaths,
    ),
  };
}

function placed(
  findings: readonly Finding[],
  change: Change,
  { patch }: PatchReview,
): ChangeFinding[] {
  const fileOf = (path: string): ChangedFile | undefined =>
    change.files.find(({ after }) => after?.path === path);
  const lines = new Map<string, readonly string[]>();
  const places = placer({
    text: (file) => fileOf(file)?.after?.text,
    functionAt: (file, offset) => {
      const text = fileOf(file)?.after?.text ?? '';
      if (!lines.has(file)) lines.set(file, text.split('\n'));
      return functionAround(lines.get(file)!, text.slice(0, offset).split('\n').length);
    },
  });
  const names = identities(findings, () => new Set());
  return findings
    .map((finding, i): ChangeFinding => {
      const made = places.place(finding, names[i]!);
      const file = fileOf(finding.file);
      return {
        ...made,
        status: 'introduced',
        ...(file === undefined ? {} : placesInPatch(made, 'after', file)),
        ...(patch.commit === undefined ? {} : { commit: patch.commit }),
      };
    })
    .sort(byPlace);
}
