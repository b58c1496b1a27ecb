import type { View, ViewPlace, ViewRun } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import { shortPlace, VERDICTS } from './words.ts';

/** A link to a line of C. Outside of an editor it is text that can be copied. */
export function placeLink(place: ViewPlace, text: string, side: string): HTMLElement {
  const { file, line } = place;
  return h(
    'a.place',
    {
      href: '#',
      'data-file': file,
      'data-line': line,
      'data-side': side,
      title: `${file}:${line}, open this line`,
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
    h('p.rest.dim', {}, `${view.subject} · ${run.facts} · ${view.tool}`),
  );
}

/** All runs as buttons: which function, in which situation, with which verdict. Nothing where there is one to choose. */
export function drawRuns(view: View, shown: number): HTMLElement | undefined {
  const buttons = view.runs.map((run, n) => {
    // Where one function was run in many situations, the situation is what tells them apart.
    const isOne = view.runs.some((other) => other !== run && other.title === run.title);
    const [sign, word, tone] = VERDICTS[run.verdict];
    return h(
      'button',
      { 'data-run': n, 'aria-pressed': String(n === shown) },
      h(`b.verdict.${tone}`, {}, `${sign} ${word}`),
      h('span.title', {}, isOne ? run.situation : run.title),
      h('span.dim.situation', { title: run.situation }, isOne ? run.title : run.situation),
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
