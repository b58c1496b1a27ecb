import * as vscode from 'vscode';
import type { WireSeries } from '../../server/lsp/messages.ts';
import { reviewFinished, rowsOf, type SeriesRow } from './seriesRows.ts';

/** The view that lists the series of the open patch documents. */
export interface SeriesView {
  dispose(): void;
  /** A series was reviewed, again or for the first time. */
  show(series: WireSeries): void;
  /** The document is closed. */
  forget(uri: string): void;
  series(uri: string): WireSeries | undefined;
  /** Brings the view to the front, at a series. */
  reveal(uri: string): Promise<void>;
  rows(): readonly SeriesRow[];
}

const icons: Readonly<Record<SeriesRow['kind'], string | undefined>> = {
  series: 'mail',
  patch: 'diff',
  introduced: 'error',
  fixed: 'pass',
  note: 'info',
  'existing-group': undefined,
  existing: 'circle-outline',
};

/** An empty view. */
export function createSeriesView(): SeriesView {
  const all = new Map<string, WireSeries>();
  const changed = new vscode.EventEmitter<SeriesRow | undefined>();
  let roots: readonly SeriesRow[] = [];
  const parents = new Map<string, SeriesRow>();
  const provider: vscode.TreeDataProvider<SeriesRow> = {
    onDidChangeTreeData: changed.event,
    getChildren: (row) => [...(row?.children ?? roots)],
    getParent: (row) => parents.get(row.id),
    getTreeItem: itemOf,
  };
  const view = vscode.window.createTreeView('iovet.series', { treeDataProvider: provider });

  const update = (): void => {
    roots = [...all.values()].map(rowsOf);
    parents.clear();
    const note = (row: SeriesRow): void => {
      for (const child of row.children) {
        parents.set(child.id, row);
        note(child);
      }
    };
    roots.forEach(note);
    const introduced = [...all.values()].reduce((sum, series) => sum + series.introduced, 0);
    view.badge =
      introduced === 0
        ? undefined
        : { value: introduced, tooltip: [...all.values()].map(reviewFinished).join('\n') };
    changed.fire(undefined);
  };
  return {
    show: (series) => {
      all.set(series.uri, series);
      update();
    },
    forget: (uri) => {
      if (all.delete(uri)) update();
    },
    series: (uri) => all.get(uri),
    reveal: async (uri) => {
      const row = roots.find(({ id }) => id === uri);
      if (row !== undefined) await view.reveal(row, { expand: true, select: true, focus: false });
    },
    rows: () => roots,
    dispose: () => {
      view.dispose();
      changed.dispose();
    },
  };
}

function itemOf(row: SeriesRow): vscode.TreeItem {
  const { children, expanded, description, tooltip, spoken, kind } = row;
  const state =
    children.length === 0
      ? vscode.TreeItemCollapsibleState.None
      : expanded
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(row.label, state);
  const icon = iconOf(row);
  return Object.assign(item, {
    id: row.id,
    description,
    tooltip,
    contextValue: kind,
    accessibilityInformation: { label: spoken },
    ...(icon === undefined ? {} : { iconPath: icon }),
    ...(row.line === null && row.file === undefined
      ? {}
      : { command: { title: 'Open', command: 'iovet.openSeriesRow', arguments: [row] } }),
  });
}

function iconOf({ kind, severity }: SeriesRow): vscode.ThemeIcon | undefined {
  if (kind === 'introduced') {
    const [name, colour] =
      severity === 'error'
        ? ['error', 'list.errorForeground']
        : severity === 'warning'
          ? ['warning', 'list.warningForeground']
          : ['info', undefined];
    return new vscode.ThemeIcon(
      name,
      colour === undefined ? undefined : new vscode.ThemeColor(colour),
    );
  }
  const name = icons[kind];
  return name === undefined ? undefined : new vscode.ThemeIcon(name);
}

/** Opens what a row is about: its line in the patch, else its file in the tree. */
export async function openSeriesRow(row: SeriesRow, tree: string): Promise<void> {
  const [uri, line] =
    row.line !== null
      ? [vscode.Uri.parse(row.uri), row.line]
      : row.file !== undefined && tree !== ''
        ? [vscode.Uri.joinPath(vscode.Uri.file(tree), row.file.path), row.file.line]
        : [vscode.Uri.parse(row.uri), 0];
  const at = new vscode.Position(line, 0);
  const editor = await vscode.window.showTextDocument(uri, {
    selection: new vscode.Range(at, at),
    preview: true,
  });
  editor.revealRange(
    new vscode.Range(at, at),
    vscode.TextEditorRevealType.InCenterIfOutsideViewport,
  );
}
