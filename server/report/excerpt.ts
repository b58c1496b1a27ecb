import type { Range } from '../text/span.ts';

const tabStop = 8;

/** A source line as a terminal shows it: tabs become spaces, what could move the cursor becomes a dot. */
export function expandTabs(text: string): { readonly text: string; column(unit: number): number } {
  const columns: number[] = [];
  let shown = '';
  for (const unit of text.split('')) {
    columns.push(shown.length);
    if (unit === '\t') shown += ' '.repeat(tabStop - (shown.length % tabStop));
    // A line of the file must not be able to write control sequences to the terminal.
    else shown += isControl(unit) ? '.' : unit;
  }
  columns.push(shown.length);
  return { text: shown, column: (unit) => columns[Math.min(unit, columns.length - 1)]! };
}

function isControl(unit: string): boolean {
  const code = unit.charCodeAt(0);
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x200e || code === 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069); // prettier-ignore
}

/** The source line of a range and the carets under it, without indentation of their own. */
export function excerpt(
  lineText: string,
  range: Range,
): { readonly source: string; readonly carets: string } {
  const line = expandTabs(lineText);
  const from = line.column(range.start.column - 1);
  const to =
    range.end.line === range.start.line
      ? line.column(range.end.column - 1)
      : line.text.trimEnd().length;
  return {
    source: line.text.trimEnd(),
    carets: ' '.repeat(from) + '^'.repeat(Math.max(1, to - from)),
  };
}
