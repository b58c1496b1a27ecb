import path from 'node:path';
import * as vscode from 'vscode';
import {
  PATCH_PLACE,
  SIDE,
  SIDE_SCHEME,
  type PatchPlace,
  type PatchPlaceParams,
  type SideParams,
  type SideText,
} from '../../server/lsp/messages.ts';
import type { Server } from '../server.ts';

/** Both sides of patched files as read-only documents. */
export interface Sides {
  dispose(): void;
  /** The patch's lines on a side: line of the file, line of the patch document. */
  linesOf(uri: vscode.Uri): readonly (readonly [number, number])[];
  /** The patch was reviewed again: its open sides are read anew. */
  refresh(document: string): void;
  /** A side was read: its lines are known now. */
  readonly onDidRead: vscode.Event<vscode.Uri>;
}

/** What a side's address says; undefined for other addresses. */
export function sideParams(uri: vscode.Uri): SideParams | undefined {
  if (uri.scheme !== SIDE_SCHEME) return undefined;
  try {
    return JSON.parse(uri.query) as SideParams;
  } catch (error) {
    // An address that somebody typed.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Serves the sides from the server's memory: nothing is written. */
export function createSides(server: Server): Sides {
  const shown = new Map<string, SideText['lines']>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const didRead = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(SIDE_SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const params = sideParams(uri);
      const side = params === undefined ? null : await sideText(server, params);
      shown.set(uri.toString(), side?.lines ?? []);
      didRead.fire(uri);
      return side?.text ?? '';
    },
  });
  return {
    onDidRead: didRead.event,
    linesOf: (uri) => shown.get(uri.toString()) ?? [],
    refresh: (document) => {
      for (const { uri } of vscode.workspace.textDocuments) {
        if (sideParams(uri)?.document === document) changed.fire(uri);
      }
    },
    dispose: () => {
      provider.dispose();
      changed.dispose();
      didRead.dispose();
    },
  };
}

/** A window that is opened again may have the sides of a patch in front that no editor shows: the server needs its text. */
async function sideText(server: Server, params: SideParams): Promise<SideText | null | undefined> {
  try {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(params.document));
  } catch {
    // A patch that is gone has no sides.
    return null;
  }
  return server.request<SideText | null>(SIDE, params);
}

/** Shows a patched file before and after in the diff editor, at the line that the cursor is on in the patch. */
export async function openBeforeAfter(
  server: Server,
  at?: { readonly uri: string; readonly line: number },
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const uri = at?.uri ?? editor?.document.uri.toString();
  if (uri === undefined) return;
  const line = at?.line ?? editor?.selection.active.line ?? 0;
  const params: PatchPlaceParams = { uri, line };
  const place = await server.request<PatchPlace | null>(PATCH_PLACE, params);
  if (place === undefined || place === null) {
    vscode.window.setStatusBarMessage('No C file of a patch that applies at the cursor', 5000);
    return;
  }
  const { patch, path: file, before, after } = place;
  const side = (which: SideParams['side']): vscode.Uri => {
    const query: SideParams = { document: uri, patch, path: file, side: which };
    return vscode.Uri.from({ scheme: SIDE_SCHEME, path: `/${file}`, query: JSON.stringify(query) });
  };
  const target = new vscode.Position(after ?? before ?? 0, 0);
  await vscode.commands.executeCommand(
    'vscode.diff',
    side('before'),
    side('after'),
    `${path.posix.basename(file)} (before ↔ after)`,
    { selection: new vscode.Range(target, target) } satisfies vscode.TextDocumentShowOptions,
  );
}
