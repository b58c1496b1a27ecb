import type {
  CancellationToken,
  Connection,
  Location as WireLocation,
} from 'vscode-languageserver/node';
import { definitionsAt } from '../../explain/navigation/definition.ts';
import type { Reading } from '../../review/session.ts';
import { lineIndex } from '../../text/lineIndex.ts';
import type { Desk } from '../desk.ts';
import type { WirePosition } from '../messages.ts';
import type { Locate } from '../places.ts';
import type { Answer } from '../workspace.ts';
import { lineInHunk } from './hunkLine.ts';
import type { PatchAnswer } from './patches.ts';
import { locateAround, type PatchSources } from './patchSources.ts';

/** What definitions in patches need. */
export interface PatchDefinitions {
  readonly guarded: Desk['guarded'];
  readonly patch: (uri: string, token?: CancellationToken) => Promise<PatchAnswer | undefined>;
  /** The answer about a document that holds one side of a patched file; undefined for every other one. */
  readonly side: (uri: string, token?: CancellationToken) => Promise<Answer | undefined>;
  readonly sources: PatchSources;
}

/**
 * Answers where something is defined that stands in a hunk or in one side of a patched file. Files on disk have other
 * servers for that: they know builds, and would say the same twice.
 */
export function registerPatchDefinitions(
  connection: Connection,
  { guarded, patch, side, sources }: PatchDefinitions,
): void {
  connection.onDefinition(({ textDocument: { uri }, position }, token) =>
    guarded('definition', null, async () => {
      const found = await patch(uri, token);
      if (found === undefined) {
        const answer = await side(uri, token);
        return answer === undefined ? null : linksAt(answer.readings, position, answer.locate);
      }
      const at = lineInHunk(found, position);
      if (at === undefined) return null;
      const readings = await sources.readings(found, at, token);
      return linksAt(readings, at.inFile, locateAround(found, at));
    }),
  );
}

function linksAt(
  readings: readonly Reading[],
  { line, character }: WirePosition,
  locate: Locate,
): WireLocation[] | null {
  const [first] = readings;
  if (first === undefined) return null;
  const offset = lineIndex(first.text).offset({ line: line + 1, column: character + 1 });
  return definitionsAt(readings, offset).map(({ path, line: row }) => {
    const at = { line: row, column: 1 };
    return locate({ file: path, range: { start: at, end: at } });
  });
}
