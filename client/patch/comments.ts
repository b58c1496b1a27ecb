import * as vscode from 'vscode';
import { SIDE_SCHEME, type WireSeries } from '../../server/lsp/messages.ts';
import {
  add,
  closed,
  drop,
  edit,
  kept,
  moved,
  noDrafts,
  reviewed,
  type Draft,
  type Drafts,
} from './drafts.ts';
import { isPatch } from './patchDocuments.ts';
import { sideParams, type Sides } from './sides.ts';

/** Draft comments on patches, in the patch and beside the patched file. */
export interface Comments {
  dispose(): void;
  reviewed(series: WireSeries): void;
  /** Sides of patched files came, went or were read anew: drafts stand there too. */
  sidesChanged(): void;
  /** A document came into an editor: what was written on it is shown again. */
  opened(): void;
  edited(event: vscode.TextDocumentChangeEvent): void;
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

/** Where the reviewer's words lie between two windows. */
const memoryKey = 'iovet.drafts';

/** The comments that the reviewer wrote in an earlier window, and no others. */
export function createComments(
  sides: Sides,
  seriesOf: (uri: string) => WireSeries | undefined,
  memory: vscode.Memento,
): Comments {
  const controller = vscode.comments.createCommentController('iovet', 'iovet review');
  let drafts: Drafts = { ...noDrafts, ...memory.get<Partial<Drafts>>(memoryKey) };
  // Threads by draft and document: the patch itself, and the open sides.
  const threads = new Map<string, Shown>();

  controller.options = {
    prompt: 'Comment on this line',
    placeHolder: 'Plain words for the author',
  };
  controller.commentingRangeProvider = {
    provideCommentingRanges: (document) => rangesOf(document, sides, seriesOf),
  };

  const placesOf = (draft: Draft): [vscode.Uri, number][] =>
    vscode.workspace.textDocuments.flatMap(({ uri }): [vscode.Uri, number][] => {
      if (uri.toString() === draft.uri) return [[uri, draft.line]];
      const params = sideParams(uri);
      if (params?.side !== 'after' || params.document !== draft.uri) return [];
      const line = sides.linesOf(uri).find(([, shown]) => shown === draft.line);
      return line === undefined ? [] : [[uri, line[0]]];
    });

  /** Makes the threads what the drafts are; what is typed into one just now stays. */
  const draw = (): void => {
    const wanted = new Map<string, [Draft, vscode.Uri, number]>();
    for (const draft of drafts.list) {
      for (const [uri, line] of placesOf(draft))
        wanted.set(`${draft.id} ${uri.toString()}`, [draft, uri, line]);
    }
    for (const [key, { thread }] of threads) {
      if (wanted.has(key)) continue;
      thread.dispose();
      threads.delete(key);
    }
    for (const [key, [draft, uri, line]] of wanted) {
      const range = new vscode.Range(line, 0, line, 0);
      const shown = threads.get(key);
      const thread = shown?.thread ?? newThread(uri, range, draft);
      if (shown !== undefined && shown.line !== line) thread.range = range;
      const isEdited = thread.comments.some(({ mode }) => mode === vscode.CommentMode.Editing);
      if (shown !== undefined && shown.draft !== draft && !isEdited)
        thread.comments = [commentOf(draft)];
      threads.set(key, { draft, line, thread });
    }
  };
  const newThread = (uri: vscode.Uri, range: vscode.Range, draft: Draft): vscode.CommentThread => {
    const thread = controller.createCommentThread(uri, range, [commentOf(draft)]);
    thread.canReply = false;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    thread.label = 'Draft, sent nowhere';
    return thread;
  };
  const change = (next: Drafts): void => {
    drafts = next;
    void memory.update(memoryKey, kept(drafts));
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
    opened: draw,
    edited: ({ document, contentChanges }) => {
      const uri = document.uri.toString();
      if (!drafts.list.some((draft) => draft.uri === uri)) return;
      const edits = contentChanges.map(({ range: { start, end }, text }) => ({ start, end, text }));
      change(moved(drafts, uri, edits));
    },
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
      change(edit(drafts, draft, body));
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
