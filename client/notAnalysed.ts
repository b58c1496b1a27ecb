import path from 'node:path';
import * as vscode from 'vscode';
import { NOT_ANALYSED, type NotAnalysed } from '../server/lsp/messages.ts';
import type { Server } from './server.ts';

/** Lists what iovet could not look at, with the reasons; choosing an entry goes there. */
export async function showNotAnalysed(server: Server): Promise<void> {
  const all = (await server.request<readonly NotAnalysed[]>(NOT_ANALYSED)) ?? [];
  const items = all.map((entry) => ({ label: labelOf(entry), entry }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Functions that iovet did not analyse',
    placeHolder:
      items.length === 0
        ? 'Every function of the open files was analysed'
        : 'Choose one to go there',
  });
  if (chosen === undefined) return;
  const { uri, line } = chosen.entry;
  const at = new vscode.Position(line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), {
    selection: new vscode.Range(at, at),
  });
}

/** `qcap_ras_decode() · too many states · qcap_ras.c:88` */
function labelOf({ uri, line, function: name, reason }: NotAnalysed): string {
  const file = path.posix.basename(vscode.Uri.parse(uri).path);
  return [...(name === '' ? [] : [`${name}()`]), reason, `${file}:${line + 1}`].join(' · ');
}
