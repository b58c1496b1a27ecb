import * as vscode from 'vscode';
import {
  REPLY,
  type ReplyParams,
  type ReplyText,
  type WireSeries,
} from '../../server/lsp/messages.ts';
import type { Server } from '../server.ts';
import type { Comments } from './comments.ts';

/** What an answer is made of. */
export interface ReplySource {
  readonly server: Server;
  readonly comments: Comments;
  readonly seriesOf: (uri: string) => WireSeries | undefined;
}

/** Puts the mail to the author of the patch at the cursor on the clipboard; gives it back. */
export async function copyReply(source: ReplySource, at?: unknown): Promise<string | undefined> {
  const reply = await replyHere(source, at);
  if (reply === undefined) return undefined;
  await vscode.env.clipboard.writeText(reply.text.mail);
  vscode.window.setStatusBarMessage('Reply copied', 3000);
  return reply.text.mail;
}

/** Writes the mail to the target given, or to a file that the user chooses. Menus and buttons give an address, which is no target. */
export async function saveReply(source: ReplySource, given?: unknown): Promise<void> {
  const reply = await replyHere(source, given);
  if (reply === undefined) return;
  const { document } = reply;
  const folder =
    document.uri.scheme === 'file'
      ? vscode.Uri.joinPath(document.uri, '..')
      : vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = targetOf(given) ?? (await askFor(folder));
  if (target === undefined) return;
  // Mail ends its lines with CRLF.
  const mail = reply.text.mail.replace(/\r?\n/g, '\r\n');
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(mail));
}

/** The file that `{target: Uri}` names: other extensions and tests say so, no menu does. */
function targetOf(given: unknown): vscode.Uri | undefined {
  const target = typeof given === 'object' && given !== null && 'target' in given && given.target;
  return target instanceof vscode.Uri ? target : undefined;
}

function askFor(folder: vscode.Uri | undefined): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    title: 'Save Reply',
    filters: { Mail: ['eml'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, 'reply.eml') }),
  });
}

/** The editor whose button was pressed, which need not be the one in front; undefined for everything but an address. */
export function editorFor(at: unknown): vscode.TextEditor | undefined {
  if (!(at instanceof vscode.Uri)) return undefined;
  const isOf = ({ document }: vscode.TextEditor): boolean =>
    document.uri.toString() === at.toString();
  const { activeTextEditor: front, visibleTextEditors } = vscode.window;
  return front !== undefined && isOf(front) ? front : visibleTextEditors.find(isOf);
}

interface ReplyHere {
  readonly document: vscode.TextDocument;
  readonly text: ReplyText;
}

/** The reply to the patch that the cursor is in: it holds the drafts that stand in that patch. */
async function replyHere(
  { server, comments, seriesOf }: ReplySource,
  at: unknown,
): Promise<ReplyHere | undefined> {
  const editor = editorFor(at) ?? vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const { document, selection } = editor;
  const uri = document.uri.toString();
  const series = seriesOf(uri);
  const drafts = comments.drafts(uri);
  if (series === undefined || drafts.length === 0) {
    vscode.window.setStatusBarMessage('Nothing to reply to: no draft comment in this patch', 5000);
    return undefined;
  }
  const patchAt = (line: number): number =>
    Math.max(
      0,
      series.patches.findLastIndex((patch) => patch.line <= line),
    );
  const here = patchAt(selection.active.line);
  // The patch at the cursor, else the only one that has a draft.
  const commented = new Set(drafts.map(({ line }) => patchAt(line)));
  const patch = commented.has(here) ? here : [...commented].sort((a, b) => a - b)[0]!;
  const params: ReplyParams = {
    uri,
    patch,
    comments: drafts
      .filter(({ line }) => patchAt(line) === patch)
      .map(({ line, text }) => ({ line, text })),
  };
  const text = await server.request<ReplyText | null>(REPLY, params);
  return text === undefined || text === null ? undefined : { document, text };
}
