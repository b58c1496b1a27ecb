import type { ViewEntry, ViewField, ViewRun } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';
import { placeLink } from './header.ts';
import { pickedSlot } from './slots.ts';
import { entryAt, otherSide, slotsAt, storedAt } from './state.ts';
import { shortPlace, sideName } from './words.ts';

/** One entry, bit by bit, against the other side. */
export function drawEntry(run: ViewRun, state: PageState): HTMLElement {
  const key = pickedSlot(run, state);
  if (key === undefined) {
    return h(
      'div.entry',
      {},
      h('p.dim', {}, 'No entry is written at this step. Select a slot to decode it.'),
    );
  }
  const mine = entryAt(run, slotsAt(run, state.step, state.side).get(key));
  const other =
    run.sides.length < 2
      ? mine
      : entryAt(run, slotsAt(run, state.step, otherSide(state.side)).get(key));
  if (mine === undefined)
    return h('div.entry', {}, h('p.dim', {}, 'This slot is empty at this step.'));
  return h(
    'div.entry',
    {},
    run.sides.map((side) =>
      hexLine(
        sideName(run, side),
        side === state.side ? mine : other,
        side === state.side ? other : mine,
        side === state.side,
      ),
    ),
    h(
      'div.bits',
      { role: 'img', 'aria-label': `bits of ${mine.bits}` },
      mine.fields.map((field) => bitBox(field, other)),
    ),
    h(
      'table',
      {},
      h('caption.sr', {}, `Fields of ${mine.bits}`),
      mine.fields.map((field) => fieldRow(field, other, state)),
    ),
    h('p', {}, mine.text),
    drawMemory(mine),
    drawStored(run, state, key),
  );
}

/** What is behind it, and whether its C-bit is right for that. */
function drawMemory({ memory }: ViewEntry): HTMLElement | undefined {
  if (memory === undefined) return undefined;
  const { name, says, isWrong } = memory;
  return h(`p${isWrong ? '.bad' : ''}`, {}, `${isWrong ? '✕' : '✓'} leads to ${name}; ${says}`);
}

/** Which step stored it, and the line of C that did. */
function drawStored(run: ViewRun, state: PageState, key: string): HTMLElement | undefined {
  const number = storedAt(run, state, key);
  const step = run.steps[number - 1];
  if (step === undefined) return undefined;
  const place = step.at[state.side];
  const isEnd = step.mark === 'end';
  return h(
    'p.dim',
    {},
    isEnd ? 'as the run left it' : `stored by step ${number}`,
    place === undefined || isEnd ? undefined : ', ',
    place === undefined || isEnd ? undefined : placeLink(place, shortPlace(place), state.side),
  );
}

function hexLine(
  side: string,
  entry: ViewEntry | undefined,
  against: ViewEntry | undefined,
  shown: boolean,
): HTMLElement {
  const text = entry?.bits ?? 'empty';
  const digits = Array.from(text, (digit, n) =>
    against !== undefined && against.bits !== text && against.bits[n] !== digit
      ? h('u', {}, digit)
      : digit,
  );
  return h(
    `div.hex${shown ? '.cur' : '.dim'}`,
    {},
    h('span.side', {}, side),
    h('span', {}, digits),
  );
}

function differs(field: ViewField, other: ViewEntry | undefined): ViewField | undefined {
  const same = other?.fields.find(({ name, low }) => name === field.name && low === field.low);
  return same !== undefined && same.value !== field.value ? same : undefined;
}

const range = ({ high, low }: ViewField): string => (high === low ? `${high}` : `${high}:${low}`);

function bitBox(field: ViewField, other: ViewEntry | undefined): HTMLElement {
  const wide = field.high - field.low > 8 ? '.wide' : field.name.length > 4 ? '.mid' : '';
  const changed = differs(field, other) === undefined ? '' : '.changed';
  return h(
    `div.bit${wide}${changed}`,
    {},
    h('small', {}, range(field)),
    field.name,
    h('b', {}, field.value),
  );
}

function fieldRow(field: ViewField, other: ViewEntry | undefined, state: PageState): HTMLElement {
  const was = differs(field, other);
  return h(
    'tr',
    {},
    h('td.mono', {}, `${field.name} = ${field.value}`),
    h(
      'td',
      {},
      field.meaning,
      was === undefined
        ? undefined
        : h('b.diff', {}, ` (≠ ${otherSide(state.side)}: ${was.value})`),
    ),
  );
}
