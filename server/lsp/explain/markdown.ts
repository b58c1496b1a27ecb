import type { Explanation } from '../../explain/text/explanation.ts';

/** What a client shows of a hover. */
export type Markup = 'markdown' | 'plaintext';

/** An explanation for a client: the first line stands out, the rest keeps its columns, places are links. */
export function explanationText(
  { title, lines, places }: Explanation,
  kind: Markup,
  linkOf: (place: { readonly path: string; readonly line: number }) => string | undefined,
): string {
  if (kind === 'plaintext') return [title, ...lines].join('\n');
  const links = places.flatMap((place) => {
    const link = linkOf(place);
    const label = `${place.path.slice(place.path.lastIndexOf('/') + 1)}:${place.line}`;
    return link === undefined ? [] : [`[${label}](${link})`];
  });
  const block = lines.length === 0 ? [] : ['```text', ...lines, '```'];
  const foot = links.length === 0 ? [] : [links.join(' · ')];
  return [`**${escaped(title)}**`, ...block, ...foot].join('\n');
}

/** Underscores inside a word are no emphasis in Markdown; editors that show the text as it is would show the backslashes. */
const escaped = (text: string): string =>
  text.replace(/[\\*`[\]<>]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&');
