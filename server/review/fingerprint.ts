import type { Finding } from '../checkers/finding.ts';
import { hashText } from '../text/hash.ts';

/**
 * The message without what changes while the defect stays: line numbers, and the names of the function's own
 * variables, which become `$1`, `$2`, … in the order in which the message mentions them. Members keep their names.
 */
export function normaliseMessage(message: string, locals: ReadonlySet<string>): string {
  const numbers = new Map<string, number>();
  return message
    .replace(/\bline \d+/g, 'line #')
    .replace(/(\.[ch]):\d+/g, '$1:#')
    .replace(/(->|\.)?\b([A-Za-z_]\w*)\b/g, (whole, member: string | undefined, name: string) => {
      if (member !== undefined || !locals.has(name)) return whole;
      if (!numbers.has(name)) numbers.set(name, numbers.size + 1);
      return `$${numbers.get(name)!}`;
    });
}

/** What a finding is recognised by. */
export interface Identity {
  /** Rule, file, function, normalised message, and the how-manieth of its like it is. */
  readonly fingerprint: string;
  /** The same without file and number: equal for its like, and for what moved to another file with its function. */
  readonly stem: string;
}

/**
 * Names findings so that they can be recognised after lines have moved. No line number goes in, and no code
 * that was cut to fit beside one.
 *
 * @param localsOf variables and parameters of a function of the file.
 */
export function identities(
  findings: readonly Finding[],
  localsOf: (functionName: string) => ReadonlySet<string>,
): Identity[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const message = normaliseMessage(finding.whole ?? finding.message, localsOf(finding.function));
    const like = [finding.rule, finding.file, finding.function, message].join('\0');
    const ordinal = (seen.get(like) ?? 0) + 1;
    seen.set(like, ordinal);
    return {
      fingerprint: hashText(`${like}\0${ordinal}`),
      stem: hashText([finding.rule, finding.function, message].join('\0')),
    };
  });
}
