import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { Desk } from '../desk.ts';
import {
  PATCH_PLACE,
  REVIEW_SERIES,
  SIDE,
  type PatchPlaceParams,
  type SeriesParams,
  type SideParams,
} from '../messages.ts';
import { linksOf } from './links.ts';
import { foldsOf, outlineOf } from './outline.ts';
import type { PatchAnswer } from './patches.ts';
import { placeInPatch, sideText } from './sides.ts';
import { wireSeries } from './wireSeries.ts';

/** What the requests about patches need. */
export interface PatchRequests {
  readonly desk: Desk;
  readonly answer: (uri: string, token?: CancellationToken) => Promise<PatchAnswer | undefined>;
  /** URI of a file of the answer's tree; undefined where there is none. */
  readonly fileUri: (answer: PatchAnswer, name: string) => string | undefined;
}

/** Answers everything that is asked about patch documents alone. */
export function registerPatchRequests(
  connection: Connection,
  { desk: { guarded }, answer, fileUri }: PatchRequests,
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
      return linksOf(found.series, found.lines, { file: (name) => fileUri(found, name) });
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
      return found === undefined ? null : sideText(found.change, params);
    }),
  );

  connection.onRequest(PATCH_PLACE, ({ uri, line }: PatchPlaceParams, token: CancellationToken) =>
    guarded(PATCH_PLACE, null, async () => {
      const found = await answer(uri, token);
      return found === undefined ? null : placeInPatch(found, line + 1);
    }),
  );
}
