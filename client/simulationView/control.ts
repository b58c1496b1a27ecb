import type { ViewRun } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import { placeLink } from './header.ts';
import type { PageState } from './state.ts';
import { happened, onSide, otherSide } from './state.ts';

/** Where we are: side, step, C line, and one sentence. Its height is fixed, so that nothing below moves. */
export function drawControl(run: ViewRun, state: PageState): HTMLElement {
  const sides = run.sides.map((side) =>
    h(
      'button',
      { 'data-show': side, 'aria-pressed': String(side === state.side) },
      `${side} `,
      h('kbd', {}, side.charAt(0)),
    ),
  );
  const count = run.steps.length;
  return h(
    'div.now',
    {},
    run.sides.length < 2
      ? undefined
      : h('div.seg', { role: 'group', 'aria-label': 'Side shown' }, sides),
    h(
      'div.nav',
      {},
      h('button', { 'data-go': 'previous', 'aria-label': 'Previous step' }, '◀'),
      h('span.mono.count', {}, `${count === 0 ? 0 : state.step} / ${count}`),
      h('button', { 'data-go': 'next', 'aria-label': 'Next step' }, '▶'),
      run.firstDifference > 0 &&
        h('button', { 'data-go': 'first' }, 'first difference ', h('kbd', {}, 'd')),
      run.witness > 0 && h('button', { 'data-go': 'witness' }, 'what breaks ', h('kbd', {}, 'w')),
    ),
    drawWhere(run, state),
  );
}

function drawWhere(run: ViewRun, { side, step: number }: PageState): HTMLElement {
  const step = run.steps[number - 1];
  const where = h('div.where');
  if (step === undefined) {
    where.append(h('span.dim', {}, `No step: ${run.outcome[side] ?? 'nothing ran'}`));
    return where;
  }
  const here = happened(step, side);
  const place = step.at[side];
  const absent = here ? 'no line of C' : `not in this version: only ${otherSide(side)}`;
  where.append(
    h(
      'div.mono',
      {},
      place === undefined
        ? h('span.dim', {}, absent)
        : placeLink(place, `${place.file}:${place.line}`, side),
      place === undefined ? undefined : h('span.dim', {}, `  ${place.function}()`),
    ),
    h(
      'div',
      {},
      step.only !== undefined && run.sides.length > 1
        ? h(`b.${here ? 'diff' : 'dim'}`, {}, here ? `only ${side}: ` : `only ${otherSide(side)}: `)
        : undefined,
      grouped(step.breaks[side] ?? []).map((text) => h('b.bad', {}, `✕ breaks ${text}. `)),
      unsaid(onSide(step.text, side) ?? '', step.breaks[side] ?? []),
    ),
  );
  return where;
}

/** What the step does, where what it breaks does not say it already. */
function unsaid(text: string, breaks: readonly string[]): string {
  return breaks.some((why) => text.endsWith(why.slice(why.indexOf(': '))))
    ? text.split(':')[0]!
    : text;
}

/** Violations of one kind as the first of them, with how many more there are. */
function grouped(texts: readonly string[]): readonly string[] {
  const idOf = (text: string): string => text.slice(0, text.indexOf(':'));
  const firsts = texts.filter(
    (text, n) => texts.findIndex((other) => idOf(other) === idOf(text)) === n,
  );
  return firsts.map((first) => {
    const more = texts.filter((text) => idOf(text) === idOf(first)).length - 1;
    return more === 0 ? first : `${first} (and ${more} more)`;
  });
}
