/** Colours repeat what the words say: with or without them, the characters are the same. */
export interface Style {
  /** Paths and messages. */
  readonly bold: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  /** Severity `info` and notes. */
  readonly note: (text: string) => string;
  /** Rule ids and line numbers. */
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;

/** For pipes, files, and people who asked for it. */
export const plain: Style = { bold: same, error: same, warning: same, note: same, dim: same };

const sgr =
  (code: string) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

/** For terminals. */
export const coloured: Style = {
  bold: sgr('1'),
  error: sgr('1;31'),
  warning: sgr('1;33'),
  note: sgr('36'),
  dim: sgr('2'),
};
