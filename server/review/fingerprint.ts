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

/**
 * Names findings so that they can be recognised after lines have moved: a hash of rule, file, function, normalised
 * message, and the how-manieth of its like it is. No line number goes in.
 *
 * @param localsOf variables and parameters of a function of the file.
 */
export function fingerprints(
  findings: readonly Finding[],
  localsOf: (functionName: string) => ReadonlySet<string>,
): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const message = normaliseMessage(finding.message, localsOf(finding.function));
    const like = [finding.rule, finding.file, finding.function, message].join('\0');
    const ordinal = (seen.get(like) ?? 0) + 1;
    seen.set(like, ordinal);
    return hashText(`${like}\0${ordinal}`);
  });
}
