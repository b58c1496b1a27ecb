import * as vscode from 'vscode';
import type { KernelSource, Status } from '../server/lsp/messages.ts';

/** What the server process is doing. */
export type ServerState = 'idle' | 'running' | 'stopped';

/** The status item: which contracts apply, how much was analysed. */
export interface StatusItem {
  dispose(): void;
  treeState(status: Status): void;
  serverState(state: ServerState): void;
  isStopped(): boolean;
  text(): string;
}

/** Creates the item; it is visible while a C file is in front. */
export function createStatusItem(): StatusItem {
  const item = vscode.window.createStatusBarItem('iovet.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'iovet';
  item.command = 'iovet.statusClicked';
  let server: ServerState = 'idle';
  let tree: Status | undefined;

  const update = (): void => {
    item.text = textOf(server, tree);
    item.tooltip = tooltipOf(server, tree);
    const front = vscode.window.activeTextEditor?.document;
    const isC = front !== undefined && /\.[ch]$/.test(front.uri.path);
    if (isC && server !== 'idle') item.show();
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

function textOf(server: ServerState, tree: Status | undefined): string {
  if (server === 'stopped') return 'iovet · stopped';
  if (tree === undefined) return 'iovet';
  if (tree.indexing !== undefined) return `iovet · indexing ${tree.indexing} %`;
  const counts =
    `${tree.functions} functions` +
    (tree.notAnalysed === 0 ? '' : `, ${tree.notAnalysed} not analysed`);
  return tree.tree === '' && tree.kernelSource === 'newest'
    ? `iovet · no kernel tree, newest contracts · ${counts}`
    : `iovet ${tree.kernel.replace(/-.*/, '')} · ${counts}`;
}

const sources: Readonly<Record<KernelSource, string>> = {
  tree: 'read from Makefile',
  setting: 'as set by iovet.kernelVersion',
  newest: 'the newest that iovet knows',
};

function tooltipOf(server: ServerState, tree: Status | undefined): string {
  if (server === 'stopped') return 'The server stopped three times. Click to start it again.';
  if (tree === undefined) return 'The server is running.';
  const missed =
    tree.notAnalysed === 0
      ? 'Every function of the open files was analysed.'
      : `${tree.notAnalysed} not analysed: click for the list.`;
  return [`Contracts of ${tree.kernel}, ${sources[tree.kernelSource]}.`, tree.tree, missed]
    .filter((line) => line !== '')
    .join('\n');
}
