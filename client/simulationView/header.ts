import type { View, ViewPlace, ViewRun } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import { outcomeText, shortPlace, VERDICTS } from './words.ts';

/** A link to a line of C. Outside of an editor it is text that can be copied. */
export function placeLink(
  place: ViewPlace,
  text: string,
  side: string,
  more: Readonly<Record<string, string | number | undefined>> = {},
): HTMLElement {
  const { file, line } = place;
  return h(
    'a.place',
    {
      href: '#',
      'data-file': file,
      'data-line': line,
      'data-side': side,
      title: `${file}:${line}, open this line`,
      ...more,
    },
    text,
  );
}

/** The sentence that says what breaks, and where. */
export function drawHeader(view: View, run: ViewRun): HTMLElement {
  const [sign, word, tone] = VERDICTS[run.verdict];
  return h(
    'header',
    {},
    h(`span.badge.${tone}`, {}, `${sign} ${word}`),
    h('h1', {}, run.sentence),
    run.difference === undefined ? undefined : h('p.rest', {}, run.difference),
    run.broken.map(({ id, demands, rules: own }, n) =>
      h(
        'p.rest',
        {},
        n === 0 && run.at !== undefined
          ? [placeLink(run.at, shortPlace(run.at), run.opensOn), ' ']
          : undefined,
        h('b', {}, id),
        ` ${demands}`,
        own.length === 0 ? undefined : h('span.dim', {}, ` Looked for by ${own.join(', ')}.`),
      ),
    ),
    drawChanged(run),
    h('p.rest.dim', {}, `${view.subject} · ${run.facts} · ${release(view)}${view.tool}`),
  );
}

function release({ kernel }: View): string {
  return kernel === undefined ? '' : `Linux ${kernel} · `;
}

/** Changed lines that are named: more of them would say less. */
const MOST_LINES = 8;

/** The changed lines that ran, as links: what a difference comes from. */
function drawChanged({ changed, sides }: ViewRun): HTMLElement | undefined {
  const links = sides.flatMap((side) => {
    const places = changed[side] ?? [];
    const sign = side === 'before' ? '−' : '+';
    const more = places.length - MOST_LINES;
    return [
      ...places.slice(0, MOST_LINES).flatMap((place) => {
        const name = { 'aria-label': `${sign}${place.line}, changed line ${side} the patch` };
        return [' ', placeLink(place, `${sign}${place.line}`, side, name)];
      }),
      ...(more > 0 ? [` and ${more} more`] : []),
    ];
  });
  return links.length === 0 ? undefined : h('p.rest', {}, 'Changed lines that ran:', links);
}

/** Cells that stand for accesses, before over after: which of them come out wrong. */
function drawCells({ accesses, sides }: ViewRun): HTMLElement | undefined {
  if (accesses.length === 0) return undefined;
  return h(
    'span.outcomes',
    {},
    sides.map((side) =>
      h(
        'span.outcomerow',
        {},
        h('span.dim', {}, sides.length < 2 ? '' : side),
        accesses.map(({ title, outcomes }) => {
          const last = outcomes[side]?.at(-1);
          const wrong = last?.isWrong === true;
          const says = last === undefined ? 'not tried' : outcomeText(last);
          return h(
            `span.end${wrong ? '.wrong' : ''}`,
            { title: `${title}: ${says}` },
            wrong ? '✕' : '·',
          );
        }),
      ),
    ),
  );
}

/** All runs as buttons: which function, in which situation, with which verdict. Nothing where there is one to choose. */
export function drawRuns(view: View, shown: number): HTMLElement | undefined {
  const buttons = view.runs.map((run, n) => {
    const [sign, word, tone] = VERDICTS[run.verdict];
    return h(
      'button',
      { 'data-run': n, 'aria-pressed': String(n === shown) },
      h('span.what', {}, h(`b.verdict.${tone}`, {}, `${sign} ${word}`), ` ${run.title}`),
      h('span.situation', {}, run.situation),
      drawCells(run),
    );
  });
  const rest = view.notSimulated.length;
  if (buttons.length === 1 && rest === 0) return undefined;
  return h(
    'nav#runs',
    { id: 'runs', 'aria-label': 'What was run' },
    buttons,
    rest === 0
      ? undefined
      : h(
          'details',
          {},
          h('summary', {}, `not simulated: ${rest}`),
          h(
            'ul',
            {},
            view.notSimulated.map((text) => h('li', {}, text)),
          ),
        ),
  );
}
