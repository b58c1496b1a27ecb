import path from 'node:path';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Host } from '../host/host.ts';
import { findKernelTree } from '../host/kernelTree.ts';
import type { FileReview, ReviewedFinding } from '../review/review.ts';
import type { Reading } from '../review/session.ts';
import type { Problem } from '../text/problem.ts';
import { changedLines } from './changedLines.ts';
import { diagnosticOf, diagnosticOfProblem } from './diagnostics.ts';
import type { NotAnalysed, Status } from './messages.ts';
import { pathOfUri, uriOfPath, wireRange, type Locate } from './places.ts';
import type { Settings } from './settings.ts';
import { nameInTree, type TreeState, type Trees } from './trees.ts';
import { runInTurns, type Watcher } from './turns.ts';

/** A document as the editor holds it. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  getText(): string;
}

/** What the workspace needs from the protocol side. */
export interface Surroundings {
  readonly host: Host;
  readonly trees: Trees;
  /** Texts of the documents by path, as last reviewed. */
  readonly openTexts: Map<string, string>;
  readonly documents: { get(uri: string): OpenDocument | undefined };
  settings(uri: string): Promise<Settings>;
  /** Text at HEAD, where programs may be started and git knows the file. */
  textAtHead(file: string): Promise<string | undefined>;
  readonly ruleLink: (rule: string) => string | undefined;
  /** The client takes related information. */
  readonly related: boolean;
  /** Problems become diagnostics, because the client has no list for them. */
  readonly problemsInline: boolean;
  /** How long a review goes on without letting messages in. Unit: milliseconds. */
  readonly turn: number;
}

/** The answer for one document: the findings, and how they are shown. */
export interface Answer {
  readonly uri: string;
  /** Changes whenever the diagnostics can have changed. */
  readonly id: string;
  readonly version: number;
  readonly lines: readonly string[];
  readonly shown: readonly { readonly finding: ReviewedFinding; readonly diagnostic: Diagnostic }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly incomplete: readonly Problem[];
  readonly functions: number;
  readonly analysed: number;
  readonly tree: TreeState;
  readonly locate: Locate;
  /** What the answer rests on, for explanations of the same text. */
  readonly readings: readonly Reading[];
}

/** A document at one moment: the editor goes on changing the original. */
interface Snapshot {
  readonly uri: string;
  readonly version: number;
  readonly id: string;
  readonly text: string;
}

/** Every open document of every tree. */
export interface Workspace {
  /**
   * Reviews the newest text of a document: an edit on the way begins it anew, with the functions that are done.
   * Undefined for a document that is closed or not on disk, and when nobody waits any more. Call from the queue only.
   */
  answer(uri: string, watcher: Watcher): Promise<Answer | undefined>;
  /** The last answer, as long as it is about the text that the editor shows. */
  current(uri: string): Answer | undefined;
  /** The last answer, whatever the text is now. */
  last(uri: string): Answer | undefined;
  close(uri: string): void;
  /** Files changed on disk, outside of the editor. */
  filesChanged(files: readonly string[]): void;
  /** HEAD moved, or the document was saved: what counts as changed is looked up again. */
  headChanged(uri?: string): void;
  /** Settings changed: every answer is made anew. */
  reset(): void;
  notAnalysed(): readonly NotAnalysed[];
  status(answer: Answer): Status;
}

