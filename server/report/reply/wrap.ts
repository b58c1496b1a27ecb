/** Widest line of a mail's own text. Unit: UTF-16 units. */
export const mailColumns = 72;

/** Breaks a paragraph at spaces; a word that is longer than a line stands alone. */
export function wrap(text: string, columns: number = mailColumns, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  return lines;
}
