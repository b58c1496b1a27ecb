import type {
  ViewAccess,
  ViewLife,
  ViewOutcome,
  ViewRun,
  ViewSide,
  ViewStep,
} from '../../server/report/view/view.ts';
import type { Child } from './element.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';
import { placeLink } from './header.ts';
import { happened, onSide } from './state.ts';
import { outcomeText, shortPlace, sideName } from './words.ts';

/** Steps that are drawn at a time: of more, a mark could not be hit any more. */
const SHOWN = 48;

/** The steps that are drawn now; every column is one of them. */
interface Window {
  /** 0-based index of the first one. */
  readonly start: number;
  readonly steps: readonly ViewStep[];
}

/** What ran, step by step: one column a step, one lane for each who acts, and what a device meets below. */
export function drawTimeline(run: ViewRun, state: PageState): HTMLElement {
  const total = run.steps.length;
  const start = Math.floor((Math.max(1, state.step) - 1) / SHOWN) * SHOWN;
  const shown: Window = { start, steps: run.steps.slice(start, start + SHOWN) };
  const count = Math.max(1, shown.steps.length);
  const columns = `grid-template-columns:repeat(${count},minmax(0,1fr))`;
  const lane = (label: string, cells: readonly Child[], kind = ''): HTMLElement =>
    h(
      `div.lane${kind}`,
      { role: 'group', 'aria-label': label === '' ? undefined : label },
      h('div.label', {}, label),
      h('div.cells', { style: columns }, cells),
    );
  const text = onSide(run.steps[state.step - 1]?.text ?? {}, state.side) ?? '';
  const slider = h('input.slider', {
    ...{ type: 'range', min: 1, max: Math.max(1, total), value: state.step, id: 'slider' },
    ...{ 'aria-label': 'Step', 'aria-valuetext': `step ${state.step}: ${text}` },
  });
  const causes = run.causes.filter(({ side }) => side === state.side);
  const isOnePage = total <= SHOWN;
  return h(
    'div.timeline',
    { style: `--n:${count};--at:${state.step - start};--all:${isOnePage ? count : total}` },
    h(
      'div.lane',
      {},
      h('div.label', {}, 'step ', h('kbd', {}, '←'), ' ', h('kbd', {}, '→')),
      slider,
    ),
    isOnePage
      ? undefined
      : h('p.dim.range', {}, `steps ${start + 1} to ${start + shown.steps.length} of ${total}`),
    h(
      'div.lanes',
      {},
      shown.steps.some(({ at: place }) => onSide(place, state.side) !== undefined) &&
        lane('function', functionCells(shown, state.side)),
      run.sides.length < 2 || !run.steps.some(({ only }) => only !== undefined)
        ? undefined
        : lane('one side only', onlyCells(shown, state.side)),
      run.lanes.map((name) => lane(name, markCells(shown, name, state))),
      run.causes.length === 0
        ? undefined
        : lane(
            '',
            causes.flatMap(({ from, to, text: why }) =>
              spanCell(shown, { from, to }, 'cause', why),
            ),
            '.why',
          ),
      drawHoldings(run, shown, { lane, state }),
      run.accesses.map((access) => drawAccess(run, access, shown, { lane, state })),
      h('div.playhead', { 'aria-hidden': 'true' }, h('div', {})),
    ),
  );
}

/** A grid column of a step, from 1; those outside of the window are cut. */
const column = (from: number, to: number): string => `grid-row:1;grid-column:${from}/${to + 1}`;

function spanCell(
  { start, steps }: Window,
  { from, to }: { readonly from: number; readonly to: number },
  kind: string,
  text: string,
): readonly HTMLElement[] {
  const [first, last] = [Math.max(1, from - start), Math.min(steps.length, to - start)];
  if (last < 1 || first > steps.length) return [];
  return [h(`span.${kind}`, { style: column(first, last), title: text }, text)];
}

/** The function around each step; neighbours in one function are one box. */
function functionCells({ steps }: Window, side: ViewSide): readonly HTMLElement[] {
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
      h('span.frame', { style: column(from, to), title: `${name}()` }, name),
    );
}

