import path from 'node:path';
import * as vscode from 'vscode';
import {
  COMMITS,
  REVIEW_SERIES,
  type CommitsParams,
  type CommitsText,
  type SeriesParams,
  type WireSeries,
} from '../../server/lsp/messages.ts';
import type { Server } from '../server.ts';
import { isPatch, type PatchDocuments } from './patchDocuments.ts';
import type { SeriesView } from './seriesView.ts';

/** What the commands that begin a review need. */
export interface ReviewCommands {
  readonly server: Server;
  readonly documents: PatchDocuments;
  readonly view: SeriesView;
}

/** Reviews the files given, or those that the user chooses: one as it is, several as one series in the order of their names. */
export async function reviewPatch(
  commands: ReviewCommands,
  given?: vscode.Uri,
  selected?: readonly vscode.Uri[],
): Promise<void> {
  const uris = selected ?? (given === undefined ? await chooseFiles() : [given]);
  const [first, ...others] = uris.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (first === undefined) return;
  const folder = vscode.Uri.joinPath(first, '..');
  const uri =
    others.length === 0
      ? first
      : commands.documents.make(
          `${path.posix.basename(first.path)} and ${others.length} more.mbox`,
          await mailboxOf([first, ...others]),
          { folder: folder.fsPath },
        );
  await review(commands, uri);
}

/** Files of one patch each, as git format-patch writes them, as one mailbox. */
async function mailboxOf(uris: readonly vscode.Uri[]): Promise<string> {
  const texts = await Promise.all(uris.map((uri) => vscode.workspace.openTextDocument(uri)));
  return texts
    .map((document) => document.getText())
    .map((text) =>
      /^From \S+ /.test(text) ? text : `From patch Mon Sep 17 00:00:00 2001\n${text}`,
    )
    .map((text) => (text.endsWith('\n') ? text : `${text}\n`))
    .join('\n');
}

/** Reviews what is on the clipboard: a mail, a diff, a mailbox. */
export async function reviewClipboard(commands: ReviewCommands): Promise<void> {
  const text = await vscode.env.clipboard.readText();
  if (text.trim() === '') {
    vscode.window.setStatusBarMessage('The clipboard is empty', 5000);
    return;
  }
  await review(commands, commands.documents.make('clipboard.mbox', text, {}));
}

/** Reviews commits of a repository, on the commit that they begin at. */
export async function reviewCommits(
  commands: ReviewCommands,
  given?: string,
  folder?: vscode.Uri,
): Promise<void> {
  const range =
    given ??
    (await vscode.window.showInputBox({
      title: 'Review Commits',
      prompt: 'One commit, or a range',
      placeHolder: 'HEAD~3..HEAD',
      value: 'HEAD',
    }));
  if (range === undefined || range.trim() === '') return;
  await reviewGit(commands, range.trim(), `${range.trim()}.mbox`, folder);
}

/** Reviews the uncommitted changes against HEAD. */
export async function reviewWorkingTree(
  commands: ReviewCommands,
  folder?: vscode.Uri,
): Promise<void> {
  await reviewGit(commands, null, 'working-tree.diff', folder);
}

/** Makes a document of the uncommitted changes, without reviewing it. */
export function openWorkingTree(commands: ReviewCommands): Promise<vscode.Uri | undefined> {
  return gitDocument(commands, null, 'working-tree.diff', undefined);
}

async function reviewGit(
  commands: ReviewCommands,
  range: string | null,
  name: string,
  given: vscode.Uri | undefined,
): Promise<void> {
  const uri = await gitDocument(commands, range, name, given);
  if (uri !== undefined) await review(commands, uri);
}

/** A document of commits or of the working tree; undefined where there are none, which is said. */
async function gitDocument(
  commands: ReviewCommands,
  range: string | null,
  name: string,
  given: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  const folder = given ?? folderOfGit();
  if (folder === undefined) {
    vscode.window.setStatusBarMessage('No folder is open', 5000);
    return undefined;
  }
  const params: CommitsParams = { folder: folder.fsPath, range };
  const made = await readCommits(commands.server, params);
  if (made === undefined) return undefined;
  if (!made.ok) {
    const again = 'Choose Other Commits';
    const title = range ?? 'Working tree';
    const actions = range === null ? [] : [again];
    const answer = await vscode.window.showWarningMessage(`${title}: ${made.reason}.`, ...actions);
    if (answer === again) await reviewCommits(commands, undefined, folder);
    return undefined;
  }
  const { text, folder: top, base, merges } = made;
  if (merges > 0) {
    const what = merges === 1 ? '1 merge has' : `${merges} merges have`;
    vscode.window.setStatusBarMessage(`${what} no patch of their own, not looked at`, 10_000);
  }
  return commands.documents.make(name, text, { folder: top, base });
}

/** Asks git for commits, with progress and a way to stop; undefined when it was stopped. */
function readCommits(server: Server, params: CommitsParams): Thenable<CommitsText | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: params.range === null ? 'Reading the working tree' : `Reading ${params.range}`,
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    let seen = 0;
    const hearing = server.onReadingCommits(({ folder, range, done, total }) => {
      if (folder !== params.folder || range !== params.range || done < seen) return;
      const increment = (100 * (done - seen)) / Math.max(1, total);
      progress.report({ increment, message: `${done} of ${total} commits` });
      seen = done;
    });
    try {
      const made = await server.request<CommitsText>(COMMITS, params, token);
      return token.isCancellationRequested ? undefined : made;
    } finally {
      hearing.dispose();
    }
  });
}

/** Opens a document and waits for its review, with progress and a way to stop. */
async function review({ server, view }: ReviewCommands, uri: vscode.Uri): Promise<void> {
  const opened = await vscode.workspace.openTextDocument(uri);
  // A mail that was saved under any name: the user says that it is one.
  const document = isPatch(opened)
    ? opened
    : await vscode.languages.setTextDocumentLanguage(opened, 'iovet-mail');
  await vscode.window.showTextDocument(document, { preview: false });
  const params: SeriesParams = { uri: document.uri.toString() };
  const series = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: 'Reviewing the patch',
      cancellable: true,
    },
    (_progress, token) => server.request<WireSeries | null>(REVIEW_SERIES, params, token),
  );
  if (series === undefined || series === null) return;
  view.show(series);
  await view.reveal(series.uri);
}

async function chooseFiles(): Promise<readonly vscode.Uri[]> {
  return (
    (await vscode.window.showOpenDialog({
      canSelectMany: true,
      title: 'Review Patch',
      openLabel: 'Review',
      filters: {
        'Patches and mails': ['patch', 'diff', 'mbox', 'mbx', 'mail', 'eml'],
        'All files': ['*'],
      },
    })) ?? []
  );
}

/** The folder of the file in front, where it lies on disk, else the first of the workspace. */
function folderOfGit(): vscode.Uri | undefined {
  const front = vscode.window.activeTextEditor?.document.uri;
  const own =
    front?.scheme === 'file' ? vscode.workspace.getWorkspaceFolder(front)?.uri : undefined;
  return own ?? vscode.workspace.workspaceFolders?.[0]?.uri;
}
