import type { ViewLine } from '../diff/readHunk.ts';
import type { TextLine } from '../textLine.ts';

/** A text as it reads without one kind of quoting; lines that are not quoted so are foreign to it. */
export interface View {
  /** What stands before every line: empty, `> `, `> > `, or an indent. */
  readonly prefix: string;
  readonly lines: readonly ViewLine[];
}

/** Kinds of quoting that are tried in one message. */
const mostPrefixes = 8;

const quotedHeader =
  /^((?:[ \t]*[A-Za-z]{0,8}[>|])+[ \t]?|[ \t]+)(?=@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@)/;

/**
 * The ways in which a text holds diffs, by the quoting of their `@@` lines.
 * The text itself comes first; without a hunk header in it there may be only quoted ones.
 */
export function views(lines: readonly TextLine[]): View[] {
  let bare = false;
  const prefixes = new Set<string>();
  for (const { text } of lines) {
    if (text.startsWith('@@ -') || text.startsWith('diff --git ')) bare = true;
    else if (text.includes('@@ -') && prefixes.size < mostPrefixes) {
      const found = quotedHeader.exec(text.slice(0, 200));
      if (found !== null) prefixes.add(found[1]!);
    }
  }
  const quoted = [...prefixes]
    // An indent is quoting only where nothing else is: commit messages show parts of diffs.
    .filter((prefix) => prefix.trim() !== '' || (!bare && prefixes.size === 1))
    .map((prefix) => ({ prefix, lines: lines.map((line) => unquoted(line, prefix)) }));
  // A quoted line inside an unquoted patch was written by somebody else.
  const own = {
    prefix: '',
    lines: lines.map((each) => (each.text.startsWith('>') ? { ...each, foreign: true } : each)),
  };
  return bare || quoted.length === 0 ? [own, ...quoted] : quoted;
}

function unquoted({ text, line }: TextLine, prefix: string): ViewLine {
  if (text.startsWith(prefix)) return { text: text.slice(prefix.length), line };
  // Mail programs drop spaces at the end, of a quoted blank line too.
  if (text === prefix.trimEnd()) return { text: '', line };
  return { text, line, foreign: true };
}
