import type { MailHeaders } from '../patch.ts';
import type { TextLine } from '../textLine.ts';
import { byteBuffer } from './bytes.ts';
import { decodeBytes } from './charset.ts';
import { base64Decoder, quotedPrintable } from './transfer.ts';

/** One header field, unfolded and decoded. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** A header block, and where the body begins. */
export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Index of the first line of the body. */
  readonly body: number;
}

const fieldStart = /^([A-Za-z][A-Za-z0-9-]{0,60}):(?:[ \t]|$)/;

/** Fields read in one block; a mail has some forty. */
const mostFields = 500;

/** Whether a line starts a header field; a subject that begins with `Re:` is none. */
export function isField(text: string): boolean {
  return fieldStart.test(text.slice(0, 80)) && !/^(?:re|aw|sv|fwd?):/i.test(text);
}

/** Reads header fields from `start` up to the first blank line, or to the first line that is no field. */
export function headerBlock(lines: readonly TextLine[], start: number): HeaderBlock {
  const fields: { name: string; value: string; line: number }[] = [];
  let at = start;
  for (; at < lines.length; at++) {
    const { text: raw, line } = lines[at]!;
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (text.trim() === '') {
      at++;
      break;
    }
    const last = fields.at(-1);
    if (/^[ \t]/.test(text) && last !== undefined) {
      if (last.value.length < 20_000) last.value += ' ' + text.trim().slice(0, 20_000);
      continue;
    }
    const found = fieldStart.exec(text.slice(0, 80));
    if (found === null) {
      // Archives unfold recipients badly: a list of addresses goes on without an indent.
      if (last !== undefined && /^(?:to|cc)$/.test(last.name) && /@/.test(text.slice(0, 400))) {
        last.value += ' ' + text.trim().slice(0, 20_000);
        continue;
      }
      break;
    }
    if (fields.length < mostFields)
      fields.push({
        name: found[1]!.toLowerCase(),
        value: text
          .slice(found[1]!.length + 1)
          .trim()
          .slice(0, 20_000),
        line,
      });
  }
  return {
    fields: fields.map(({ name, value, line }) => ({ name, value: decodedWords(value), line })),
    body: at,
  };
}

/** Decodes `=?utf-8?q?…?=` words (RFC 2047); a space between two of them is no part of the text. */
export function decodedWords(value: string): string {
  if (!value.includes('=?')) return value;
  const word = /=\?([\w-]{1,40})(?:\*[\w-]*)?\?([qQbB])\?([^?\s]*)\?=/g;
  return value
    .replace(/(=\?[\w-]{1,40}\?[qQbB]\?[^?\s]*\?=)[ \t]+(?==\?)/g, '$1')
    .replace(word, (_, charset: string, encoding: string, text: string) => {
      const bytes = byteBuffer();
      if (encoding.toLowerCase() === 'b')
        base64Decoder((byte) => {
          bytes.push(byte);
        })(text);
      else quotedPrintable(text.replaceAll('_', ' '), bytes);
      return decodeBytes(bytes.take(), charset).text;
    });
}

/** The fields that a review uses; the first one wins where a field is doubled. */
export function mailHeaders(fields: readonly HeaderField[]): MailHeaders {
  const first = (name: string): string | undefined =>
    fields.find((field) => field.name === name)?.value;
  const ids = (name: string): string[] =>
    [...(first(name) ?? '').matchAll(/<[^<>\s]{1,998}>/g)].map((found) => found[0]);
  const some = <Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } =>
    (value === undefined || value === '' ? {} : { [key]: value }) as { [K in Key]?: string };
  return {
    ...some('from', first('from')),
    ...some('to', first('to')),
    ...some('cc', first('cc')),
    ...some('date', first('date')),
    ...some('subject', first('subject')),
    ...some('messageId', ids('message-id')[0]),
    ...some('inReplyTo', ids('in-reply-to')[0]),
    references: ids('references'),
  };
}
