import path from 'node:path';
import * as vscode from 'vscode';
import {
  APPLY,
  type ApplyEdits,
  type ApplyParams,
  type FileEdit,
} from '../../server/lsp/messages.ts';
import type { Server } from '../server.ts';

/** Applies a patch, or a whole series for null, to the files of the tree: the user asked for it, and undo takes it back. */
export async function applyToTree(server: Server, params: ApplyParams): Promise<void> {
  for (;;) {
    const versions = versionsOf();
    const edits = await server.request<ApplyEdits | null>(APPLY, params);
    if (edits === undefined || edits === null) {
      vscode.window.setStatusBarMessage('No tree to apply the patch to', 5000);
      return;
    }
    const [problem] = edits.problems;
    if (problem !== undefined) {
      const open = 'Open Hunk';
      const answer = await vscode.window.showWarningMessage(problem.text, open);
      if (answer === open) await showLine(params.uri, problem.line);
      return;
    }
    const documents = documentsOf(edits.files);
    const dirty = documents.filter(({ isDirty }) => isDirty);
    if (dirty.length > 0 && !(await saved(dirty))) return;
    // The edits are for the texts that were asked about: saving may format them, and somebody may have typed.
    if (documents.every(({ uri, version }) => versions.get(uri.toString()) === version)) {
      await apply(edits);
      return;
    }
  }
}

async function apply({ files, leftOut }: ApplyEdits): Promise<void> {
  const left = leftOut.length === 0 ? '' : `, left out: ${leftOut.join(', ')}`;
  if (files.length === 0) {
    vscode.window.setStatusBarMessage(`Nothing to apply: the files have it already${left}`, 5000);
    return;
  }
  if (!(await vscode.workspace.applyEdit(workspaceEdit(files)))) {
    void vscode.window.showErrorMessage(
      'The patch was not applied: a file cannot be written, or has changed meanwhile.',
    );
    return;
  }
  const count = files.length;
  vscode.window.setStatusBarMessage(
    `Applied to ${count} ${count === 1 ? 'file' : 'files'}${left}`,
    5000,
  );
}

const versionsOf = (): ReadonlyMap<string, number> =>
  new Map(vscode.workspace.textDocuments.map(({ uri, version }) => [uri.toString(), version]));

/** The open documents that edits begin with. */
function documentsOf(files: readonly FileEdit[]): vscode.TextDocument[] {
  // Written as the editor writes addresses: the server may quote other letters.
  const wanted = new Set(
    files.flatMap(({ before }) => (before === null ? [] : vscode.Uri.parse(before).toString())),
  );
  return vscode.workspace.textDocuments.filter(({ uri }) => wanted.has(uri.toString()));
}

/** False when the user does not want the changes of these documents saved. */
async function saved(dirty: readonly vscode.TextDocument[]): Promise<boolean> {
  const save = 'Save and Apply';
  const names = dirty.map(({ uri }) => path.posix.basename(uri.path)).join(', ');
  const answer = await vscode.window.showWarningMessage(
    `${names} ${dirty.length === 1 ? 'has' : 'have'} unsaved changes, nothing was applied.`,
    save,
  );
  if (answer !== save) return false;
  for (const document of dirty) if (!(await document.save())) return false;
  return true;
}

function workspaceEdit(files: readonly FileEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  // What can fail comes first: texts are changed in memory, or not at all.
  for (const { before, after } of files) {
    const [from, to] = [before, after].map((uri) => (uri === null ? null : vscode.Uri.parse(uri)));
    if (from && to && before !== after) edit.renameFile(from, to);
    else if (from && !to) edit.deleteFile(from);
    else if (to && !from) edit.createFile(to);
  }
  for (const { after, edits } of files) {
    for (const { range, text } of edits) {
      const { start, end } = range;
      edit.replace(
        vscode.Uri.parse(after!),
        new vscode.Range(start.line, start.character, end.line, end.character),
        text,
      );
    }
  }
  return edit;
}

async function showLine(uri: string, line: number): Promise<void> {
  const at = new vscode.Position(line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), {
    selection: new vscode.Range(at, at),
  });
}
