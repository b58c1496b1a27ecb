import * as vscode from 'vscode';
import {
  SIMULATE,
  type SimulateParams,
  type SimulationResult,
  type WireSimulation,
} from '../../server/lsp/messages.ts';
import { isPatch } from '../patch/patchDocuments.ts';
import type { Register } from '../patch/patches.ts';
import type { Server } from '../server.ts';
import { openPanel, openWaiting, type SimulationPanel, type WaitingPanel } from './panel.ts';
import type { PageMoment } from './panelMessages.ts';

/** Everything about simulations: the commands, and the pages that show what came of them. */
export interface Simulations {
  dispose(): void;
  /** The page in front, for tests and other extensions. */
  shown(): ShownSimulation | undefined;
}

/** A simulation that is shown. */
export interface ShownSimulation {
  readonly headline: string;
  readonly uri: string;
  /** Undefined until the page is drawn. */
  readonly moment: PageMoment | undefined;
  /** From the result until the page was drawn, in milliseconds; undefined until then. */
  readonly took: number | undefined;
}

/** What the simulations need from the extension. */
export interface SimulationsAround {
  readonly server: Server;
  readonly command: Register;
  readonly extension: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  /** Opens the uncommitted changes as a patch; undefined where there are none, which was said. */
  readonly workingTree: () => Promise<vscode.Uri | undefined>;
}

