import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

/** Units of a file that are searched for an include of the kernel. */
const searched = 20_000;

/**
 * True for a C file of a kernel tree, and for one that includes kernel headers (a driver outside of a tree).
 * Every other C file is left alone: no process is started for it.
 */
export function isKernelCode(document: vscode.TextDocument): boolean {
  const { uri } = document;
  if (uri.scheme !== 'file' || !/\.[ch]$/.test(uri.path)) return false;
  const range = new vscode.Range(new vscode.Position(0, 0), document.positionAt(searched));
  return (
    /^[ \t]*#[ \t]*include[ \t]*<linux\//m.test(document.getText(range)) ||
    isInKernelTree(uri.fsPath)
  );
}

/** True for the top folder of a kernel tree. */
export function isKernelTree(folder: string): boolean {
  return ['Makefile', 'Kbuild', path.join('include', 'linux')].every((name) =>
    fs.existsSync(path.join(folder, name)),
  );
}

function isInKernelTree(file: string): boolean {
  const folder = path.dirname(file);
  return folder !== file && (isKernelTree(folder) || isInKernelTree(folder));
}
