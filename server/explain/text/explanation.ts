import { TEXT_COLUMNS } from '../bits/width.ts';

/** A place that an explanation points to. */
export interface ExplainedPlace {
  /** Path relative to the tree. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** What a hover, `iovet explain` and `iovet decode` say about one thing. */
export interface Explanation {
  /** Says it all; one line. */
  readonly title: string;
  /** The rest, in columns, at most 72 wide. */
  readonly lines: readonly string[];
  readonly places: readonly ExplainedPlace[];
}

/** Most lines of a hover: it fits into 24 rows without scrolling. */
export const MOST_LINES = 15;

/** Column where the text after a label starts. */
const LABEL_COLUMNS = 8;

/** A paragraph behind a label (`Set by`), wrapped and indented. */
export function labelled(label: string, text: string): readonly string[] {
  const lines = wrap(text, TEXT_COLUMNS - LABEL_COLUMNS);
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_COLUMNS)}${line}`);
}

/** Breaks a text at its spaces into lines of at most `width` columns; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** An explanation as plain text, for terminals. */
export function plainText({ title, lines }: Explanation): string {
  return [title, ...lines].join('\n');
}
