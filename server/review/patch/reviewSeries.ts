import type { Selection } from '../../checkers/run.ts';
import {
  pathTakenAway,
  type Change,
  type ChangedFile,
  type SeriesChange,
} from '../../patch/change.ts';
import type { PatchSeries } from '../../patch/patch.ts';
import type { KernelVersion } from '../../program/kernelApi/contract.ts';
import type { Syntax } from '../../syntax/syntax.ts';
import { partOf, type Slices } from '../../text/slices.ts';
import type { Files } from '../files.ts';
import type { FileReview, Kernel, ReviewedFinding } from '../review.ts';
import { byPlace, settleProblems } from '../settle.ts';
import { chainFindings, type FindingChains } from './chains.ts';
import type { PairEnds } from './facts/pairEnds.ts';
import type { CommitOfLines } from './facts/mended.ts';
import { type FilePairings, reviewAsPatch } from './patchRules.ts';
import type { ChangeCounts, PatchReview, SeriesReview } from './seriesReview.ts';
import { settleChange, type FileSides } from './settleChange.ts';
import { numberOf, titleOf } from './titles.ts';
import type { ChangeShown } from './shown.ts';
import { openStates, type SeriesStates } from './states.ts';

/** What a series is reviewed against. */
export interface SeriesSettings {
  /** Absolute path of the kernel tree that the change was applied to; undefined: there is none. */
  readonly tree: string | undefined;
  /** Contracts to use instead of the tree's. */
  readonly kernel: KernelVersion | undefined;
  readonly selection: Selection;
  readonly shown: ChangeShown;
  /** Names the commit that brought a line of the tree; absent where the tree has no history. */
  readonly commitOf?: CommitOfLines;
}

/**
 * Reviews a series patch by patch and as a whole. The change holds the texts before and after each patch; `files` is
 * the tree that it was made from, for headers. Pure: nothing of the tree changes. Who asks for more than the review
 * gives the states, and has them afterwards.
 */
export function* reviewSeries(
  syntax: Syntax,
  files: Files,
  series: PatchSeries,
  change: SeriesChange,
  settings: SeriesSettings,
  states: SeriesStates = openStates(syntax, files, change, settings),
): Slices<SeriesReview> {
  const { tree } = settings;
  const chains = chainFindings();
  const patches: PatchReview[] = [];
  const pairings: (readonly FilePairings[])[] = [];
  const last = new Map<string, FileReview>();
  const total = change.patches.length;
  for (const [index, step] of change.patches.entries()) {
    const reviewed = yield* partOf(
      reviewPatch(step, index, states, chains, settings),
      index / total,
      (index + 1) / total,
    );
    patches.push(reviewed.patch);
    pairings.push(reviewed.pairings);
    for (const [path, review] of reviewed.after) {
      if (review === undefined) last.delete(path);
      else last.set(path, review);
    }
  }
  const judged = judgeAsPatches(series, change, patches, pairings, files, states.kernel, settings);
  const settled = chains.finish(judged);
  return {
    kernel: states.kernel,
    base: tree === undefined ? 'hunks' : 'tree',
    ...(series.cover && { cover: series.cover }),
    patches: settled.patches,
    whole: { ...settled.whole, counts: countsOf(change.whole.files.length, [...last.values()]) },
    problems: [...series.problems, ...change.patches.flatMap(({ problems }) => problems)],
    repairs: series.repairs,
  };
}

