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
    `iovet: ${setUp}`,
    `action:   ${action}`,
    `expected: ${expected}`,
    `got:      ${got}`,
    rests,
  ].map(fit);
}

function fit(line: string): string {
  const plain = line.replace(/\s*\n\s*/g, ' ');
  if (plain.length <= COLUMNS) return plain;
  const cut = plain.slice(0, COLUMNS - 1);
  const word = cut.lastIndexOf(' ');
  return `${word > COLUMNS / 2 ? cut.slice(0, word) : cut}…`;
}
