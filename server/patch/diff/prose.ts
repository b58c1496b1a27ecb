/** Words that sentences have and C has not. */
const english = new Set(
  (
    'a an the this that these those it its you your we our they i he is are was were be been am has have had does did ' +
    'not no yes of to in on at by from with without about into than then so but and or because since what why how ' +
    'when where which who should would could can may might will must here there please thanks think guess also just ' +
    'ditto same nit maybe'
  ).split(' '),
);

/**
 * Whether a line reads like a sentence of a mail and not like C.
 * Asked only about lines that have no mark of a diff, inside a hunk whose counts do not come out even.
 */
export function isProse(text: string): boolean {
  const line = text.slice(0, 600).trim();
  if (/^On .{0,200} wrote:$/.test(line)) return true;
  if (/^[*#/{}&]/.test(line) || /[;{}\\]$/.test(line)) return false;
  const all = line.split(/\s+/);
  const words = all
    .map(
      (word) =>
        /^["'\u201c(]?([A-Za-z]+(?:['\u2019][a-z]+)?)["'\u201d)]?[.,:;?!)]*$/.exec(word)?.[1],
    )
    .filter((word) => word !== undefined);
  const plain = words.some((word) => english.has(word.toLowerCase()));
  if (words.length >= 4 && plain && words.length / all.length > 0.6) return true;
  return plain && /[.?!:]$/.test(line);
}