function* reviewPatch(
  change: Change,
  index: number,
  states: SeriesStates,
  chains: FindingChains,
  settings: SeriesSettings,
): Slices<{
  patch: PatchReview;
  pairings: readonly FilePairings[];
  after: ReadonlyMap<string, FileReview | undefined>;
}> {
  const before = new Map<ChangedFile, FileReview | undefined>();
  const after = new Map<ChangedFile, FileReview | undefined>();
  const pairs = new Map<ChangedFile, readonly PairEnds[]>();
  const pairings: FilePairings[] = [];
  const work = change.files.length * 2;
  let done = 0;
  states.show(index);
  for (const file of change.files) {
    before.set(file, yield* partOf(states.review(file, 'before'), done / work, ++done / work));
    pairs.set(file, states.pairings(file, 'before'));
  }
  states.show(index + 1);
  for (const file of change.files) {
    after.set(file, yield* partOf(states.review(file, 'after'), done / work, ++done / work));
    pairings.push({ file, before: pairs.get(file)!, after: states.pairings(file, 'after') });
  }
  const sides = new Map(
    change.files.map((file) => [file, sidesOf(file, before.get(file), after.get(file))] as const),
  );
  const settled = settleChange([...sides.values()]);
  const allowed = new Set(
    [...before.values(), ...after.values()].flatMap((review) => review?.allowed ?? []),
  );
  const fileOf = (finding: ReviewedFinding, list: 'before' | 'after'): ChangedFile =>
    change.files.find((file) => sides.get(file)![list].includes(finding))!;
  const found = chains.step(index, change.patches[0]!, settled, {
    fileOf,
    isAllowed: (finding) => allowed.has(finding),
    wasIncomplete: (finding) => {
      const review = before.get(fileOf(finding, 'after'));
      return review?.incomplete.some(
        (problem) => problem.function === undefined || problem.function === finding.function,
      );
    },
    isIncomplete: (finding) => {
      const review = after.get(fileOf(finding, 'before'));
      return review?.incomplete.some(
        (problem) => problem.function === undefined || problem.function === finding.function,
      );
    },
    shown: settings.shown,
  });
  const patch = change.patches[0]!;
  const reviews = [...after.values()].filter((review) => review !== undefined);
  return {
    patch: {
      patch,
      title: titleOf(patch),
      number: numberOf(patch),
      ...found,
      remarks: [],
      incomplete: settleProblems(reviews.flatMap(({ incomplete }) => incomplete)),
      notLookedAt: change.notLookedAt.map(({ kind, paths }) => ({
        what: kind,
        count: paths.length,
      })),
      problems: change.problems,
      placements: change.files.flatMap(({ placements }) => placements),
      counts: countsOf(change.files.length, reviews),
    },
    pairings,
    after: new Map([
      ...change.files.flatMap((file): [string, undefined][] => {
        const gone = pathTakenAway(file);
        return gone === undefined ? [] : [[gone, undefined]];
      }),
      ...[...after].flatMap(([file, review]): [string, FileReview | undefined][] =>
        file.after === undefined ? [] : [[file.after.path, review]],
      ),
    ]),
  };
}

function sidesOf(
  file: ChangedFile,
  before: FileReview | undefined,
  after: FileReview | undefined,
): FileSides {
  return {
    beforePath: file.before?.path,
    afterPath: file.after?.path,
    lines: file.map,
    before: [...(before?.findings ?? []), ...(before?.allowed ?? [])],
    after: [...(after?.findings ?? []), ...(after?.allowed ?? [])],
  };
}

function countsOf(files: number, reviews: readonly FileReview[]): ChangeCounts {
  const sum = (of: (review: FileReview) => number): number =>
    reviews.reduce((total, review) => total + of(review), 0);
  return {
    files,
    analysed: reviews.length,
    functions: sum((review) => review.functions),
    analysedFunctions: sum((review) => review.analysed),
  };
}

/** Files below a folder of a tree. Symbolic links are not followed. */
function filesBelow(files: Files, tree: string, folder: string): string[] {
  return (files.list?.(`${tree}/${folder}`) ?? []).flatMap(({ name, kind }) => {
    const path = `${folder}/${name}`;
    if (kind === 'folder') return filesBelow(files, tree, path);
    return kind === 'file' ? [path] : [];
  });
}

/** Adds what the rules about patches say. */
function judgeAsPatches(
  series: PatchSeries,
  change: SeriesChange,
  patches: readonly PatchReview[],
  pairings: readonly (readonly FilePairings[])[],
  files: Files,
  kernel: Kernel,
  settings: SeriesSettings,
): readonly PatchReview[] {
  const { tree } = settings;
  const final = new Map<string, string>();
  for (const { files: changed } of change.patches) {
    for (const gone of changed.map(pathTakenAway)) if (gone !== undefined) final.delete(gone);
    for (const { after } of changed) if (after !== undefined) final.set(after.path, after.text);
  }
  const around = {
    version: kernel.version as KernelVersion,
    seriesPaths: new Set(
      series.patches.flatMap((patch) =>
        patch.files.flatMap(({ oldPath, newPath }) =>
          [oldPath, newPath].filter((path) => path !== undefined),
        ),
      ),
    ),
    final,
    read: (path: string): string | undefined => {
      const read = tree === undefined ? undefined : files.readText(`${tree}/${path}`);
      return read?.ok === true ? read.text : undefined;
    },
    below: (folder: string): readonly string[] =>
      tree === undefined ? [] : filesBelow(files, tree, folder),
    list: (folder: string): readonly string[] =>
      (tree === undefined ? [] : (files.list?.(`${tree}/${folder}`) ?? []))
        .filter(({ name, kind }) => kind === 'file' && name.endsWith('.c'))
        .map(({ name }) => `${folder}/${name}`),
    commitOf: settings.commitOf,
  };
  return patches.map((review, i) => {
    const { findings, problems } = reviewAsPatch(
      change.patches[i]!,
      review,
      { ...around, pairings: pairings[i]! },
      settings.selection,
      settings.shown,
    );
    return {
      ...review,
      introduced: [
        ...review.introduced,
        ...findings.filter(({ severity }) => severity !== 'info'),
      ].sort(byPlace),
      remarks: findings.filter(({ severity }) => severity === 'info'),
      incomplete: settleProblems([...review.incomplete, ...problems]),
    };
  });
}
