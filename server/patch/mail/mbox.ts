import type { TextLine } from '../textLine.ts';
import { headerBlock, isField, type HeaderField } from './headers.ts';

/** One message of a document, not decoded yet. */
export interface RawMessage {
  /** 1-based line of the document where it begins. */
  readonly line: number;
  /** Empty where the document is a bare diff. */
  readonly fields: readonly HeaderField[];
  readonly body: readonly TextLine[];
  /** The commit that the `From ` or `commit ` line names. */
  readonly commit?: string;
}

/** A `From ` line that git wrote: the date is always the same, the commit differs. */
const gitFrom = /^From ([0-9a-f]{40,64}) Mon Sep 17 00:00:00 2001\r?$/;
const anyFrom = /^From \S.{0,300}\d{4}(?: [+-]\d{4})?\r?$/;
const gitLog = /^commit ([0-9a-f]{12,64})(?: \(.{0,300}\))?\r?$/;
const knownField =
  /^(?:from|to|cc|subject|date|message-id|received|return-path|delivered-to|mime-version|x-[a-z-]+|reply-to|list-id|in-reply-to|dkim-signature|content-type|author):/i;

/** Splits a document into its messages. A document without mail in it is one message without header fields. */
export function splitMessages(lines: readonly TextLine[]): RawMessage[] {
  const starts: number[] = [];
  for (let i = 0; i < lines.length; i++) {
    const { text } = lines[i]!;
    if (startsMail(lines, i)) starts.push(i);
    else if (text.startsWith('commit ') && gitLog.test(text.slice(0, 400)) && startsLog(lines, i))
      starts.push(i);
  }
  const first = starts[0] ?? lines.length;
  // Text before the first message is one of its own, if there is a diff in it.
  if (first > 0 && lines.slice(0, first).some(({ text }) => text.trim() !== '')) starts.unshift(0);
  return starts.map((start, index) => message(lines, start, starts[index + 1] ?? lines.length));
}

function startsMail(lines: readonly TextLine[], at: number): boolean {
  const { text } = lines[at]!;
  if (!text.startsWith('From ')) return false;
  const short = text.slice(0, 400);
  const next = lines[at + 1]?.text ?? '';
  if (gitFrom.test(short)) return isField(next) || at === 0;
  if (!anyFrom.test(short) || !isField(next)) return false;
  return at === 0 || lines[at - 1]!.text.trim() === '';
}

function startsLog(lines: readonly TextLine[], at: number): boolean {
  return lines.slice(at + 1, at + 5).some(({ text }) => text.startsWith('Author: '));
}

function message(lines: readonly TextLine[], start: number, end: number): RawMessage {
  const { text, line } = lines[start]!;
  const log = gitLog.exec(text.slice(0, 400));
  if (log !== null && startsLog(lines, start)) return logMessage(lines, start, end, log[1]!);
  const from = gitFrom.exec(text.slice(0, 400));
  const mailbox = text.startsWith('From ') && startsMail(lines, start);
  const own = lines.slice(start + (mailbox ? 1 : 0), end);
  const content = mailbox ? own.map(unquotedFrom) : own;
  const commit = from === null || /^0+$/.test(from[1]!) ? {} : { commit: from[1]! };
  if (!mailbox && !content.slice(0, 3).some((first) => knownField.test(first.text.slice(0, 80))))
    return { line, fields: [], body: content };
  // Web archives show the subject as a title above the other fields.
  const title = isField(content[0]?.text ?? '') ? undefined : content[0];
  let from0 = 0;
  if (!mailbox && title !== undefined) {
    from0 = 1;
    while (content[from0]?.text.trim() === '') from0++;
  }
  const block = headerBlock(content, from0);
  const fields =
    title === undefined || block.fields.some((field) => field.name === 'subject')
      ? block.fields
      : [
          { name: 'subject', value: title.text.trim().slice(0, 2000), line: title.line },
          ...block.fields,
        ];
  return { line, fields, body: content.slice(block.body), ...commit };
}

/** `>From ` at the start of a line was `From `: mailboxes escape it. */
function unquotedFrom(line: TextLine): TextLine {
  return /^>+From /.test(line.text.slice(0, 50))
    ? { text: line.text.slice(1), line: line.line }
    : line;
}

/** The output of `git show` and `git log -p`: the message is indented by four spaces. */
function logMessage(
  lines: readonly TextLine[],
  start: number,
  end: number,
  commit: string,
): RawMessage {
  const fields: HeaderField[] = [];
  let at = start + 1;
  for (; at < end && lines[at]!.text.trim() !== ''; at++) {
    const found = /^(Author|AuthorDate|Date|Commit|Merge):\s*(.{0,2000})$/.exec(
      lines[at]!.text.slice(0, 2100).trimEnd(),
    );
    if (found === null) continue;
    const name =
      found[1] === 'Author'
        ? 'from'
        : found[1]!.endsWith('Date')
          ? 'date'
          : found[1]!.toLowerCase();
    fields.push({ name, value: found[2]!, line: lines[at]!.line });
  }
  const body: TextLine[] = [];
  let subject: string | undefined;
  for (at++; at < end; at++) {
    const { text, line } = lines[at]!;
    const indented = text.startsWith('    ');
    if (!indented && text.trim() !== '') break;
    if (subject === undefined && indented) {
      subject = text.trim();
      fields.push({ name: 'subject', value: subject.slice(0, 2000), line });
    } else body.push({ text: indented ? text.slice(4) : '', line });
  }
  return { line: lines[start]!.line, fields, body: [...body, ...lines.slice(at, end)], commit };
}