function onlyCells({ start, steps }: Window, side: ViewSide): readonly Child[] {
  return steps.map((step, n) => {
    if (step.only === undefined) return undefined;
    const here = step.only === side;
    const place = step.at[step.only];
    return h(
      here ? 'button.mark.only' : 'button.mark.absent',
      {
        ...{ style: column(n + 1, n + 1), 'data-step': start + n + 1, tabindex: -1 },
        title: `only ${step.only}: ${step.text[step.only] ?? ''}${place === undefined ? '' : ` (${shortPlace(place)})`}`,
      },
      here ? `+ only ${step.only}` : `− only ${step.only}`,
    );
  });
}

function markCells({ start, steps }: Window, lane: string, { side }: PageState): readonly Child[] {
  return steps.map((step, n) => {
    if (step.lane !== lane || !happened(step, side)) return undefined;
    const bad = step.bad.includes(side);
    const classes = `mark${bad ? '.wrong' : ''}${step.differs ? '.differs' : ''}`;
    const place = step.at[side];
    const link = place === undefined ? '' : ` (${shortPlace(place)}; once more opens this line)`;
    return h(
      `button.${classes}`,
      {
        ...{ style: column(n + 1, n + 1), 'data-step': start + n + 1, tabindex: -1 },
        title: `${start + n + 1}: ${step.text[side] ?? ''}${link}`,
      },
      `${bad ? '✕ ' : step.differs ? '≠ ' : ''}${step.mark === 'end' ? (step.text[side] ?? '') : step.mark}`,
    );
  });
}

interface Around {
  readonly lane: (label: string, cells: readonly Child[], kind?: string) => HTMLElement;
  readonly state: PageState;
}

/** Things whose life is drawn: of more, nobody sees which one matters. */
const MOST_HOLDINGS = 6;

/** What is taken and given back, as bars: from where it is taken to where it goes, on both sides under each other. */
function drawHoldings(run: ViewRun, shown: Window, { lane, state }: Around): readonly Child[] {
  const bars = run.holdings.slice(0, MOST_HOLDINGS).map(({ title, by, at, lives }) => {
    const place = onSide(at, state.side);
    return h(
      'div.strip',
      { role: 'group', 'aria-label': `${title}${by === '' ? '' : ` by ${by}`}` },
      h(
        'div.striptitle',
        {},
        h('b', {}, title),
        by === '' ? '' : ` by ${by} `,
        place === undefined ? undefined : placeLink(place, shortPlace(place), state.side),
      ),
      run.sides.map((side) =>
        lane(
          sideName(run, side),
          (lives[side] ?? []).flatMap((life) => lifeCell(shown, life)),
          side === state.side ? '.cur' : '',
        ),
      ),
    );
  });
  const left = run.holdings.length - bars.length;
  if (left === 0) return bars;
  const more = `and ${left} more, alike on both sides: the steps in words name them`;
  return [...bars, h('p.dim.range', {}, more)];
}

const SIGNS: Readonly<Record<ViewLife['state'], string>> = {
  held: '■ ',
  failed: '○ ',
  returned: '□ ',
  absent: '– ',
};

function lifeCell(shown: Window, { from, to, says, isWrong, state }: ViewLife): readonly Child[] {
  const text = says.join('; ');
  const kind = isWrong ? 'life.wrong' : `life.${state}`;
  return spanCell(shown, { from, to }, kind, `${isWrong ? '✕ ' : SIGNS[state]}${text}`);
}

/** What a device meets at an address, on both sides under each other. */
function drawAccess(
  run: ViewRun,
  { title, outcomes }: ViewAccess,
  shown: Window,
  { lane, state }: Around,
): HTMLElement {
  return h(
    'div.strip',
    { role: 'group', 'aria-label': `Device: ${title}` },
    h('div.striptitle', {}, `Device: ${title}`),
    run.sides.map((side) =>
      lane(
        sideName(run, side),
        outcomeCells(run, outcomes[side] ?? [], shown),
        side === state.side ? '.cur' : '',
      ),
    ),
  );
}

function outcomeCells(
  { steps }: ViewRun,
  outcomes: readonly ViewOutcome[],
  shown: Window,
): readonly HTMLElement[] {
  const first = outcomes[0]?.from ?? steps.length + 1;
  const before =
    first > 1 ? spanCell(shown, { from: 1, to: first - 1 }, 'untried', 'not tried') : [];
  return [
    ...before,
    ...outcomes.flatMap((outcome) =>
      spanCell(shown, outcome, `outcome${outcome.isWrong ? '.wrong' : ''}`, outcomeText(outcome)),
    ),
  ];
}
