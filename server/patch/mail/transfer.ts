import type { TextLine } from '../textLine.ts';
import { byteBuffer, type ByteBuffer } from './bytes.ts';
import { decodeBytes } from './charset.ts';

/** Decoded lines; `known` as in DecodedText. */
export interface DecodedLines {
  readonly lines: readonly TextLine[];
  readonly known: boolean;
}

/** Collects decoded lines out of bytes. */
interface LineSink {
  readonly bytes: ByteBuffer;
  /** Ends a line that began at a line of the document. */
  end(line: number): void;
  done(): DecodedLines;
}

function lineSink(charset: string): LineSink {
  const lines: TextLine[] = [];
  const bytes = byteBuffer();
  let known = true;
  return {
    bytes,
    end: (line) => {
      const decoded = decodeBytes(bytes.take(), charset);
      known &&= decoded.known;
      lines.push({ text: decoded.text, line });
    },
    done: () => ({ lines, known }),
  };
}

const hexDigits = /^[0-9A-Fa-f]{2}$/;

/** Decodes one quoted-printable line into bytes. `=` before anything but two hex digits stays as it is. */
export function quotedPrintable(text: string, bytes: ByteBuffer): void {
  let from = 0;
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const hex = text.slice(at + 1, at + 3);
    if (!hexDigits.test(hex)) continue;
    bytes.pushText(text.slice(from, at));
    bytes.push(parseInt(hex, 16));
    from = at + 3;
    at += 2;
  }
  bytes.pushText(text.slice(from));
}

/** Undoes quoted-printable (RFC 2045, 6.7): a line that was broken softly has the number of its first part. */
export function fromQuotedPrintable(lines: readonly TextLine[], charset: string): DecodedLines {
  const sink = lineSink(charset);
  let started: number | undefined;
  for (const { text, line } of lines) {
    // Spaces at the end of an encoded line were added in transit.
    const trimmed = text.trimEnd();
    const soft = trimmed.endsWith('=');
    started ??= line;
    quotedPrintable(soft ? trimmed.slice(0, -1) : trimmed, sink.bytes);
    if (soft) continue;
    sink.end(started);
    started = undefined;
  }
  if (started !== undefined) sink.end(started);
  const { lines: decoded, known } = sink.done();
  // Some programs encode the line ends themselves.
  const split = decoded.flatMap(({ text, line }) =>
    text.includes('\n') ? text.split('\n').map((part) => ({ text: part, line })) : [{ text, line }],
  );
  return { lines: split, known };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const none = 0xff;
const sextets = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = alphabet.indexOf(String.fromCharCode(code));
  return value < 0 ? none : value;
});

/**
 * Decodes base64, piece by piece: the function that is returned takes the next piece.
 * Characters outside of the alphabet are skipped, as RFC 2045 (6.8) asks; padding ends a run.
 */
export function base64Decoder(each: (byte: number) => void): (text: string) => void {
  let bits = 0;
  let count = 0;
  return (text) => {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 61) count = 0;
      const value = code < 128 ? sextets[code]! : none;
      if (value === none) continue;
      bits = ((bits << 6) | value) & 0xffffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        each((bits >> count) & 0xff);
      }
    }
  };
}

/** Undoes base64: every decoded line has the number of the encoded line that holds its first byte. */
export function fromBase64(lines: readonly TextLine[], charset: string): DecodedLines {
  const sink = lineSink(charset);
  let current = 1;
  let started: number | undefined;
  const decode = base64Decoder((byte) => {
    started ??= current;
    if (byte === 10) {
      sink.end(started);
      started = undefined;
    } else sink.bytes.push(byte);
  });
  for (const { text, line } of lines) {
    current = line;
    decode(text);
  }
  if (started !== undefined) sink.end(started);
  return sink.done();
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
