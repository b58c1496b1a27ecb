import type { Diagnostic } from 'vscode-languageserver/node';
import type { Host } from '../../host/host.ts';
import { overlayHost } from '../../host/overlayHost.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import type { ReadTree, SeriesChange } from '../../patch/change.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { PatchSeries } from '../../patch/patch.ts';
import { seriesWithoutTree } from '../../patch/withoutTree.ts';
import type { SeriesReview } from '../../review/patch/seriesReview.ts';
import type { Files } from '../../review/files.ts';
import { pathOfUri } from '../places.ts';
import type { Settings } from '../settings.ts';
import type { Trees, TreeState } from '../trees.ts';
import { runInTurns, type Watcher } from '../turns.ts';
import type { Book } from '../desk.ts';
import type { OpenDocument } from '../workspace.ts';
import { nameOf, originOf } from './origin.ts';
import {
  otherDiagnostics,
  shownInPatch,
  type PatchPresentation,
  type ShownInPatch,
} from './patchDiagnostics.ts';
import { treeOfPatch } from './treeOfPatch.ts';

/** What the patches need from the protocol side. */
export interface PatchesAround {
  readonly host: Host;
  readonly trees: Trees;
  /** The documents of the editor: patches, and the files that they are applied to as the editor shows them. */
  readonly documents: {
    get(uri: string): OpenDocument | undefined;
    all(): readonly OpenDocument[];
  };
  settings(uri: string): Promise<Settings>;
  /** Folders of the workspace, as they are now. */
  folders(): readonly string[];
  /** The files of a commit of the repository at a folder; undefined where git may not be started. */
  filesAt(folder: string, commit: string): Files | undefined;
  readonly presentation: Omit<PatchPresentation, 'uri' | 'lines' | 'tree'>;
  /** How long a review goes on without letting messages in. Unit: milliseconds. */
  readonly turn: number;
}

/** The answer for one document that holds patches. */
export interface PatchAnswer {
  readonly uri: string;
  /** Changes whenever the diagnostics can have changed. */
  readonly id: string;
  readonly version: number;
  readonly lines: readonly string[];
  readonly tree: TreeState;
  readonly series: PatchSeries;
  readonly change: SeriesChange;
  readonly review: SeriesReview;
  readonly shown: readonly ShownInPatch[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every open document that holds patches. */
export interface Patches extends Book<PatchAnswer> {
  close(uri: string): void;
  /** Settings, folders or files of a tree changed: every answer is made anew. */
  changed(): void;
  /** What a series does to the files as they are now, whatever commit it was made from. */
  onTree(answer: PatchAnswer): SeriesChange;
}

/** What an answer rests on beside its own text: files as they were read. */
type Reads = Map<string, string | undefined>;

/** Reads as before, and remembers what it read. */
function noting(read: ReadTree, reads: Reads): ReadTree {
  return (name) => {
    const found = read(name);
    reads.set(name, found);
    return found;
  };
}

/** No patches yet. */
export function createPatches(around: PatchesAround): Patches {
  const answers = new Map<string, { readonly answer: PatchAnswer; readonly reads: Reads }>();
  let generation = 0;
  // Counts answers: the tree may change under a text that stays the same.
  let given = 0;

  const asInEditor = (tree: string): ReadTree => {
    const texts = around.documents.all().flatMap((document): [string, string][] => {
      const file = pathOfUri(document.uri);
      return file === undefined ? [] : [[file, document.getText()]];
    });
    return treeReader(overlayHost(around.host, new Map(texts)), tree);
  };
  // A commit does not change: what it holds is read once.
  const commits = new Map<string, Files | undefined>();
  const baseOf = (uri: string): Files | undefined => {
    const { folder, base } = originOf(uri);
    if (folder === undefined || base === undefined) return undefined;
    const key = `${base} ${folder}`;
    if (!commits.has(key)) commits.set(key, around.filesAt(folder, base));
    return commits.get(key);
  };
  const readerOf = (uri: string, tree: string): ReadTree => {
    const base = baseOf(uri);
    if (base === undefined) return asInEditor(tree);
    return (name) => {
      const read = base.readText(`${tree}/${name}`);
      return read.ok ? read.text : undefined;
    };
  };

  const current = (uri: string): PatchAnswer | undefined => {
    const known = answers.get(uri);
    const document = around.documents.get(uri);
    if (known === undefined || document?.version !== known.answer.version) return undefined;
    const { folder } = known.answer.tree;
    if (folder === undefined) return known.answer;
    const read = readerOf(uri, folder);
    return [...known.reads].every(([name, text]) => read(name) === text) ? known.answer : undefined;
  };

  const answer = async (uri: string, watcher: Watcher): Promise<PatchAnswer | undefined> => {
    const known = current(uri);
    if (known !== undefined) return known;
    const settings = await around.settings(uri);
    const before = around.documents.get(uri);
    if (before === undefined) return undefined;
    const started = { version: before.version, generation };
    const text = before.getText();
    const series = parsePatch(text, nameOf(uri));
    const folder = treeOfPatch(uri, series, {
      host: around.host,
      kernelTree: settings.kernelTree,
      folders: around.folders(),
    });
    const tree = await around.trees.at(folder, settings);
    const reads: Reads = new Map();
    const change =
      folder === undefined
        ? seriesWithoutTree(series.patches)
        : seriesChange(series.patches, noting(readerOf(uri, folder), reads));
    const isNewest = (): boolean =>
      around.documents.get(uri)?.version === started.version && generation === started.generation;
    const review = isNewest()
      ? await runInTurns(tree.review.reviewSeries(series, change, baseOf(uri)), around.turn, {
          progress: watcher.progress,
          wanted: () => watcher.wanted() && isNewest(),
        })
      : undefined;
    if (review === undefined) return watcher.wanted() ? answer(uri, watcher) : undefined;
    const lines = text.split(/\r\n|\n|\r/);
    const show = { ...around.presentation, uri, lines, tree: folder };
    const shown = shownInPatch(review, change, show);
    const fresh: PatchAnswer = {
      uri,
      id: `patch.${++given}`,
      version: started.version,
      lines,
      tree,
      series,
      change,
      review,
      shown,
      diagnostics: [
        ...shown.map(({ diagnostic }) => diagnostic),
        ...otherDiagnostics(review, change, show),
      ],
    };
    if (around.documents.get(uri) !== undefined) answers.set(uri, { answer: fresh, reads });
    return fresh;
  };

  return {
    answer,
    current,
    onTree: ({ tree: { folder }, series, change }) =>
      folder === undefined ? change : seriesChange(series.patches, asInEditor(folder)),
    close: (uri) => {
      answers.delete(uri);
    },
    changed: () => {
      generation++;
      answers.clear();
    },
  };
}
