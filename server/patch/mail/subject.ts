/** What a subject says about the patch. */
export interface SubjectParts {
  /** Without `Re:` and the bracketed tags. */
  readonly name: string;
  readonly number?: number;
  readonly total?: number;
  readonly version: number;
  /** One of the tags has the word PATCH in it, or RFC. */
  readonly patch: boolean;
  readonly reply: boolean;
}

/** Reads `Re: [RFC PATCH net-next v4 2/5] foo: bar`. Only brackets at the start are tags. */
export function subjectParts(subject: string): SubjectParts {
  let rest = subject.slice(0, 2000).replace(/\s+/g, ' ').trim();
  let reply = false;
  let patch = false;
  let version = 1;
  let number: number | undefined;
  let total: number | undefined;
  for (;;) {
    const prefix = /^(re|aw|sv|fwd?)(?:\[\d{1,3}\])?: ?/i.exec(rest);
    if (prefix !== null) {
      if (!/^f/i.test(prefix[1]!)) reply = true;
      rest = rest.slice(prefix[0].length);
      continue;
    }
    const tag = /^\[([^\]]{0,200})\] ?/.exec(rest);
    if (tag === null) break;
    const words = tag[1]!;
    // The subsystem in brackets, as some lists put it, is no tag of ours but goes as well.
    if (/\b(?:patch|rfc)/i.test(words)) patch = true;
    const reroll = /(?:^|[\s-]|patch)v(\d{1,3})\b/i.exec(words);
    if (reroll !== null) version = Number(reroll[1]);
    const of = /(?:^|[\s\D])(\d{1,4})\/(\d{1,4})\s*$/.exec(words);
    if (of !== null) {
      number = Number(of[1]);
      total = Number(of[2]);
    }
    rest = rest.slice(tag[0].length);
  }
  return {
    name: rest.trim(),
    ...(number === undefined ? {} : { number }),
    ...(total === undefined ? {} : { total }),
    version,
    patch,
    reply,
  };
}
