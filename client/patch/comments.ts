import * as vscode from 'vscode';
import { SIDE_SCHEME, type WireSeries } from '../../server/lsp/messages.ts';
import { add, closed, drop, edit, noDrafts, reviewed, type Draft, type Drafts } from './drafts.ts';
import { isPatch } from './patchDocuments.ts';
import { sideParams, type Sides } from './sides.ts';

/** Draft comments on patches, in the patch and beside the patched file. */
export interface Comments {
  dispose(): void;
  reviewed(series: WireSeries): void;
  /** Sides of patched files came, went or were read anew: drafts stand there too. */
  sidesChanged(): void;
  closed(uri: vscode.Uri): void;
  /** Drafts of a patch document, in the order of its lines. */
  drafts(uri: string): readonly Draft[];
  /** The reviewer's words from the box of a thread. */
  addFromThread(reply: vscode.CommentReply): void;
  beginEdit(comment: DraftComment): void;
  endEdit(comment: DraftComment): void;
  cancelEdit(comment: DraftComment): void;
  drop(comment: DraftComment): void;
  keep(comment: DraftComment): void;
}

/** A draft as VS Code shows it. */
export interface DraftComment extends vscode.Comment {
  readonly draft: string;
  /** What stands in the box while it is edited. */
  body: string;
}

/** One thread: a draft at one of the places where it is shown. */
interface Shown {
  readonly draft: Draft;
  readonly line: number;
  readonly thread: vscode.CommentThread;
}

/** No comments yet. */
export function createComments(
  sides: Sides,
  seriesOf: (uri: string) => WireSeries | undefined,
): Comments {
  const controller = vscode.comments.createCommentController('iovet', 'iovet review');
  let drafts: Drafts = noDrafts;
  // Threads by draft and document: the patch itself, and the open sides.
  const threads = new Map<string, Shown>();

  controller.options = {
    prompt: 'Comment on this line',
    placeHolder: 'Plain words for the author',
  };
  controller.commentingRangeProvider = {
    provideCommentingRanges: (document) => rangesOf(document, sides, seriesOf),
  };

  const placesOf = (draft: Draft): [vscode.Uri, number][] => [
    [vscode.Uri.parse(draft.uri), draft.line],
    ...vscode.workspace.textDocuments.flatMap(({ uri }): [vscode.Uri, number][] => {
      const params = sideParams(uri);
      if (params?.side !== 'after' || params.document !== draft.uri) return [];
      const line = sides.linesOf(uri).find(([, shown]) => shown === draft.line);
      return line === undefined ? [] : [[uri, line[0]]];
    }),
  ];

  /** Makes the threads what the drafts are; threads that say the same already are left alone. */
  const draw = (): void => {
    const wanted = new Map<string, [Draft, vscode.Uri, number]>();
    for (const draft of drafts.list) {
      for (const [uri, line] of placesOf(draft))
        wanted.set(`${draft.id} ${uri.toString()}`, [draft, uri, line]);
    }
    for (const [key, { draft, line, thread }] of threads) {
      const [same, , where] = wanted.get(key) ?? [];
      if (same === draft && where === line) continue;
      thread.dispose();
      threads.delete(key);
    }
    for (const [key, [draft, uri, line]] of wanted) {
      if (threads.has(key)) continue;
      const range = new vscode.Range(line, 0, line, 0);
      const thread = controller.createCommentThread(uri, range, [commentOf(draft)]);
      thread.canReply = false;
      thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
      thread.label = 'Draft, sent nowhere';
      threads.set(key, { draft, line, thread });
    }
  };
  const change = (next: Drafts): void => {
    drafts = next;
    draw();
  };
  /** Shows one comment in another mode, wherever it stands. */
  const setMode = (id: string, mode: vscode.CommentMode): void => {
    for (const { draft, thread } of threads.values()) {
      if (draft.id === id) thread.comments = [{ ...commentOf(draft), mode }];
    }
  };

  return {
    reviewed: (series) => {
      change(reviewed(drafts, series));
    },
    sidesChanged: draw,
    closed: (uri) => {
      if (uri.scheme === SIDE_SCHEME) draw();
      else change(closed(drafts, uri.toString()));
    },
    drafts: (uri) =>
      drafts.list.filter((draft) => draft.uri === uri).sort((a, b) => a.line - b.line),
    addFromThread: ({ thread, text }) => {
      const place = inPatch(thread, sides);
      thread.dispose();
      if (place !== undefined && text.trim() !== '')
        change(add(drafts, place.uri, place.line, text));
    },
    beginEdit: ({ draft }) => {
      setMode(draft, vscode.CommentMode.Editing);
    },
    endEdit: ({ draft, body }) => {
      const before = drafts;
      change(edit(drafts, draft, body));
      if (drafts.list.every((one) => before.list.includes(one)))
        setMode(draft, vscode.CommentMode.Preview);
    },
    cancelEdit: ({ draft }) => {
      setMode(draft, vscode.CommentMode.Preview);
    },
    drop: ({ draft }) => {
      change(drop(drafts, draft));
    },
    keep: ({ draft }) => {
      for (const shown of threads.values()) {
        if (shown.draft.id === draft)
          shown.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
      }
    },
    dispose: () => {
      controller.dispose();
    },
  };
}

function commentOf({ id, author, text }: Draft): DraftComment {
  return {
    draft: id,
    body: text,
    author: { name: author },
    mode: vscode.CommentMode.Preview,
    contextValue: 'draft',
    label: 'draft',
  };
}

/** Where a comment may stand: on the lines of hunks, and on what of a patched file the patch shows. */
function rangesOf(
  document: vscode.TextDocument,
  sides: Sides,
  seriesOf: (uri: string) => WireSeries | undefined,
): vscode.Range[] {
  if (sideParams(document.uri)?.side === 'after') {
    return sides.linesOf(document.uri).map(([line]) => new vscode.Range(line, 0, line, 0));
  }
  if (!isPatch(document)) return [];
  const { patches = [] } = seriesOf(document.uri.toString()) ?? {};
  return patches
    .flatMap(({ files }) => files.flatMap(({ hunks }) => hunks))
    .map(([first, last]) => new vscode.Range(first, 0, last, 0));
}

/** The line of the patch that a thread is on. */
function inPatch(
  { uri, range }: vscode.CommentThread,
  sides: Sides,
): { uri: string; line: number } | undefined {
  const line = range?.end.line ?? 0;
  const params = sideParams(uri);
  if (params === undefined) return { uri: uri.toString(), line };
  const shown = sides.linesOf(uri).find(([at]) => at === line);
  return shown === undefined ? undefined : { uri: params.document, line: shown[1] };
}
