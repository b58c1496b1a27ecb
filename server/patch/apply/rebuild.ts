import { lineMap, type Kept, type LineMap, type PatchedLine } from './lineMap.ts';
import type { Placed, Placement } from './placeHunk.ts';

/** The text after placed hunks, and where its lines come from. Context stays as the file has it. */
export function rebuilt(
  lines: readonly string[],
  placed: readonly Placed[],
  document: string,
): { text: string; map: LineMap } {
  const result: string[] = [];
  const kept: Kept[] = [];
  const patched: PatchedLine[] = [];
  /** 1-based next line of the file before the patch. */
  let next = 1;
  const keep = (until: number): void => {
    if (until <= next) return;
    const last = kept.at(-1);
    if (
      last !== undefined &&
      last.before + last.length === next &&
      last.after + last.length === result.length + 1
    )
      kept[kept.length - 1] = { ...last, length: last.length + until - next };
    else kept.push({ before: next, after: result.length + 1, length: until - next });
    for (; next < until; next++) result.push(lines[next - 1]!);
  };
  const change = ({ hunk, line: first }: Placement): void => {
    let before = first;
    for (const { kind, text, line, noNewline } of hunk.lines) {
      const place = { document, line, kind };
      if (kind === 'added') {
        keep(before);
        endLine(result);
        patched.push({ ...place, after: result.push(noNewline ? text : text + '\n') });
        continue;
      }
      // Context that fuzz lets hang over an end of the file is nowhere.
      if (before >= 1 && before <= lines.length) {
        keep(kind === 'context' ? before + 1 : before);
        if (kind === 'removed') next = before + 1;
        patched.push({ ...place, before, ...(kind === 'context' ? { after: result.length } : {}) });
      }
      before++;
    }
  };
  const pass = ({ hunk, line: first }: Placement): void => {
    let before = first;
    for (const { kind, line } of hunk.lines) {
      if (kind === 'removed') continue;
      keep(before + 1);
      patched.push({ document, line, kind, before, after: result.length });
      before++;
    }
  };
  for (const { placement } of placed) (placement.match === 'present' ? pass : change)(placement);
  keep(lines.length + 1);
  return { text: result.join(''), map: lineMap(kept, patched) };
}

/** A line that others follow has a line end. */
function endLine(result: string[]): void {
  const last = result.at(-1);
  if (last !== undefined && !last.endsWith('\n')) result[result.length - 1] = last + '\n';
}
