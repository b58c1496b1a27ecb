import type { ViewRun, ViewSide, ViewStep } from '../../server/report/view/view.ts';
import type { Child } from './element.ts';
import { h } from './element.ts';
import { placeLink } from './header.ts';
import type { PageState } from './state.ts';
import { shortPlace, sideName } from './words.ts';

/** Rows that are drawn: beyond them, the time line and the copied text have the rest. */
const MOST_ROWS = 400;

/** Every step in words, both sides next to each other, with the way to its line of C. */
export function drawStepList(run: ViewRun, state: PageState): HTMLElement {
  const rows = run.steps.slice(0, MOST_ROWS).map((step, n) => drawRow(run, step, n + 1, state));
  const left = run.steps.length - rows.length;
  return h(
    'div.steplist',
    { tabindex: 0, role: 'group', 'aria-label': 'Steps in words' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'step'),
          run.sides.map((side) => h('th', { scope: 'col' }, sideName(run, side))),
        ),
      ),
      h('tbody', {}, rows),
    ),
    left === 0 ? undefined : h('p.dim', {}, `${left} more steps: copy as text has them`),
  );
}

function drawRow(run: ViewRun, step: ViewStep, number: number, state: PageState): HTMLElement {
  const isHere = number === state.step;
  return h(
    `tr${isHere ? '.here' : ''}`,
    { 'aria-current': isHere ? 'step' : undefined },
    h(
      'td',
      {},
      h(
        'button',
        {
          ...{ 'data-step': number, 'data-list': number, 'aria-label': `Go to step ${number}` },
          ...tabStop(isHere),
        },
        step.differs && run.sides.length > 1 ? `≠ ${number}` : `${number}`,
      ),
    ),
    run.sides.map((side) => drawCell(step, side, { isShown: side === state.side, isHere })),
  );
}

/** Keys lead through the steps: Tab stops at the one that is shown, and not at hundreds. */
function tabStop(isHere: boolean): { readonly tabindex?: number } {
  return isHere ? {} : { tabindex: -1 };
}

interface CellState {
  /** Its side is the one shown. */
  readonly isShown: boolean;
  /** Its step is the one shown. */
  readonly isHere: boolean;
}

function drawCell(step: ViewStep, side: ViewSide, { isShown, isHere }: CellState): HTMLElement {
  const text = step.text[side];
  const kind = `td${isShown ? '.cur' : ''}`;
  if (text === undefined) return h(kind, {}, h('span.dim', {}, '– not here'));
  const place = step.at[side];
  const isBad = step.bad.includes(side);
  const [why] = step.breaks[side] ?? [];
  const parts: readonly Child[] = [
    isBad && h('b.bad', {}, '✕ '),
    text,
    why === undefined ? undefined : h('b.bad', {}, ` breaks ${why}`),
    place === undefined ? undefined : ' ',
    place === undefined ? undefined : placeLink(place, shortPlace(place), side, tabStop(isHere)),
  ];
  return h(kind, {}, parts);
}
