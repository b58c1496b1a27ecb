import type { ViewRun, ViewSide } from '../../server/report/view/view.ts';
import type { Child } from './element.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';
import { happened, onSide } from './state.ts';
import { shortPlace } from './words.ts';

const at = (from: number, to: number): string => `grid-row:1;grid-column:${from}/${to + 1}`;

/** What ran, step by step: one column a step, one lane for each who acts. */
export function drawTimeline(run: ViewRun, state: PageState): HTMLElement {
  const { steps } = run;
  const count = Math.max(1, steps.length);
  const columns = `grid-template-columns:repeat(${count},minmax(0,1fr))`;
  const lane = (label: string, cells: readonly Child[], kind = ''): HTMLElement =>
    h(
      `div.lane${kind}`,
      { role: 'group', 'aria-label': label === '' ? undefined : label },
      h('div.label', {}, label),
      h('div.cells', { style: columns }, cells),
    );
  const slider = h('input.slider', {
    ...{ type: 'range', min: 1, max: count, value: state.step, 'aria-label': 'Step', id: 'slider' },
    'aria-valuetext': `step ${state.step}: ${onSide(steps[state.step - 1]?.text ?? {}, state.side) ?? ''}`,
  });
  const causes = run.causes.filter(({ side }) => side === state.side);
  return h(
    'div.timeline',
    { style: `--n:${count};--at:${state.step}` },
    h(
      'div.lane',
      {},
      h('div.label', {}, 'step ', h('kbd', {}, '←'), ' ', h('kbd', {}, '→')),
      slider,
    ),
    steps.some(({ at: place }) => onSide(place, state.side) !== undefined) &&
      lane('function', functionCells(run, state.side)),
    run.sides.length < 2 ? undefined : lane('only here', onlyCells(run, state.side)),
    run.lanes.map((name) => lane(name, markCells(run, name, state))),
    lane(
      '',
      causes.map(({ from, to, text }) =>
        h('span.cause', { style: at(from, to), title: text }, text),
      ),
      '.why',
    ),
    h('div.playhead', { 'aria-hidden': 'true' }, h('div', {})),
  );
}

/** The function around each step; neighbours in one function are one box. */
function functionCells({ steps }: ViewRun, side: ViewSide): readonly HTMLElement[] {
  const boxes: { name: string; from: number; to: number }[] = [];
  steps.forEach((step, n) => {
    const name = (happened(step, side) ? step.at[side] : onSide(step.at, side))?.function ?? '';
    const last = boxes.at(-1);
    if (last?.name === name) last.to = n + 1;
    else boxes.push({ name, from: n + 1, to: n + 1 });
  });
  return boxes
    .filter(({ name }) => name !== '')
    .map(({ name, from, to }) =>
      h('span.frame', { style: at(from, to), title: `${name}()` }, name),
    );
}

function onlyCells({ steps }: ViewRun, side: ViewSide): readonly Child[] {
  return steps.map((step, n) => {
    if (step.only === undefined) return undefined;
    const here = step.only === side;
    const place = step.at[step.only];
    const text = !here ? '–' : place === undefined ? '+' : `${place.line}`;
    return h(
      here ? 'span.mark.only' : 'span.mark.absent',
      {
        style: at(n + 1, n + 1),
        title: `only ${step.only}: ${step.text[step.only] ?? ''}${place === undefined ? '' : ` (${shortPlace(place)})`}`,
      },
      text,
    );
  });
}

function markCells({ steps }: ViewRun, lane: string, { side }: PageState): readonly Child[] {
  return steps.map((step, n) => {
    if (step.lane !== lane || !happened(step, side)) return undefined;
    const bad = step.bad.includes(side);
    const classes = `mark${bad ? '.wrong' : ''}${step.differs ? '.differs' : ''}`;
    return h(
      `span.${classes}`,
      { style: at(n + 1, n + 1), title: `${n + 1}: ${step.text[side] ?? ''}`, 'data-step': n + 1 },
      `${bad ? '✕' : ''}${step.mark}`,
    );
  });
}
