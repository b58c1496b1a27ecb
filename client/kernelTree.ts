import * as vscode from 'vscode';
import { isKernelTree } from './kernelCode.ts';

/** Asks for a folder and writes it to the setting, for the workspace where there is one. */
export async function chooseKernelTree(): Promise<void> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: 'Use as Kernel Tree',
      title: 'Kernel tree: the folder with Makefile, Kbuild and include/linux',
    })) ?? [];
  if (chosen === undefined) return;
  if (!isKernelTree(chosen.fsPath)) {
    const again = 'Choose Another Folder';
    const answer = await vscode.window.showWarningMessage(
      `${chosen.fsPath} is no kernel tree: it lacks Makefile, Kbuild or include/linux.`,
      again,
    );
    if (answer === again) await chooseKernelTree();
    return;
  }
  const target =
    vscode.workspace.workspaceFolders === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration('iovet').update('kernelTree', chosen.fsPath, target);
}
