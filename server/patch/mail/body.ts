import type { Notes } from '../notes.ts';
import { withoutCarriageReturns, type TextLine } from '../textLine.ts';
import { headerBlock, type HeaderField } from './headers.ts';
import { fromBase64, fromFlowed, fromQuotedPrintable } from './transfer.ts';

/** The texts of a message: its plain text, then attached patches. */
export interface BodyText {
  readonly lines: readonly TextLine[];
  readonly attached: boolean;
}

/** Parts inside parts that are followed. */
const deepest = 6;

/** Reads the plain text of a message: transfer encoding, character set, format=flowed, the parts of a multipart. */
export function bodyTexts(
  fields: readonly HeaderField[],
  body: readonly TextLine[],
  notes: Notes,
  depth = 0,
): BodyText[] {
  const content = contentType(field(fields, 'content-type') ?? 'text/plain');
  const at = body[0]?.line ?? fields[0]?.line ?? 1;
  if (content.type.startsWith('multipart/')) {
    const boundary = content.parameters.get('boundary');
    if (boundary === undefined || depth >= deepest) {
      notes.problem(
        { line: at },
        `${content.type} without a usable boundary`,
        'fetch the raw message',
      );
      return [];
    }
    const inner: BodyText[] = [];
    const types: string[] = [];
    for (const part of parts(body, boundary)) {
      const block = startsFields(part)
        ? headerBlock(part, 0)
        : { fields: [], body: blankFirst(part) };
      types.push(contentType(field(block.fields, 'content-type') ?? 'text/plain').type);
      inner.push(...bodyTexts(block.fields, part.slice(block.body), notes, depth + 1));
    }
    if (inner.length === 0 && depth === 0) noText(notes, at, types.join(', ') || 'no parts');
    return inner;
  }
  if (content.type === 'message/rfc822' && depth < deepest) {
    const block = headerBlock(body, 0);
    return bodyTexts(block.fields, body.slice(block.body), notes, depth + 1);
  }
  const file = (content.parameters.get('name') ?? dispositionName(fields) ?? '').toLowerCase();
  const attached = /\.(?:patch|diff)$/.test(file) || /-(?:patch|diff)$/.test(content.type);
  const plain = content.type === 'text/plain' || !content.type.includes('/');
  if (!plain && !attached) {
    if (depth === 0) noText(notes, at, content.type);
    return [];
  }
  return [{ lines: decoded(fields, body, content, notes), attached }];
}

function noText(notes: Notes, line: number, types: string): void {
  const only = types === 'text/html' ? 'text/html only' : types;
  notes.problem(
    { line },
    `no diff in it (${only})`,
    'save the plain-text part, or pass the lore mbox',
  );
}

function decoded(
  fields: readonly HeaderField[],
  body: readonly TextLine[],
  content: ContentType,
  notes: Notes,
): readonly TextLine[] {
  const encoding = (field(fields, 'content-transfer-encoding') ?? '').trim().toLowerCase();
  const charset = content.parameters.get('charset') ?? '';
  let lines = body;
  let known = true;
  if (encoding === 'quoted-printable') ({ lines, known } = fromQuotedPrintable(body, charset));
  else if (encoding === 'base64') ({ lines, known } = fromBase64(body, charset));
  if (!known)
    notes.repair(
      { line: body[0]?.line ?? 1 },
      'encoding',
      `character set ${charset === '' ? 'not named' : charset.slice(0, 40)}: letters outside of ASCII may be wrong`,
    );
  lines = withoutCarriageReturns(lines);
  if (content.parameters.get('format')?.toLowerCase() === 'flowed')
    lines = fromFlowed(
      lines,
      content.parameters.get('delsp')?.toLowerCase() === 'yes' ? 'delete-space' : 'keep-space',
    );
  return lines;
}

interface ContentType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function contentType(value: string): ContentType {
  const type =
    /^\s*([\w.+-]+(?:\/[\w.+-]+)?)/.exec(value.slice(0, 200))?.[1]?.toLowerCase() ?? 'text/plain';
  return { type, parameters: parameters(value) };
}

function parameters(value: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const match of value
    .slice(0, 4000)
    .matchAll(/;\s*([\w-]{1,40})\*?=(?:"([^"]{0,400})"|([^;\s]{1,400}))/g))
    found.set(match[1]!.toLowerCase(), match[2] ?? match[3]!);
  return found;
}

function dispositionName(fields: readonly HeaderField[]): string | undefined {
  return parameters(field(fields, 'content-disposition') ?? '').get('filename');
}

function field(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((each) => each.name === name)?.value;
}

function parts(body: readonly TextLine[], boundary: string): TextLine[][] {
  const found: TextLine[][] = [];
  let current: TextLine[] | undefined;
  for (const line of body) {
    if (line.text.startsWith('--' + boundary)) {
      const rest = line.text.slice(boundary.length + 2).trimEnd();
      if (rest === '--') break;
      if (rest === '') {
        current = [];
        found.push(current);
        continue;
      }
    }
    current?.push(line);
  }
  return found;
}

function startsFields(part: readonly TextLine[]): boolean {
  return /^content-/i.test(part[0]?.text.slice(0, 20) ?? '');
}

function blankFirst(part: readonly TextLine[]): number {
  return part[0]?.text.trim() === '' ? 1 : 0;
}
