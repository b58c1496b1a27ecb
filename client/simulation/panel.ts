import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { SIDE_SCHEME, type SideParams, type WireSimulation } from '../../server/lsp/messages.ts';
import { panelPage, waitingPage } from './page.ts';
import { pageMessage, type PageKey, type PageMoment } from './panelMessages.ts';

/** Type of the panels, for `when` clauses. */
export const panelType = 'iovet.simulation';

/** A panel that shows one simulation. */
export interface SimulationPanel {
  /** What it shows, or showed last. */
  simulation(): WireSimulation;
  /** Shows another one in the same place. */
  show(simulation: WireSimulation): void;
  reveal(): void;
  /** As if the key was pressed in the page. */
  press(key: PageKey): void;
  isActive(): boolean;
  /** Where the page is; undefined until it is drawn. */
  moment(): PageMoment | undefined;
  /** From the result until the page was drawn, in milliseconds; undefined until then. */
  took(): number | undefined;
  dispose(): void;
}

/** What a panel needs from around it. */
export interface PanelAround {
  readonly extension: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly closed: () => void;
  /** The page was drawn for the first time, and has the focus. */
  readonly drawn: () => void;
}

/** A panel that waits for what it is to show. */
export interface WaitingPanel {
  readonly panel: vscode.WebviewPanel;
  /** Column of the document that is simulated. */
  readonly origin: vscode.ViewColumn;
}

/** Opens a panel beside the document that is being simulated: its frame takes longer to start than many a simulation. */
export function openWaiting(extension: vscode.Uri): WaitingPanel {
  const origin = vscode.window.activeTextEditor?.viewColumn ?? vscode.ViewColumn.One;
  const panel = vscode.window.createWebviewPanel(
    panelType,
    'Simulation',
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [filesOf(extension)],
      // Step and side stay while the reader looks at the C: the page holds no more than its data.
      retainContextWhenHidden: true,
    },
  );
  panel.webview.html = waitingPage();
  return { panel, origin };
}

function filesOf(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist');
}

/** Shows a simulation in a panel that waited for it. */
export function openPanel(
  { panel, origin }: WaitingPanel,
  first: WireSimulation,
  { extension, log, closed, drawn }: PanelAround,
): SimulationPanel {
  const files = filesOf(extension);
  const { webview } = panel;
  const address = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(files, name)).toString();
  let simulation = first;
  let started = 0;
  let moment: PageMoment | undefined;
  let took: number | undefined;
  const show = (next: WireSimulation): void => {
    simulation = next;
    started = performance.now();
    moment = undefined;
    took = undefined;
    panel.title = `Simulation: ${next.headline}`;
    webview.html = panelPage({
      ...{ script: address('simulationView.js'), style: address('simulationStyle.css') },
      ...{ source: webview.cspSource, nonce: randomBytes(16).toString('hex'), view: next.view },
    });
    panel.reveal();
  };
  webview.onDidReceiveMessage((raw: unknown) => {
    const message = pageMessage(raw);
    if (message === undefined) return;
    switch (message.kind) {
      case 'copy':
        void copy(message.text);
        break;
      case 'open':
        void openLine(simulation, message, panel.viewColumn === origin ? vscode.ViewColumn.Beside : origin); // prettier-ignore
        break;
      case 'state':
        if (moment === undefined) {
          took = Math.round(performance.now() - started);
          log.info(`simulation shown ${took} ms after its result; it ran ${Math.round(simulation.elapsed)} ms`); // prettier-ignore
        }
        if (moment === undefined) drawn();
        moment = message;
        break;
    }
  });
  panel.onDidDispose(closed);
  show(first);
  return {
    simulation: () => simulation,
    show,
    reveal: () => {
      panel.reveal();
    },
    press: (key) => {
      void webview.postMessage({ kind: 'press', key });
    },
    isActive: () => panel.active,
    moment: () => moment,
    took: () => took,
    dispose: () => {
      panel.dispose();
    },
  };
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  const count = text.split('\n').length;
  vscode.window.setStatusBarMessage(`Copied, ${count} ${count === 1 ? 'line' : 'lines'}`, 3000);
}

/** Shows a line of C: of a changed file that side of it, else the file of the tree. */
async function openLine(
  { uri, patch, files, heads, tree }: WireSimulation,
  { file, line, side }: { file: string; line: number; side: 'before' | 'after' },
  viewColumn: vscode.ViewColumn,
): Promise<void> {
  const params: SideParams = { document: uri, patch, path: file, side };
  const isSide = files.includes(file) || (side === 'before' && heads.includes(file));
  const target = isSide
    ? vscode.Uri.from({ scheme: SIDE_SCHEME, path: `/${file}`, query: JSON.stringify(params) })
    : vscode.Uri.joinPath(vscode.Uri.file(tree), file);
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(target, {
    viewColumn,
    selection: new vscode.Range(at, at),
  });
}
