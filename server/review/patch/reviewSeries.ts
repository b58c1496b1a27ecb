import type { Selection } from '../../checkers/run.ts';
import type { Change, ChangedFile, SeriesChange } from '../../patch/change.ts';
import type { PatchSeries } from '../../patch/patch.ts';
import type { KernelVersion } from '../../program/kernelApi/contract.ts';
import type { Syntax } from '../../syntax/syntax.ts';
import { partOf, type Slices } from '../../text/slices.ts';
import type { Files } from '../files.ts';
import { mentionsInterfaces } from '../relevance.ts';
import type { FileReview, Kernel, ReviewedFinding } from '../review.ts';
import { openSession, type ReviewSession } from '../session.ts';
import { settleProblems } from '../settle.ts';
import { chainFindings, type FindingChains } from './chains.ts';
import { hunksAsUnits } from './hunkUnits.ts';
import { noFiles, overlayOf, type TreeOverlay } from './overlay.ts';
import type { ChangeCounts, PatchReview, SeriesReview } from './seriesReview.ts';
import { settleChange, type FileSides } from './settleChange.ts';
import { numberOf, titleOf } from './titles.ts';
import { type ChangeShown, everyConfidence } from './shown.ts';

/** What a series is reviewed against. */
export interface SeriesSettings {
  /** Absolute path of the kernel tree that the change was applied to; undefined: there is none. */
  readonly tree: string | undefined;
  /** Contracts to use instead of the tree's. */
  readonly kernel: KernelVersion | undefined;
  readonly selection: Selection;
  readonly shown: ChangeShown;
}

/**
 * Reviews a series patch by patch and as a whole. The change holds the texts before and after each patch; `files` is
 * the tree that it was made from, for headers. Pure: nothing of the tree changes.
 */
export function* reviewSeries(
  syntax: Syntax,
  files: Files,
  series: PatchSeries,
  change: SeriesChange,
  settings: SeriesSettings,
): Slices<SeriesReview> {
  const { tree } = settings;
  const states = openStates(syntax, tree === undefined ? noFiles : files, settings);
  const chains = chainFindings();
  const patches: PatchReview[] = [];
  const last = new Map<string, FileReview>();
  const total = change.patches.length;
  for (const [index, step] of change.patches.entries()) {
    const reviewed = yield* partOf(
      reviewPatch(step, index, states, chains, settings),
      index / total,
      (index + 1) / total,
    );
    patches.push(reviewed.patch);
    for (const [path, review] of reviewed.after) {
      if (review === undefined) last.delete(path);
      else last.set(path, review);
    }
  }
  const settled = chains.finish(patches);
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

/** The tree at one patch of the series after the other. */
interface States {
  readonly kernel: Kernel;
  /** Reviews a side of a file in the state as it is; undefined where nothing of it is iovet's business. */
  review(file: ChangedFile, side: 'before' | 'after'): Slices<FileReview | undefined>;
  /** Goes on to the state after the patch. */
  apply(change: Change): void;
}

function openStates(syntax: Syntax, files: Files, settings: SeriesSettings): States {
  const root = settings.tree ?? '/';
  const overlay: TreeOverlay = overlayOf(files, root);
  const session: ReviewSession = openSession(syntax, overlay, {
    tree: settings.tree,
    root,
    kernel: settings.kernel,
    selection: settings.selection,
    shown: { severity: 'info', confidences: everyConfidence, builds: 'merged' },
  });
  return {
    kernel: session.kernel,
    *review(file, side) {
      const at = side === 'before' ? file.before : file.after;
      if (at === undefined) return undefined;
      if (file.extent === 'hunks') return yield* hunksAsUnits(session, file, side);
      if (!mentionsInterfaces(at.text, session.kernel)) return undefined;
      return yield* session.reviewOpen(at.path, at.text);
    },
    apply({ files: changed }) {
      for (const { before, after } of changed) {
        if (before !== undefined && before.path !== after?.path)
          overlay.set(before.path, undefined);
        if (after !== undefined) overlay.set(after.path, after.text);
        // C files see each other's headers only: what was found in one holds until a header changes.
        for (const path of new Set([before?.path, after?.path])) {
          if (path?.endsWith('.h') === true) session.changed(path);
        }
      }
    },
  };
}

function* reviewPatch(
  change: Change,
  index: number,
  states: States,
  chains: FindingChains,
  settings: SeriesSettings,
): Slices<{ patch: PatchReview; after: ReadonlyMap<string, FileReview | undefined> }> {
  const before = new Map<ChangedFile, FileReview | undefined>();
  const after = new Map<ChangedFile, FileReview | undefined>();
  const work = change.files.length * 2;
  let done = 0;
  for (const file of change.files) {
    before.set(file, yield* partOf(states.review(file, 'before'), done / work, ++done / work));
  }
  states.apply(change);
  for (const file of change.files) {
    after.set(file, yield* partOf(states.review(file, 'after'), done / work, ++done / work));
  }
  const sides = new Map(
    change.files.map((file) => [file, sidesOf(file, before.get(file), after.get(file))] as const),
  );
  const settled = settleChange([...sides.values()]);
  const fileOf = (finding: ReviewedFinding, list: 'before' | 'after'): ChangedFile =>
    change.files.find((file) => sides.get(file)![list].includes(finding))!;
  const found = chains.step(index, change.patches[0]!, settled, {
    fileOf,
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
      incomplete: settleProblems(reviews.flatMap(({ incomplete }) => incomplete)),
      notLookedAt: change.notLookedAt.map(({ kind, paths }) => ({
        what: kind,
        count: paths.length,
      })),
      problems: change.problems,
      placements: change.files.flatMap(({ placements }) => placements),
      counts: countsOf(change.files.length, reviews),
    },
    after: new Map(
      [...after].flatMap(([file, review]) =>
        [file.before?.path, file.after?.path].flatMap((path) =>
          path === undefined
            ? []
            : [[path, path === file.after?.path ? review : undefined] as const],
        ),
      ),
    ),
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
    before: before?.findings ?? [],
    after: after?.findings ?? [],
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