/** Nothing is simulated yet. */
export function createSimulations(around: SimulationsAround): Simulations {
  const { server, command, extension, log } = around;
  const panels = new Set<SimulationPanel>();
  const results = new Map<number, WireSimulation>();
  let last: SimulationPanel | undefined;

  const front = (): SimulationPanel | undefined =>
    [...panels].find((panel) => panel.isActive()) ?? last;

  const show = (simulation: WireSimulation, waiting?: WaitingPanel): void => {
    const known = [...panels].find((panel) => panel.simulation().id === simulation.id);
    // One page for each patch: a new run takes the place of the old one.
    const older = [...panels].find((panel) => {
      const { uri, patch } = panel.simulation();
      return uri === simulation.uri && patch === simulation.patch;
    });
    const there = known ?? older;
    if (there !== undefined) {
      waiting?.panel.dispose();
      if (there === known) there.reveal();
      else there.show(simulation);
      last = there;
      return;
    }
    const panel = openPanel(waiting ?? openWaiting(extension), simulation, {
      extension,
      log,
      closed: () => {
        panels.delete(panel);
        if (last === panel) last = undefined;
        isShown(panels.size > 0);
      },
      drawn: () => {
        const { uri: shown } = panel.simulation();
        const simulated = vscode.workspace.textDocuments.find(
          ({ uri }) => uri.toString() === shown,
        );
        if (simulated !== undefined) server.drawLenses(simulated);
      },
    });
    panels.add(panel);
    last = panel;
    isShown(true);
  };

  const simulate = async (params: SimulateParams): Promise<WireSimulation | undefined> => {
    // The server runs what is open. A tab in preview would be replaced, and its results lost, with the first link.
    const uri = vscode.Uri.parse(params.uri);
    const seen = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === uri.toString(),
    );
    await vscode.window.showTextDocument(uri, {
      preview: false,
      ...(seen?.viewColumn === undefined ? {} : { viewColumn: seen.viewColumn }),
    });
    const hasPage = [...panels].some((panel) => panel.simulation().uri === params.uri);
    const waiting = hasPage ? undefined : openWaiting(extension);
    let result: SimulationResult | null | undefined;
    try {
      result = await asked(params, waiting);
    } finally {
      if (result?.ok !== true) waiting?.panel.dispose();
    }
    if (result === undefined || result === null) return undefined;
    if (!result.ok) {
      await explain(result);
      return undefined;
    }
    results.set(result.id, result);
    show(result, waiting);
    return result;
  };

  /** Asks the server; the notification and the waiting panel both end the simulation when they are closed. */
  const asked = async (
    params: SimulateParams,
    waiting: WaitingPanel | undefined,
  ): Promise<SimulationResult | null | undefined> => {
    const ending = new vscode.CancellationTokenSource();
    const closing = waiting?.panel.onDidDispose(() => {
      ending.cancel();
    });
    try {
      const result = await withProgress(params, ending);
      // Closed in the last moment: nobody wants to see it any more.
      return ending.token.isCancellationRequested ? undefined : result;
    } finally {
      closing?.dispose();
      ending.dispose();
    }
  };

  const withProgress = (
    params: SimulateParams,
    ending: vscode.CancellationTokenSource,
  ): Thenable<SimulationResult | null | undefined> =>
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: 'Simulating before and after',
        cancellable: true,
      },
      async (progress, token) => {
        token.onCancellationRequested(() => {
          ending.cancel();
        });
        const hearing = server.onSimulating(({ uri: about, function: name }) => {
          if (about === params.uri) progress.report({ message: `${name}()` });
        });
        try {
          return await server.request<SimulationResult | null>(SIMULATE, params, ending.token);
        } finally {
          hearing.dispose();
        }
      },
    );

  const simulatePatch = async (given?: unknown): Promise<void> => {
    const editor = vscode.window.activeTextEditor;
    if (given instanceof vscode.Uri) {
      await simulate({ uri: given.toString(), scope: 'document', line: 0 });
    } else if (editor !== undefined && isPatch(editor.document)) {
      const { document, selection } = editor;
      const { line } = selection.active;
      await simulate({ uri: document.uri.toString(), scope: 'patch', line });
    } else {
      const uri = await around.workingTree();
      if (uri !== undefined) await simulate({ uri: uri.toString(), scope: 'document', line: 0 });
    }
  };

  const registered = [
    command('simulatePatch', (given?: unknown) => simulatePatch(given)),
    command('simulateFunction', async () => {
      const editor = vscode.window.activeTextEditor;
      if (editor === undefined) return;
      const { document, selection } = editor;
      const { line } = selection.active;
      await simulate({ uri: document.uri.toString(), scope: 'function', line });
    }),
    command('simulate', (params: SimulateParams) => simulate(params)),
    command('showSimulation', (id: number) => {
      const simulation = results.get(id);
      if (simulation !== undefined) show(simulation);
    }),
    command('simulationNextStep', () => front()?.press('ArrowRight')),
    command('simulationPreviousStep', () => front()?.press('ArrowLeft')),
    command('simulationBefore', () => front()?.press('b')),
    command('simulationAfter', () => front()?.press('a')),
    command('simulationFirstDifference', () => front()?.press('d')),
    command('simulationWhatBreaks', () => front()?.press('w')),
    command('simulationOpenLine', () => front()?.press('o')),
    command('copyReplyBlock', () => front()?.press('m')),
  ];
  const closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    for (const [id, simulation] of results)
      if (simulation.uri === uri.toString()) results.delete(id);
  });
  return {
    shown: () => {
      const panel = front();
      if (panel === undefined) return undefined;
      const { headline, uri } = panel.simulation();
      return { headline, uri, moment: panel.moment(), took: panel.took() };
    },
    dispose: () => {
      for (const panel of [...panels]) panel.dispose();
      vscode.Disposable.from(closing, ...registered).dispose();
    },
  };
}

async function explain({
  reason,
  missing,
}: {
  readonly reason: string;
  readonly missing: 'tree' | null;
}): Promise<void> {
  const choose = 'Choose Kernel Tree…';
  const actions = missing === 'tree' ? [choose] : [];
  const answer = await vscode.window.showWarningMessage(`Not simulated: ${reason}.`, ...actions);
  if (answer === choose) await vscode.commands.executeCommand('iovet.chooseKernelTree');
}

/** Switches the commands that act on the page. */
function isShown(shown: boolean): void {
  void vscode.commands.executeCommand('setContext', 'iovet.simulationShown', shown);
}
