import type { CodeLens } from 'vscode-languageserver/node';
import { lineRange } from './lines.ts';
import type { PatchAnswer } from './patches.ts';
import { changedFile } from './patchPlaces.ts';

/** Above each patch what it introduces and fixes, above each file the way to its two sides. Commands of the VS Code client. */
export function lensesOf({ uri, lines, review, change }: PatchAnswer): CodeLens[] {
  return review.patches.flatMap(({ patch, introduced, fixed }, index) => {
    const counts = [
      introduced.length === 0 ? '' : `${introduced.length} introduced`,
      fixed.length === 0 ? '' : `${fixed.length} fixed`,
    ].filter((text) => text !== '');
    const title = counts.length === 0 ? 'nothing introduced' : counts.join(' · ');
    const command = { title, command: 'iovet.showSeries', arguments: [uri] };
    const files = patch.files
      .filter(({ newPath, oldPath }) => changedFile(change, index, newPath ?? oldPath ?? ''))
      .map(({ line }) => ({
        range: lineRange(lines, line),
        command: {
          title: 'Open before/after',
          command: 'iovet.openBeforeAfter',
          arguments: [{ uri, line: line - 1 }],
        },
      }));
    return [{ range: lineRange(lines, patch.line), command }, ...files];
  });
}
