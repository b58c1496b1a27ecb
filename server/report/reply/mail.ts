import type { MailHeaders, Patch } from '../../patch/patch.ts';
import { quoteFor } from './quote.ts';

/** A comment of the reviewer at a line of the patch. */
export interface ReplyComment {
  /** 1-based line of the patch's document. */
  readonly line: number;
  /** Wrapped text; kept as it is. */
  readonly text: string;
}

/**
 * A reply to one patch in the style of the kernel's lists: the lines that matter quoted, each comment below its line.
 * The header names whom it answers; who sends it, and under which name, is the reviewer's.
 */
export function replyMail(patch: Patch, comments: readonly ReplyComment[]): string {
  const quote = quoteFor(patch);
  const body: string[] = [];
  for (const { line, text } of [...comments].sort((a, b) => a.line - b.line)) {
    const quoted = quote.downTo({ line });
    body.push(...quoted, ...(quoted.length > 0 ? [''] : []), text, '');
  }
  const text = [...headers(patch), '', ...attribution(patch.mail), ...body].join('\n');
  return text.replace(/\n+$/, '\n');
}

function headers(patch: Patch): string[] {
  const { mail } = patch;
  const cc = others(mail);
  const subject = patch.subject ?? patch.name;
  const references = [
    ...mail.references,
    ...(mail.messageId === undefined ? [] : [mail.messageId]),
  ];
  const lines: [string, string | undefined][] = [
    ['To', mail.from],
    ['Cc', cc.length === 0 ? undefined : cc.join(',\n ')],
    ['Subject', /^re:/i.test(subject) ? subject : `Re: ${subject}`],
    ['In-Reply-To', mail.messageId],
    ['References', references.length === 0 ? undefined : [...new Set(references)].join('\n ')],
  ];
  return lines.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value.split('\n').map(oneLine).join('\n ')}`],
  );
}

/** A decoded header must not be able to write another one. */
function oneLine(value: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

/** Everybody the patch went to, but for its author; each once. */
function others({ from, to, cc }: MailHeaders): string[] {
  const author = addressOf(from ?? '');
  const seen = new Set([author]);
  return [to, cc].flatMap((list) =>
    splitAddresses(list ?? '').filter((address) => {
      const key = addressOf(address);
      if (key === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  );
}

/** Addresses of a header, separated by commas outside of quotes, angle brackets and comments. */
function splitAddresses(list: string): string[] {
  return (list.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|\([^)]*\)|[^,"<(])+/g) ?? [])
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

const addressOf = (address: string): string =>
  (/<([^>]*)>/.exec(address)?.[1] ?? address).trim().toLowerCase();

function attribution({ date, from }: MailHeaders): string[] {
  if (from === undefined) return [];
  const name = oneLine(from.replace(/<[^>]*>/, '')).replace(/^"|"$/g, '') || addressOf(from);
  return [`${date === undefined ? '' : `On ${oneLine(date)}, `}${name} wrote:`];
}
