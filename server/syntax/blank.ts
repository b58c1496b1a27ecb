import type { Span } from '../text/span.ts';
import type { ConditionalGroup, SourceFile } from './sourceFile.ts';

/** Which branch of a group that cuts through an item is read: its index, or -1 for none. */
export type Choice = (group: ConditionalGroup) => number;

/** The default reading. */
export const defaultChoice: Choice = (group) => group.taken;

/**
 * The text that the grammar is given: the length and the newlines of the original, with spaces in place of
 * the lines of `#if` groups, branches that are not read, and directives inside an item.
 */
export function readable(
  text: string,
  layout: Pick<SourceFile, 'directives' | 'groups'>,
  choose: Choice,
): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of unread(layout, choose)) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    parts.push(text.slice(at, from), spaces(text.slice(from, end)));
    at = end;
  }
  if (at === 0) return text;
  parts.push(text.slice(at));
  return parts.join('');
}

/** The ranges that are not read, by their start; they may overlap. */
function unread(layout: Pick<SourceFile, 'directives' | 'groups'>, choose: Choice): Span[] {
  const spans: Span[] = [];
  for (const directive of layout.directives) {
    if (directive.conditional || !directive.betweenItems) spans.push(directive);
  }
  for (const group of layout.groups) {
    const chosen = group.mode === 'chosen' ? choose(group) : undefined;
    for (const branch of group.branches) {
      const read = chosen === undefined ? branch.verdict !== 'never' : branch.index === chosen;
      if (!read) spans.push(branch);
    }
  }
  return spans.sort((a, b) => a.start - b.start || b.end - a.end);
}

function spaces(text: string): string {
  return text.replace(/[^\n]+/g, (line) => ' '.repeat(line.length));
}
