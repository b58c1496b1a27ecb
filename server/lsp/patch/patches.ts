import type { Diagnostic } from 'vscode-languageserver/node';
import { seriesChange, seriesChangeInSlices } from '../../patch/applyPatch.ts';
import type { Change, ReadTree, SeriesChange } from '../../patch/change.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { PatchSeries } from '../../patch/patch.ts';
import { seriesWithoutTree } from '../../patch/withoutTree.ts';
import type { SeriesReview } from '../../review/patch/seriesReview.ts';
import { partOf, type Slices } from '../../text/slices.ts';
import type { ReviewedSeries } from '../review.ts';
import type { Settings } from '../settings.ts';
import type { Trees, TreeState } from '../trees.ts';
import { runInTurns, type Watcher } from '../turns.ts';
import type { Book } from '../desk.ts';
import type { OpenDocument } from '../workspace.ts';
import { createGrounds, type Ground, type GroundAround, type Written } from './ground.ts';
import { nameOf } from './origin.ts';
import {
  otherDiagnostics,
  shownInPatch,
  type PatchPresentation,
  type ShownInPatch,
} from './patchDiagnostics.ts';
import { treeOfPatch } from './treeOfPatch.ts';

/** What the patches need from the protocol side. */
export interface PatchesAround extends GroundAround {
  readonly trees: Trees;
  /** The documents of the editor: patches, and the files that they are applied to as the editor shows them. */
  readonly documents: {
    get(uri: string): OpenDocument | undefined;
    all(): readonly OpenDocument[];
  };
  settings(uri: string): Promise<Settings>;
  /** Folders of the workspace, as they are now. */
  folders(): readonly string[];
  readonly presentation: Omit<PatchPresentation, 'uri' | 'lines' | 'tree' | 'below'>;
  /** How long a review goes on without letting messages in. Unit: milliseconds. */
  readonly turn: number;
}

/** What the patches of a document do to the tree. */
export interface AppliedPatch {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  readonly tree: Pick<TreeState, 'folder'>;
  /** What the patches beside the document make of the tree. */
  readonly written: Written;
  readonly series: PatchSeries;
  readonly change: SeriesChange;
}

