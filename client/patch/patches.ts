import * as vscode from 'vscode';
import type { WireSeries } from '../../server/lsp/messages.ts';
import type { Server } from '../server.ts';
import { applyToTree } from './apply.ts';
import { createComments, type DraftComment } from './comments.ts';
import type { Draft } from './drafts.ts';
import { createPatchDocuments, isKernelPatch } from './patchDocuments.ts';
import { copyReply, editorFor, saveReply, type ReplySource } from './reply.ts';
import {
  openWorkingTree,
  reviewClipboard,
  reviewCommits,
  reviewPatch,
  reviewWorkingTree,
} from './reviewCommands.ts';
import type { SeriesRow } from './seriesRows.ts';
import { createSeriesView, openSeriesRow } from './seriesView.ts';
import { createSides, openBeforeAfter } from './sides.ts';

/** Everything about patches, from documents to the reply. */
export interface Patches {
  dispose(): void;
  /** True for a document that the server is to be started for. */
  wants(document: vscode.TextDocument): boolean;
  reviewed(series: WireSeries): void;
  /** Opens the uncommitted changes as a patch; undefined where there are none, which was said. */
  openWorkingTree(): Promise<vscode.Uri | undefined>;
  /** For other extensions and tests. */
  rows(): readonly SeriesRow[];
  drafts(uri: string): readonly Draft[];
}

/** Registers a command by its name without `iovet.`. */
export type Register = (name: string, run: (...args: never[]) => unknown) => vscode.Disposable;

/** No patch is open yet. */
export function createPatches(server: Server, command: Register, memory: vscode.Memento): Patches {
  const documents = createPatchDocuments();
  const sides = createSides(server);
  const view = createSeriesView();
  const comments = createComments(sides, (uri) => view.series(uri), memory);
  const commands = { server, documents, view };
  const reply: ReplySource = { server, comments, seriesOf: (uri) => view.series(uri) };
  const documentInFront = (): string | undefined =>
    vscode.window.activeTextEditor?.document.uri.toString();

  const registered = [
    command('reviewPatch', (uri?: vscode.Uri, selected?: readonly vscode.Uri[]) =>
      reviewPatch(commands, uri, selected),
    ),
    command('reviewClipboard', () => reviewClipboard(commands)),
    command('reviewCommits', (range?: string, folder?: vscode.Uri) =>
      reviewCommits(commands, range, folder),
    ),
    command('reviewWorkingTree', (folder?: vscode.Uri) => reviewWorkingTree(commands, folder)),
    command('openBeforeAfter', (at?: unknown) => openBeforeAfter(server, lineOf(at))),
    command('openSeriesRow', (row: SeriesRow) =>
      openSeriesRow(row, view.series(row.uri)?.tree ?? ''),
    ),
    command('showSeries', (uri: string) => view.reveal(uri)),
    command('applyPatch', async (at?: SeriesRow | vscode.Uri) => {
      const uri = at instanceof vscode.Uri ? at.toString() : (at?.uri ?? documentInFront());
      const patch = at instanceof vscode.Uri ? null : (at?.patch ?? null);
      if (uri !== undefined) await applyToTree(server, { uri, patch });
    }),
    command('copyReply', (at?: unknown) => copyReply(reply, at)),
    command('saveReply', (at?: unknown) => saveReply(reply, at)),
    command('addComment', (said: vscode.CommentReply) => {
      comments.addFromThread(said);
    }),
    command('keepComment', (comment: DraftComment) => {
      comments.keep(comment);
    }),
    command('editComment', (comment: DraftComment) => {
      comments.beginEdit(comment);
    }),
    command('saveComment', (comment: DraftComment) => {
      comments.endEdit(comment);
    }),
    command('cancelComment', (comment: DraftComment) => {
      comments.cancelEdit(comment);
    }),
    command('dropComment', (comment: DraftComment) => {
      comments.drop(comment);
    }),
  ];

  const closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    view.forget(uri.toString());
    comments.closed(uri);
  });
  const opening = vscode.workspace.onDidOpenTextDocument(() => {
    comments.opened();
  });
  const editing = vscode.workspace.onDidChangeTextDocument((event) => {
    comments.edited(event);
  });
  const reading = sides.onDidRead(() => {
    comments.sidesChanged();
  });
  const showing = vscode.window.onDidChangeVisibleTextEditors(() => {
    comments.sidesChanged();
  });
  return {
    wants: isKernelPatch,
    reviewed: (series) => {
      // It may have been closed while the answer was on its way.
      if (!isOpen(series.uri)) return;
      view.show(series);
      comments.reviewed(series);
      sides.refresh(series.uri);
    },
    openWorkingTree: () => openWorkingTree(commands),
    rows: () => view.rows(),
    drafts: (uri) => comments.drafts(uri),
    dispose: () => {
      vscode.Disposable.from(
        documents,
        sides,
        view,
        comments,
        closing,
        opening,
        editing,
        reading,
        showing,
        ...registered,
      ).dispose();
    },
  };
}

const isOpen = (uri: string): boolean =>
  vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri);

/** The line that a row of the view or a lens is about; the button of an editor gives its address, and the cursor counts. */
function lineOf(at: unknown): { readonly uri: string; readonly line: number } | undefined {
  const editor = editorFor(at);
  if (editor !== undefined)
    return { uri: editor.document.uri.toString(), line: editor.selection.active.line };
  if (typeof at !== 'object' || at === null || !('uri' in at) || !('line' in at)) return undefined;
  const { uri, line } = at;
  return typeof uri === 'string' && typeof line === 'number' ? { uri, line } : undefined;
}
