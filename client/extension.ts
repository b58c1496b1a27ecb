import * as vscode from 'vscode';
import { RULE_PAGE, TRUST } from '../server/lsp/messages.ts';
import { isKernelCode } from './kernelCode.ts';
import { chooseKernelTree } from './kernelTree.ts';
import { showNotAnalysed } from './notAnalysed.ts';
import { openExample, openExampleSeries } from './example.ts';
import { openRulePage, rulePages } from './rulePages.ts';
import type { Draft } from './patch/drafts.ts';
import { createPatches } from './patch/patches.ts';
import type { SeriesRow } from './patch/seriesRows.ts';
import { createServer } from './server.ts';
import { createSimulations, type ShownSimulation } from './simulation/simulations.ts';
import { createStatusItem } from './status.ts';
import { createStepWalk, type ShownStep } from './steps.ts';

/** What other extensions, and the tests, may ask. */
export interface Api {
  /** Text of the status item. */
  status(): string;
  /** Step texts that stand at line ends now. */
  shownSteps(): readonly ShownStep[];
  /** Rows of the view of patch series. */
  seriesRows(): readonly SeriesRow[];
  /** Draft comments of a patch document. */
  drafts(uri: string): readonly Draft[];
  /** The simulation that is shown, and where its page is. */
  simulation(): ShownSimulation | undefined;
}

/** Called by VS Code at the first C file. The server starts with the first file that looks like kernel code, or with a command. */
export function activate(context: vscode.ExtensionContext): Api {
  const log = vscode.window.createOutputChannel('iovet', { log: true });
  const status = createStatusItem();
  const server = createServer(context, log, (state) => {
    status.serverState(state);
  });
  const walk = createStepWalk(server);

  const command = (name: string, run: (...args: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`iovet.${name}`, run);
  const patches = createPatches(server, command, context.workspaceState);
  const simulations = createSimulations({
    ...{ server, command, log, extension: context.extensionUri },
    workingTree: () => patches.openWorkingTree(),
  });

  const startFor = (document: vscode.TextDocument): void => {
    if (isKernelCode(document) || patches.wants(document)) void server.start();
  };

  context.subscriptions.push(
    log,
    status,
    walk,
    patches,
    simulations,
    { dispose: () => void server.stop() },
    command('nextStep', () => walk.next()),
    command('previousStep', () => walk.previous()),
    command('hideSteps', () => {
      walk.hide();
    }),
    command('showNotAnalysed', () => showNotAnalysed(server)),
    command('chooseKernelTree', () => chooseKernelTree()),
    command('openRulePage', (rule) => openRulePage(rule)),
    command('openExample', () => openExample(context)),
    command('openExampleSeries', () => openExampleSeries(context)),
    command('showLog', () => {
      log.show();
    }),
    command('restartServer', () => server.restart()),
    command('statusClicked', () =>
      status.isStopped() ? server.restart() : showNotAnalysed(server),
    ),
    rulePages((rule) => server.request(RULE_PAGE, { rule })),
    server.onStatus((message) => {
      status.treeState(message);
    }),
    server.onIndexing(({ percent }) => {
      status.indexing(percent);
    }),
    server.onSeries((series) => {
      patches.reviewed(series);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      server.notify(TRUST);
    }),
    vscode.workspace.onDidOpenTextDocument((document) => {
      startFor(document);
    }),
  );
  for (const document of vscode.workspace.textDocuments) startFor(document);
  return {
    status: () => status.text(),
    shownSteps: () => walk.shown(),
    seriesRows: () => patches.rows(),
    drafts: (uri) => patches.drafts(uri),
    simulation: () => simulations.shown(),
  };
}
