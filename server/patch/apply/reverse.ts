import type { FilePatch, Hunk, HunkLine } from '../patch.ts';

const opposite: Readonly<Record<HunkLine['kind'], HunkLine['kind']>> = {
  added: 'removed',
  removed: 'added',
  context: 'context',
};

/** The patch that takes a patch back; its lines keep their places in the document. */
export function reversed(file: FilePatch): FilePatch {
  return { ...file, hunks: file.hunks.map(reversedHunk) };
}

function reversedHunk(hunk: Hunk): Hunk {
  return {
    ...hunk,
    oldStart: hunk.newStart,
    oldCount: hunk.newCount,
    newStart: hunk.oldStart,
    newCount: hunk.oldCount,
    lines: hunk.lines.map((line) => ({ ...line, kind: opposite[line.kind] })),
  };
}
