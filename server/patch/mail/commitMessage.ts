import type { ViewLine } from '../diff/readHunk.ts';
import type { Trailer } from '../patch.ts';

/** The words of a patch: what stands above the diff and what git adds below it. */
export interface CommitMessage {
  readonly message: string;
  readonly trailers: readonly Trailer[];
  readonly baseCommit?: string;
  /** `Subject:` inside the text: a forwarded mail, or a patch pasted with its header. */
  readonly subject?: string;
}

const trailerLine = /^([A-Za-z][A-Za-z0-9-]{1,40}): +(\S.{0,1000})$/;
const trailerKeys =
  /^(?:[a-z-]+-by|fixes|cc|link|closes|depends-on|change-id|tested-on|references|bugzilla|message-id|suggested-by|co-developed-by|prerequisite-patch-id|base-commit|buglink|assisted-by|generated-by)$/i;

/** Lines of a message that are kept. */
const mostLines = 5000;

/** Reads the text above a diff. `below` are the lines behind it that belong to no file. */
export function commitMessage(
  above: readonly ViewLine[],
  below: readonly ViewLine[],
  document: string,
): CommitMessage {
  const own = above.filter((line) => line.foreign !== true).slice(0, mostLines);
  const end = own.findIndex(({ text }) => /^---\s*$/.test(text));
  const message = (end < 0 ? own : own.slice(0, end)).map(({ text, line }) => ({
    text: text.slice(0, 2000).trimEnd(),
    line,
  }));
  // A `From:` line at the top names the author where somebody else sent the mail.
  while (message[0]?.text === '' || /^(?:From|Date|Subject): /.test(message[0]?.text ?? ''))
    message.shift();
  while (message.at(-1)?.text === '') message.pop();
  const subject = own
    .map(({ text }) => /^Subject: (.{1,500})$/.exec(text.slice(0, 600))?.[1])
    .find((found) => found !== undefined);
  const trailers: Trailer[] = [];
  for (const { text, line } of message) {
    const found = trailerLine.exec(text);
    if (found !== null && trailerKeys.test(found[1]!))
      trailers.push({ document, line, key: found[1]!, value: found[2]!.trim() });
    else if (/^\s+\S/.test(text) && trailers.at(-1)?.line === line - 1) {
      const last = trailers.at(-1)!;
      trailers[trailers.length - 1] = { ...last, value: `${last.value} ${text.trim()}` };
    }
  }
  const baseCommit = [...own.slice(end < 0 ? own.length : end), ...below, ...message]
    .map(({ text }) => /^base-commit: ([0-9a-f]{7,64})\s*$/.exec(text.slice(0, 100))?.[1])
    .find((found) => found !== undefined);
  return {
    message: message.map(({ text }) => text).join('\n'),
    trailers,
    ...(baseCommit === undefined ? {} : { baseCommit }),
    ...(subject === undefined ? {} : { subject }),
  };
}
