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
  if (!(await saved(edits.files))) return;
  const edit = workspaceEdit(edits.files);
  if (!(await vscode.workspace.applyEdit(edit))) return;
  const count = edits.files.length;
  const left = edits.leftOut.length === 0 ? '' : `, left out: ${edits.leftOut.join(', ')}`;
  vscode.window.setStatusBarMessage(
    `Applied to ${count} ${count === 1 ? 'file' : 'files'}${left}`,
    5000,
  );
}

/** False when a file has changes that are not saved, and the user does not want them saved. */
async function saved(files: readonly FileEdit[]): Promise<boolean> {
  const wanted = new Set(files.map(({ before }) => before).filter((uri) => uri !== null));
  const dirty = vscode.workspace.textDocuments.filter(
    ({ uri, isDirty }) => isDirty && wanted.has(uri.toString()),
  );
  const [first] = dirty;
  if (first === undefined) return true;
  const save = 'Save and Apply';
  const name = path.posix.basename(first.uri.path);
  const answer = await vscode.window.showWarningMessage(
    `${name} has unsaved changes, nothing was applied.`,
    save,
  );
  if (answer !== save) return false;
  for (const document of dirty) if (!(await document.save())) return false;
  return true;
}

function workspaceEdit(files: readonly FileEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { before, after, edits } of files) {
    if (after === null) {
      edit.deleteFile(vscode.Uri.parse(before!));
      continue;
    }
    const uri = vscode.Uri.parse(after);
    if (before === null) edit.createFile(uri);
    else if (before !== after) edit.renameFile(vscode.Uri.parse(before), uri);
    for (const { range, text } of edits) {
      const { start, end } = range;
      edit.replace(
        uri,
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
