import type { Hunk, HunkLine } from '../patch.ts';

/**
 * Gives added lines an indent where the text of a patch lost its tabs on the way: that of the file's line above.
 * Only asked for hunks whose context fits the file when white space is not compared.
 */
export function indented(hunk: Hunk, fileLines: readonly string[], line: number): Hunk {
  if (hunk.lines.some(({ text }) => text.includes('\t'))) return hunk;
  const result: HunkLine[] = [];
  let at = line;
  let indent = '';
  let changed = false;
  for (const each of hunk.lines) {
    if (each.kind !== 'added') {
      const own = fileLines[at++ - 1];
      if (own !== undefined && own.trim() !== '') indent = /^[ \t]*/.exec(own.slice(0, 200))![0];
      result.push(each);
    } else if (each.text.trim() !== '' && indent.includes('\t')) {
      changed = true;
      result.push({ ...each, text: indent + each.text.trimStart() });
    } else result.push(each);
  }
  return changed ? { ...hunk, lines: result } : hunk;
}
