import type { CancellationToken, CodeLens, Connection } from 'vscode-languageserver/node';
import type { Git } from '../../host/git.ts';
import type { Desk } from '../desk.ts';
import {
  APPLY,
  COMMITS,
  PATCH_PLACE,
  READING_COMMITS,
  REPLY,
  REVIEW_SERIES,
  SIDE,
  type ApplyParams,
  type CommitsParams,
  type CommitsText,
  type PatchPlaceParams,
  type ReadingCommits,
  type ReplyParams,
  type SeriesParams,
  type SideParams,
  type SideText,
} from '../messages.ts';
import { uriOfPath } from '../places.ts';
import { applyEdits } from './applyEdits.ts';
import { commitsText } from './commits.ts';
import { linksOf } from './links.ts';
import { foldsOf, outlineOf } from './outline.ts';
import { lensesOf } from './patchLenses.ts';
import type { PatchAnswer, Patches } from './patches.ts';
import { replyText } from './reply.ts';
import { placeInPatch, sideText } from './sides.ts';
import { wireSeries } from './wireSeries.ts';

/** What the requests about patches need. */
export interface PatchRequests {
  readonly desk: Desk;
  readonly answer: (uri: string, token?: CancellationToken) => Promise<PatchAnswer | undefined>;
  /** The repository at a folder; undefined where git may not be started. */
  readonly gitAt: (folder: string) => Git | undefined;
  /** Lenses of others, behind those about the review. */
  readonly moreLenses: (answer: PatchAnswer) => readonly CodeLens[];
  /** Lenses of a document that holds no patches. */
  readonly otherLenses: (uri: string, token?: CancellationToken) => Promise<readonly CodeLens[]>;
  /** A side of a document that holds no patches; null where there is none. */
  readonly otherSide: (params: SideParams) => SideText | null;
  readonly onTree: Patches['onTree'];
  /** URI of a file of the answer's tree; undefined where there is none. */
  readonly fileUri: (answer: PatchAnswer, name: string) => string | undefined;
}

/** Answers everything that is asked about patch documents alone. */
export function registerPatchRequests(
  connection: Connection,
  {
    desk: { guarded },
    answer,
    moreLenses,
    otherLenses,
    otherSide,
    gitAt,
    onTree,
    fileUri,
  }: PatchRequests,
): void {
  connection.onDocumentSymbol(({ textDocument: { uri } }, token) =>
    guarded('documentSymbol', [], async () => {
      const found = await answer(uri, token);
      return found === undefined ? [] : outlineOf(found.series, found.lines);
    }),
  );

  connection.onFoldingRanges(({ textDocument: { uri } }, token) =>
    guarded('foldingRange', [], async () => {
      const found = await answer(uri, token);
      return found === undefined ? [] : foldsOf(found.series, found.lines);
    }),
  );

  connection.onDocumentLinks(({ textDocument: { uri } }, token) =>
    guarded('documentLink', [], async () => {
      const found = await answer(uri, token);
      if (found === undefined) return [];
      return linksOf(found, { file: (name) => fileUri(found, name) });
    }),
  );

  connection.onRequest(REVIEW_SERIES, ({ uri }: SeriesParams, token: CancellationToken) =>
    guarded(REVIEW_SERIES, null, async () => {
      const found = await answer(uri, token);
      return found === undefined ? null : wireSeries(found);
    }),
  );

  connection.onRequest(SIDE, (params: SideParams, token: CancellationToken) =>
    guarded(SIDE, null, async () => {
      const found = await answer(params.document, token);
      return found === undefined ? otherSide(params) : sideText(found.change, params);
    }),
  );

  connection.onRequest(COMMITS, (params: CommitsParams, token: CancellationToken) => {
    const broken: CommitsText = { ok: false, reason: 'internal error, see the log' };
    return guarded(COMMITS, broken, async () => {
      const git = gitAt(params.folder);
      if (git === undefined) {
        return { ok: false, reason: 'the workspace is not trusted, git is not started' };
      }
      const { signal, abort } = abortOf(token);
      const progress = (done: number, total: number): void => {
        const reading: ReadingCommits = { ...params, done, total };
        void connection.sendNotification(READING_COMMITS, reading);
      };
      try {
        return await commitsText(git, params, { signal, progress });
      } finally {
        abort.dispose();
      }
    });
  });

  connection.onRequest(APPLY, ({ uri, patch }: ApplyParams, token: CancellationToken) =>
    guarded(APPLY, null, async () => {
      const found = await answer(uri, token);
      const onto = found === undefined ? undefined : onTree(found, patch);
      if (found?.tree.folder === undefined || onto === undefined) return null;
      const { folder } = found.tree;
      return applyEdits(onto.change, onto.read, (path) => uriOfPath(`${folder}/${path}`));
    }),
  );

  connection.onRequest(REPLY, (params: ReplyParams, token: CancellationToken) =>
    guarded(REPLY, null, async () => {
      const found = await answer(params.uri, token);
      return found === undefined ? null : replyText(found, params);
    }),
  );

  connection.onCodeLens(({ textDocument: { uri } }, token) =>
    guarded('codeLens', [], async () => {
      const found = await answer(uri, token);
      if (found === undefined) return [...(await otherLenses(uri, token))];
      return [...lensesOf(found), ...moreLenses(found)];
    }),
  );

  connection.onRequest(PATCH_PLACE, ({ uri, line }: PatchPlaceParams, token: CancellationToken) =>
    guarded(PATCH_PLACE, null, async () => {
      const found = await answer(uri, token);
      return found === undefined ? null : placeInPatch(found, line + 1);
    }),
  );
}

/** A signal that follows a token; `abort` is disposed when nobody listens any more. */
function abortOf(token: CancellationToken): {
  readonly signal: AbortSignal;
  readonly abort: { dispose(): void };
} {
  const controller = new AbortController();
  const abort = token.onCancellationRequested(() => {
    controller.abort();
  });
  if (token.isCancellationRequested) controller.abort();
  return { signal: controller.signal, abort };
}
