import * as vscode from 'vscode';
import type { Status } from '../server/lsp/messages.ts';
import { isPatch } from './patch/patchDocuments.ts';
import { statusText, statusTooltip, type ServerState } from './statusText.ts';

/** The status item: which contracts apply, how much was analysed. */
export interface StatusItem {
  dispose(): void;
  treeState(status: Status): void;
  serverState(state: ServerState): void;
  /** How far the reviews are; null when nothing waits. Range: 0 to 100. */
  indexing(percent: number | null): void;
  isStopped(): boolean;
  text(): string;
}

/** Creates the item; it is visible while a C file or a patch is in front. */
export function createStatusItem(): StatusItem {
  const item = vscode.window.createStatusBarItem('iovet.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'iovet';
  item.command = 'iovet.statusClicked';
  let server: ServerState = 'idle';
  let tree: Status | undefined;
  let percent: number | null = null;

  const update = (): void => {
    item.text = statusText(server, tree, percent);
    item.tooltip = statusTooltip(server, tree);
    const front = vscode.window.activeTextEditor?.document;
    const isOurs = front !== undefined && (/\.[ch]$/.test(front.uri.path) || isPatch(front));
    if (isOurs && server !== 'idle') item.show();
    else item.hide();
  };
  const watch = vscode.window.onDidChangeActiveTextEditor(update);
  return {
    treeState: (status) => {
      tree = status;
      update();
    },
    serverState: (state) => {
      server = state;
      percent = null;
      update();
    },
    indexing: (now) => {
      percent = now;
      update();
    },
    isStopped: () => server === 'stopped',
    text: () => item.text,
    dispose: () => {
      watch.dispose();
      item.dispose();
    },
  };
}