/** An empty workspace. */
export function createWorkspace(around: Surroundings): Workspace {
  const { trees, openTexts } = around;
  const answers = new Map<string, Answer>();
  const heads = new Map<string, Promise<string | undefined>>();
  // By path: URIs as the client wrote them.
  const openUris = new Map<string, string>();
  // Counts everything but edits that can change an answer.
  let generation = 0;
  const idOf = (document: OpenDocument): string => `${generation}.${document.version}`;

  const locateIn =
    (tree: string | undefined): Locate =>
    ({ file, range }) => {
      const full = tree === undefined ? file : path.resolve(tree, file);
      return { uri: openUris.get(full) ?? uriOfPath(full), range: wireRange(range) };
    };

  const treeOf = (file: string, settings: Settings): Promise<TreeState> =>
    trees.at(
      settings.kernelTree === '' ? findKernelTree(around.host, file) : settings.kernelTree,
      settings,
    );

  const headOf = (file: string): Promise<string | undefined> => {
    const known = heads.get(file) ?? around.textAtHead(file);
    heads.set(file, known);
    return known;
  };

  const present = (
    { uri, version, id, text }: Snapshot,
    head: string | undefined,
    tree: TreeState,
    review: FileReview,
  ): Answer => {
    const locate = locateIn(tree.folder);
    const changed = head === undefined ? undefined : changedLines(head, text);
    const shown = review.findings.map((finding) => ({
      finding,
      diagnostic: diagnosticOf(finding, {
        locate,
        unchanged: (line) => changed?.[line] === false,
        ruleLink: around.ruleLink,
        related: around.related,
      }),
    }));
    const lines = text.split(/\r\n|\n|\r/);
    const problems = around.problemsInline
      ? review.incomplete.map((problem) => diagnosticOfProblem(problem, lines))
      : [];
    return {
      uri,
      id,
      version,
      lines,
      shown,
      diagnostics: [...shown.map(({ diagnostic }) => diagnostic), ...problems],
      incomplete: review.incomplete,
      functions: review.functions,
      analysed: review.analysed,
      tree,
      locate,
      readings: tree.review.readings(review.file),
    };
  };

  const answer = async (uri: string, watcher: Watcher): Promise<Answer | undefined> => {
    const file = pathOfUri(uri);
    if (file === undefined) return undefined;
    const settings = await around.settings(uri);
    // git runs beside the analysis: neither waits for the other.
    const head = settings.show === 'changed' ? headOf(file) : Promise.resolve(undefined);
    const tree = await treeOf(file, settings);
    const document = around.documents.get(uri);
    if (document === undefined) return undefined;
    const known = answers.get(uri);
    if (known?.id === idOf(document)) return known;
    const text = document.getText();
    const snapshot = { uri, version: document.version, id: idOf(document), text };
    openTexts.set(file, text);
    openUris.set(file, uri);
    const isNewest = (): boolean => {
      const now = around.documents.get(uri);
      return now !== undefined && idOf(now) === snapshot.id;
    };
    const review = await runInTurns(
      tree.review.check(nameInTree(file, tree.folder), text),
      around.turn,
      { progress: watcher.progress, wanted: () => watcher.wanted() && isNewest() },
    );
    if (review === undefined) return watcher.wanted() ? answer(uri, watcher) : undefined;
    const fresh = present(snapshot, await head, tree, review);
    if (around.documents.get(uri) !== undefined) answers.set(uri, fresh);
    return fresh;
  };

  const close = (uri: string): void => {
    const known = answers.get(uri);
    const file = pathOfUri(uri);
    answers.delete(uri);
    if (file === undefined) return;
    heads.delete(file);
    openTexts.delete(file);
    openUris.delete(file);
    known?.tree.review.close(nameInTree(file, known.tree.folder));
  };

  return {
    answer,
    current: (uri) => {
      const known = answers.get(uri);
      const document = around.documents.get(uri);
      return known !== undefined && document !== undefined && known.id === idOf(document)
        ? known
        : undefined;
    },
    last: (uri) => answers.get(uri),
    close,
    filesChanged: (files) => {
      generation++;
      trees.each(({ folder, review }) => {
        for (const file of files) review.changed(nameInTree(file, folder));
      });
    },
    headChanged: (uri) => {
      generation++;
      const file = uri === undefined ? undefined : pathOfUri(uri);
      if (file === undefined) heads.clear();
      else heads.delete(file);
    },
    reset: () => {
      generation++;
    },
    notAnalysed: () => [...answers.values()].flatMap(notAnalysedIn),
    status: ({ tree }) => {
      const ofTree = [...answers.values()].filter((other) => other.tree === tree);
      return {
        tree: tree.folder ?? '',
        kernel: tree.review.kernel.version,
        kernelSource: tree.review.kernel.source,
        functions: ofTree.reduce((sum, { functions }) => sum + functions, 0),
        notAnalysed: ofTree.reduce((sum, of) => sum + of.functions - of.analysed, 0),
      };
    },
  };
}

function notAnalysedIn({ uri, incomplete }: Answer): NotAnalysed[] {
  return incomplete.map((problem) => ({
    uri,
    line: Math.max(0, (problem.line ?? 1) - 1),
    function: problem.function ?? '',
    reason: problem.reason,
  }));
}
