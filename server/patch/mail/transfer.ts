import type { TextLine } from '../textLine.ts';
import { decodeBytes } from './charset.ts';

/** Decoded lines; `known` as in DecodedText. */
export interface DecodedLines {
  readonly lines: readonly TextLine[];
  readonly known: boolean;
}

/** Bytes of a text that was read as UTF-8 or Latin-1: quoted-printable and base64 bodies are ASCII, and others rare. */
function bytesOf(text: string): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point >= 0x10000) i++;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000)
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return bytes;
}

/** Bytes of one quoted-printable line, without its soft break. `=` before anything but two hex digits stays as it is. */
export function quotedPrintableBytes(text: string): number[] {
  if (!text.includes('=')) return bytesOf(text);
  const bytes: number[] = [];
  let from = 0;
  for (let i = text.indexOf('='); i >= 0; i = text.indexOf('=', i + 1)) {
    const hex = text.slice(i + 1, i + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) continue;
    for (const byte of bytesOf(text.slice(from, i))) bytes.push(byte);
    bytes.push(parseInt(hex, 16));
    from = i + 3;
    i += 2;
  }
  for (const byte of bytesOf(text.slice(from))) bytes.push(byte);
  return bytes;
}

/** Undoes quoted-printable (RFC 2045, 6.7): a line that was broken softly has the number of its first part. */
export function fromQuotedPrintable(lines: readonly TextLine[], charset: string): DecodedLines {
  const decoded: TextLine[] = [];
  let known = true;
  let pending: number[] = [];
  let line: number | undefined;
  const flush = (at: number): void => {
    const text = decodeBytes(pending, charset);
    known &&= text.known;
    // An encoded =0D=0A or =0A is a line end as well.
    for (const part of text.text.split('\n')) decoded.push({ text: part, line: at });
    pending = [];
    line = undefined;
  };
  for (const { text, line: place } of lines) {
    // Spaces at the end of an encoded line were added in transit.
    const trimmed = text.replace(/[ \t\r]+$/, '');
    line ??= place;
    const soft = trimmed.endsWith('=');
    for (const byte of quotedPrintableBytes(soft ? trimmed.slice(0, -1) : trimmed))
      pending.push(byte);
    if (!soft) flush(line);
  }
  if (line !== undefined) flush(line);
  return { lines: decoded, known };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const sextets = new Map(Array.from(alphabet, (digit, value) => [digit.charCodeAt(0), value]));

/** Bytes of base64 text; characters outside of the alphabet are skipped, as RFC 2045 (6.8) asks. */
export function base64Bytes(text: string): number[] {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const value = sextets.get(text.charCodeAt(i));
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return bytes;
}

/** Undoes base64: every decoded line has the number of the encoded line that holds its first byte. */
export function fromBase64(lines: readonly TextLine[], charset: string): DecodedLines {
  const decoded: TextLine[] = [];
  let known = true;
  let pending: number[] = [];
  let started: number | undefined;
  let carried = '';
  const flush = (at: number): void => {
    const text = decodeBytes(pending, charset);
    known &&= text.known;
    decoded.push({ text: text.text, line: at });
    pending = [];
    started = undefined;
  };
  for (const { text, line } of lines) {
    const clean = carried + text.replace(/[^A-Za-z0-9+/]/g, '');
    const whole = clean.length - (clean.length % 4);
    carried = clean.slice(whole);
    for (const byte of base64Bytes(clean.slice(0, whole))) {
      started ??= line;
      if (byte === 10) flush(started);
      else pending.push(byte);
    }
  }
  const end = lines.at(-1)?.line ?? 1;
  for (const byte of base64Bytes(carried)) {
    started ??= end;
    if (byte === 10) flush(started);
    else pending.push(byte);
  }
  if (started !== undefined) flush(started);
  return { lines: decoded, known };
}

/**
 * Undoes format=flowed (RFC 3676): a line that ends in a space goes on in the next one of the same quote depth.
 * `delsp`: the space that marks the break goes. A line stuffed with a space loses it.
 */
export function fromFlowed(
  lines: readonly TextLine[],
  delsp: 'delete-space' | 'keep-space',
): readonly TextLine[] {
  const unfolded: TextLine[] = [];
  let open: { quotes: string; text: string; line: number } | undefined;
  const flush = (): void => {
    if (open !== undefined)
      unfolded.push({
        text: open.quotes === '' ? open.text : `${open.quotes} ${open.text}`,
        line: open.line,
      });
    open = undefined;
  };
  for (const { text: raw, line } of lines) {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const quotes = /^>*/.exec(text.slice(0, 200))![0];
    let rest = text.slice(quotes.length);
    if (rest.startsWith(' ')) rest = rest.slice(1);
    const signature = rest === '-- ';
    const flows = rest.endsWith(' ') && !signature;
    const kept = flows && delsp === 'delete-space' ? rest.slice(0, -1) : rest;
    if (open !== undefined && open.quotes === quotes && !signature) open.text += kept;
    else {
      flush();
      open = { quotes, text: kept, line };
    }
    if (!flows) flush();
  }
  flush();
  return unfolded;
}