/** The answer for one document that holds patches. */
export interface PatchAnswer extends AppliedPatch {
  /** Changes whenever the diagnostics can have changed. */
  readonly id: string;
  readonly lines: readonly string[];
  readonly tree: TreeState;
  /** The client shows patched files as documents of their own. */
  readonly sides: boolean;
  /** Names of the patches beside the document that it was applied on top of. */
  readonly below: readonly string[];
  readonly review: SeriesReview;
  /** What explanations of the patched files rest on. */
  readonly sources: Pick<ReviewedSeries, 'known' | 'read'>;
  readonly shown: readonly ShownInPatch[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every open document that holds patches. */
export interface Patches extends Book<PatchAnswer> {
  /**
   * The newest text of a document, applied and not reviewed: what runs its C waits for no review.
   * Undefined for one that is closed, and when nobody waits any more.
   */
  applied(uri: string, watcher: Watcher): Promise<AppliedPatch | undefined>;
  close(uri: string): void;
  /** Settings, folders or files of a tree changed: every answer is made anew. */
  changed(): void;
  /** A file was saved, or closed with changes: answers that read it are made anew. */
  fileChanged(file: string): void;
  /**
   * What one patch alone, or the whole series for null, does to the files as they are now, whatever commit it was made
   * from; undefined without a tree, and for no such patch.
   */
  onTree(
    answer: PatchAnswer,
    patch: number | null,
  ): { readonly change: Change; readonly read: ReadTree } | undefined;
}

/** The text of a document, read as patches. */
interface Begun extends Pick<PatchAnswer, 'version' | 'text' | 'series'> {
  readonly settings: Settings;
  readonly folder: string | undefined;
  /** What it is applied to, as it is now; undefined without a tree. */
  readonly ground: () => Ground | undefined;
  /** Whether the document has this text still. */
  readonly isNewest: () => boolean;
}

/** An answer with what it rests on; undefined without a tree. */
interface Kept {
  readonly answer: PatchAnswer;
  readonly ground: Ground | undefined;
}

/** No patches yet. */
export function createPatches(around: PatchesAround): Patches {
  const answers = new Map<string, Kept>();
  let generation = 0;
  // Counts answers: the tree may change under a text that stays the same.
  let given = 0;

  const grounds = createGrounds(around);

  const current = (uri: string): PatchAnswer | undefined => {
    const known = answers.get(uri);
    const document = around.documents.get(uri);
    if (known === undefined || document?.version !== known.answer.version) return undefined;
    return known.ground?.holds() === false ? undefined : known.answer;
  };

  /** Reads the newest text of a document; undefined for one that is closed. */
  const begin = async (uri: string): Promise<Begun | undefined> => {
    const settings = await around.settings(uri);
    const document = around.documents.get(uri);
    if (document === undefined) return undefined;
    const started = { version: document.version, generation };
    const text = document.getText();
    const series = parsePatch(text, nameOf(uri));
    const folder = treeOfPatch(uri, series, {
      host: around.host,
      kernelTree: settings.kernelTree,
      folders: around.folders(),
    });
    return {
      ...{ settings, version: started.version, text, series, folder },
      ground: () => (folder === undefined ? undefined : grounds.of(uri, series, folder)),
      isNewest: () =>
        around.documents.get(uri)?.version === started.version && generation === started.generation,
    };
  };

  /** Works on a text that was begun, as long as it is the newest and somebody waits. */
  const workOn = async <T>(
    slices: Slices<T>,
    { isNewest }: Begun,
    { wanted, progress }: Watcher,
  ): Promise<T | undefined> =>
    isNewest()
      ? runInTurns(slices, around.turn, { progress, wanted: () => wanted() && isNewest() })
      : undefined;

  const applied = async (uri: string, watcher: Watcher): Promise<AppliedPatch | undefined> => {
    const known = current(uri);
    if (known !== undefined) return known;
    const begun = await begin(uri);
    if (begun === undefined) return undefined;
    const { version, text, series, folder } = begun;
    const ground = begun.ground();
    const change = await workOn(changeInSlices(series, ground), begun, watcher);
    if (change === undefined) return watcher.wanted() ? applied(uri, watcher) : undefined;
    const written = ground?.written ?? new Map<string, undefined>();
    return { uri, version, text, tree: { folder }, written, series, change };
  };

  const answer = async (uri: string, watcher: Watcher): Promise<PatchAnswer | undefined> => {
    const known = current(uri);
    if (known !== undefined) return known;
    const begun = await begin(uri);
    if (begun === undefined) return undefined;
    const { settings, version, text, series, folder } = begun;
    const tree = await around.trees.at(folder, settings);
    const ground = begun.ground();
    const made = await workOn(appliedAndReviewed(series, ground, tree), begun, watcher);
    if (made === undefined) return watcher.wanted() ? answer(uri, watcher) : undefined;
    const { change, reviewed } = made;
    const { review } = reviewed;
    const lines = text.split(/\r\n|\n|\r/);
    const { below, written } = ground ?? { below: [], written: new Map<string, undefined>() };
    const show = { ...around.presentation, uri, lines, tree: folder, below };
    const shown = shownInPatch(review, change, show);
    const fresh: PatchAnswer = {
      uri,
      id: `patch.${++given}`,
      version,
      text,
      lines,
      tree,
      sides: show.sides,
      below,
      written,
      series,
      change,
      review,
      sources: reviewed,
      shown,
      diagnostics: [
        ...shown.map(({ diagnostic }) => diagnostic),
        ...otherDiagnostics(review, change, show),
      ],
    };
    if (around.documents.get(uri) !== undefined) {
      answers.set(uri, { answer: fresh, ground });
    }
    return fresh;
  };

  return {
    answer,
    applied,
    current,
    onTree: ({ tree: { folder }, series: { patches } }, patch) => {
      const wanted = patch === null ? patches : patches.slice(patch, patch + 1);
      if (folder === undefined || wanted.length === 0) return undefined;
      const read = grounds.asInEditor(folder);
      return { change: seriesChange(wanted, read).whole, read };
    },
    close: (uri) => {
      answers.delete(uri);
      grounds.close(uri);
    },
    changed: () => {
      generation++;
      answers.clear();
    },
    fileChanged: (file) => {
      for (const [uri, { ground }] of answers) if (ground?.hasRead(file)) answers.delete(uri);
    },
  };
}

/** The share of applying a series in applying and reviewing it, for the progress. */
const applyingPart = 0.1;

function changeInSlices(series: PatchSeries, ground: Ground | undefined): Slices<SeriesChange> {
  return ground === undefined
    ? withoutTree(series)
    : seriesChangeInSlices(series.patches, ground.read);
}

// eslint-disable-next-line require-yield -- there is nothing to wait for
function* withoutTree({ patches }: PatchSeries): Slices<SeriesChange> {
  return seriesWithoutTree(patches);
}

function* appliedAndReviewed(
  series: PatchSeries,
  ground: Ground | undefined,
  tree: TreeState,
): Slices<{ readonly change: SeriesChange; readonly reviewed: ReviewedSeries }> {
  const change = yield* partOf(changeInSlices(series, ground), 0, applyingPart);
  const reviewing = tree.review.reviewSeries(series, change, ground?.files);
  return { change, reviewed: yield* partOf(reviewing, applyingPart, 1) };
}
