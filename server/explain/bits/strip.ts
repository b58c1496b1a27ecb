import { TEXT_COLUMNS } from './width.ts';

/** One field of a diagram. */
export interface StripField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** Printed below the name; left out where no value is known. */
  readonly value?: string;
}

/** What a diagram shows. */
export interface StripOptions {
  /** Bits of the word. */
  readonly bits: number;
  /** This field gets carets below it. */
  readonly marked?: StripField;
}

interface Column {
  readonly bits: string;
  readonly name: string;
  readonly value: string;
  readonly field: StripField | undefined;
}

/**
 * A word as manuals draw it: bit numbers, names and values side by side, high bits first; bits between the fields are `.`.
 * A word that is too wide is cut into pieces of at most 72 columns; with a marked field only its piece is shown, `…` standing for the rest.
 */
export function bitStrip(fields: readonly StripField[], options: StripOptions): readonly string[] {
  const columns = columnsOf(fields, options.bits);
  const rows = piecesOf(columns);
  if (options.marked === undefined) return rows.flatMap((piece) => drawn(piece, undefined));
  const mine = rows.findIndex((piece) => piece.some(({ field }) => field === options.marked));
  if (mine < 0) return [];
  const lines = drawn(rows[mine]!, options.marked);
  const before = mine > 0 ? '…' : '';
  const after = mine < rows.length - 1 ? '…' : '';
  return lines.map((line) => {
    const shifted = before === '' ? line : `${line.startsWith('|') ? before : ' '}${line}`;
    return line.startsWith('|') ? `${shifted}${after}` : shifted;
  });
}

function columnsOf(fields: readonly StripField[], bits: number): Column[] {
  const sorted = [...fields].sort((a, b) => b.high - a.high);
  const valued = fields.some(({ value }) => value !== undefined);
  const columns: Column[] = [];
  let above = bits;
  const gap = (high: number, low: number): void => {
    if (high < low) return;
    columns.push({
      bits: spanText(high, low),
      name: '.',
      value: valued ? '0' : '',
      field: undefined,
    });
  };
  for (const field of sorted) {
    // Another reading of the same bits: the first one stays.
    if (field.high >= above) continue;
    gap(above - 1, field.high + 1);
    columns.push({
      bits: spanText(field.high, field.low),
      name: field.name,
      value: field.value ?? '',
      field,
    });
    above = field.low;
  }
  gap(above - 1, 0);
  return columns;
}

/** Room for the bars at both ends and the two `…`. */
const PIECE_COLUMNS = TEXT_COLUMNS - 4;

function piecesOf(columns: readonly Column[]): Column[][] {
  const whole = columns.reduce((sum, column) => sum + widthOf(column) + 1, 1);
  if (whole <= TEXT_COLUMNS) return [[...columns]];
  const pieces: Column[][] = [];
  let piece: Column[] = [];
  let width = 0;
  for (const column of columns) {
    const more = widthOf(column) + 1;
    if (piece.length > 0 && width + more > PIECE_COLUMNS) {
      pieces.push(piece);
      piece = [];
      width = 0;
    }
    piece.push(column);
    width += more;
  }
  pieces.push(piece);
  return pieces;
}

function drawn(piece: readonly Column[], marked: StripField | undefined): string[] {
  const row = (pick: (column: Column) => string): string =>
    `|${piece.map((column) => centred(pick(column), widthOf(column))).join('|')}|`;
  const lines = [row(({ bits }) => bits), row(({ name }) => name)];
  if (piece.some(({ value }) => value !== '')) lines.push(row(({ value }) => value));
  const at = piece.findIndex(({ field }) => field !== undefined && field === marked);
  if (at >= 0) {
    const before = piece.slice(0, at).reduce((sum, column) => sum + widthOf(column) + 1, 1);
    lines.push(`${' '.repeat(before)}${'^'.repeat(widthOf(piece[at]!))}`);
  }
  return lines;
}

/** `60` or `11:9`. */
export function spanText(high: number, low: number): string {
  return high === low ? `${low}` : `${high}:${low}`;
}

function widthOf({ bits, name, value }: Column): number {
  return Math.max(bits.length, name.length, value.length);
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(text.length + left).padEnd(width);
}
