/** A line of text that knows where it came from. */
export interface TextLine {
  /** Without its `\n`; a `\r` before it is kept until `withoutCarriageReturns`. */
  readonly text: string;
  /** 1-based line of the document. */
  readonly line: number;
}

/** Splits a document at `\n`. A text that ends in a newline has no empty last line. */
export function splitLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    lines.push({ text: text.slice(start, end), line: lines.length + 1 });
    start = end + 1;
  }
  return lines;
}

const structural = /^(?:diff --git |--- |\+\+\+ |@@ -|[A-Za-z-]{2,20}: )/;

/**
 * Drops the `\r` that mail transport or a Windows editor put at the end of every line.
 * Where the diff's own header lines have none, a `\r` belongs to the changed file and stays.
 */
export function withoutCarriageReturns(lines: readonly TextLine[]): readonly TextLine[] {
  let returns = 0;
  let headers = 0;
  let headersWithReturn = 0;
  for (const { text } of lines) {
    const ends = text.endsWith('\r');
    if (ends) returns++;
    if (!structural.test(text.slice(0, 40))) continue;
    headers++;
    if (ends) headersWithReturn++;
  }
  if (returns === 0) return lines;
  const transport = headers === 0 ? returns * 2 > lines.length : headersWithReturn * 2 > headers;
  if (!transport) return lines;
  return lines.map(({ text, line }) =>
    text.endsWith('\r') ? { text: text.slice(0, -1), line } : { text, line },
  );
}
