import type { WireSeries } from '../../server/lsp/messages.ts';

/** A comment that the reviewer has not sent. */
export interface Draft {
  readonly id: string;
  /** URI of the patch document, and the line in it, from 0. */
  readonly uri: string;
  readonly line: number;
  /** Who speaks: `iovet · error · introduced`, or the reviewer. */
  readonly author: string;
  readonly text: string;
  /** The reviewer wrote or changed it: it stays whatever a later review finds. */
  readonly own: boolean;
}

/** The drafts of all patch documents. Values: every change gives a new one. */
export interface Drafts {
  readonly list: readonly Draft[];
  /** Ids of findings whose drafts were dropped; they do not come back. */
  readonly dropped: ReadonlySet<string>;
  /** Number of drafts that the reviewer added so far. */
  readonly added: number;
}

/** No drafts. */
export const noDrafts: Drafts = { list: [], dropped: new Set(), added: 0 };

/** After a review: a draft for each introduced finding, changed ones kept, those of findings that went taken away. */
export function reviewed(drafts: Drafts, series: WireSeries): Drafts {
  const { uri } = series;
  const others = drafts.list.filter((draft) => draft.uri !== uri);
  const mine = drafts.list.filter((draft) => draft.uri === uri);
  const found = series.patches
    .flatMap(({ introduced }) => introduced)
    // What a later patch mends needs no word, and without a line there is no place for one.
    .filter(({ relation, line }) => relation === '' && line !== null)
    .map(({ id, line, severity, comment }): Draft => ({
      id: `${uri} ${id}`,
      uri,
      line: line!,
      author: `iovet · ${severity} · introduced`,
      text: comment,
      own: false,
    }))
    .filter(({ id }) => !drafts.dropped.has(id));
  const ids = new Set(found.map(({ id }) => id));
  const kept = mine.filter(({ own, id }) => own && !ids.has(id));
  const merged = found.map((draft) => {
    const known = mine.find(({ id }) => id === draft.id);
    return known?.own === true ? { ...known, line: draft.line } : draft;
  });
  return { ...drafts, list: [...others, ...kept, ...merged] };
}

/** The reviewer's own comment. */
export function add(drafts: Drafts, uri: string, line: number, text: string): Drafts {
  const added = drafts.added + 1;
  const draft: Draft = { id: `own ${added}`, uri, line, author: 'you', text, own: true };
  return { ...drafts, added, list: [...drafts.list, draft] };
}

/** Other words for a draft; without any it is dropped. */
export function edit(drafts: Drafts, id: string, text: string): Drafts {
  if (text.trim() === '') return drop(drafts, id);
  const list = drafts.list.map((draft) =>
    draft.id === id && draft.text !== text ? { ...draft, text, own: true } : draft,
  );
  return { ...drafts, list };
}

/** Takes a draft away for good. */
export function drop(drafts: Drafts, id: string): Drafts {
  return {
    ...drafts,
    list: drafts.list.filter((draft) => draft.id !== id),
    dropped: new Set([...drafts.dropped, id]),
  };
}

/** An edit of a document: lines from 0, characters from 0, as editors tell it. */
export interface Edited {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
  readonly text: string;
}

/** The document was edited: drafts stay with their lines. Edits count one after the other. */
export function moved(drafts: Drafts, uri: string, edits: readonly Edited[]): Drafts {
  const list = drafts.list.map((draft) => {
    const line = draft.uri === uri ? edits.reduce(lineAfter, draft.line) : draft.line;
    return line === draft.line ? draft : { ...draft, line };
  });
  return { ...drafts, list };
}

function lineAfter(line: number, { start, end, text }: Edited): number {
  const lines = text.split(/\r\n|\n|\r/).length - 1;
  // What stands behind the edit on its last line moves with it, where nothing stands before it.
  const isBehind = line > end.line || (line === end.line && end.character === 0);
  if (isBehind && (line > start.line || start.character === 0))
    return line + lines - (end.line - start.line);
  return Math.min(line, start.line);
}

/** What is kept of drafts when the window is closed: the reviewer's words on files. */
export function kept({ added, list }: Drafts): Pick<Drafts, 'added' | 'list'> {
  return { added, list: list.filter(({ own, uri }) => own && uri.startsWith('file:')) };
}

/** The document is closed: the drafts that iovet made go, and what was dropped may come again; the reviewer's words stay. */
export function closed(drafts: Drafts, uri: string): Drafts {
  return {
    ...drafts,
    list: drafts.list.filter((draft) => draft.uri !== uri || draft.own),
    dropped: new Set([...drafts.dropped].filter((id) => !id.startsWith(`${uri} `))),
  };
}
