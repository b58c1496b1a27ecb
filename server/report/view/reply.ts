/** Columns that a line of a mail has, the quoting of an answer left free. */
const COLUMNS = 72;

/** What a block says: what was run, the action, what was there before, what is there now, and what it rests on. */
export interface ReplyFacts {
  readonly setUp: string;
  readonly action: string;
  readonly expected: string;
  readonly got: string;
  readonly rests: string;
}

/** The block for a mail: five lines of at most 72 columns. What does not fit ends in an ellipsis. */
export function replyBlock({ setUp, action, expected, got, rests }: ReplyFacts): readonly string[] {
  return [
    fittingLine('iovet: ', [setUp]),
    fittingLine('action:   ', [action]),
    fittingLine('expected: ', [expected]),
    fittingLine('got:      ', [got]),
    fittingLine('', [rests]),
  ];
}

/** Ways to say something, the fullest first. */
export type Variants = readonly string[];

/** A line of at most 72 columns: the fullest variant that fits; else the shortest, cut at a word. */
export function fittingLine(label: string, variants: Variants): string {
  const lines = variants.map((text) => `${label}${text.replace(/\s*\n\s*/g, ' ')}`);
  return lines.find(({ length }) => length <= COLUMNS) ?? cut(lines.at(-1) ?? label, label.length);
}

function cut(line: string, least: number): string {
  const kept = line.slice(0, COLUMNS - 1);
  const word = kept.lastIndexOf(' ');
  return `${word > Math.max(least, COLUMNS / 2) ? kept.slice(0, word) : kept}…`;
}
