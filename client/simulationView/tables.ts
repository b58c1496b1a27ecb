import type { ViewHeld, ViewRun, ViewTable } from '../../server/report/view/view.ts';
import { drawIotlb, more, most, MOST_LINES } from './iotlb.ts';
import { absenceAt, pointersTo } from './tableLife.ts';
import { h } from './element.ts';
import type { PageState, Stretch } from './state.ts';
import { iovaOf, pickedSlot, wrongIn } from './slots.ts';
import { entryAt, otherSide, slotKey, slotsAt, stretchesOf } from './state.ts';

/** Page tables as the IOMMU walks them, with the addresses under their slots and what caches hold. */
export function drawTables(run: ViewRun, state: PageState): HTMLElement {
  const now = slotsAt(run, state.step, state.side);
  const then = run.sides.length < 2 ? now : slotsAt(run, state.step, otherSide(state.side));
  const picked = pickedSlot(run, state);
  const rows = run.tables.map((table) => drawTable(run, table, { now, then, picked, state }));
  const step = run.steps[state.step - 1];
  const stale = step?.stale[state.side] ?? [];
  const gather = step?.gather?.[state.side];
  const hasGather = run.steps.some((each) => each.gather !== undefined);
  const isWatched = run.steps.some((each) => Object.keys(each.stale).length > 0);
  return h(
    'div.map',
    {},
    rows,
    hasGather &&
      part('gather', '', list(gather === undefined ? [] : [gather], 1, 'nothing to be flushed')),
    part('IOTLB', 'of a device that asks for these pages after each step', drawIotlb(run, state)),
    part(
      'stale',
      'in any cache that there may be',
      isWatched
        ? list(
            stale,
            most(run, ({ stale: held }) => held),
            'nothing a cache may still hold',
          )
        : h('span.dim', {}, 'not watched in this run'),
    ),
  );
}

function part(label: string, about: string, content: HTMLElement): HTMLElement {
  return h('div.holds', {}, h('div.label', {}, h('b', {}, label), ' ', about), content);
}

/** `room`: lines that some step needs, so that nothing below moves. */
function list(held: readonly ViewHeld[], room: number, none: string): HTMLElement {
  const style = `min-height:${Math.min(room, MOST_LINES) * LINE}px`;
  if (held.length === 0) return h('span.dim', { style }, none);
  const lines = held.slice(0, MOST_LINES).map(({ text }) => h('li.mono', {}, text));
  return h('div', { style }, h('ul', {}, lines), more(held.length));
}

/** Height of a line of a list with its frame. Unit: pixels. */
const LINE = 21;

interface Moment {
  readonly now: ReadonlyMap<string, string>;
  readonly then: ReadonlyMap<string, string>;
  readonly picked: string | undefined;
  readonly state: PageState;
}

function drawTable(run: ViewRun, table: ViewTable, moment: Moment): HTMLElement {
  const stretches = stretchesOf(run, table);
  const { domain, level, covers, physical, format } = table;
  const absence = absenceAt(table, moment.state);
  const pointers = pointersTo(run, table, moment.now);
  const life = absence?.says ?? pointers.short;
  const kind = absence === undefined ? '' : absence.isFreed ? '.freed' : '.absent';
  return h(
    `div.table${kind}`,
    { role: 'group', 'aria-label': `${domain}, level ${level}, ${life}` },
    h(
      'div.label',
      {
        title: `${format} table of level ${level} at ${physical}, from IOVA ${table.iova} on\n${[absence?.says, pointers.long].filter(Boolean).join('\n')}`,
      },
      h('b', {}, `L${level} `),
      `${covers} a slot`,
      h('span.line.mono', {}, domain),
      h('span.line.mono', {}, physical),
      h(`span.line${absence?.isFreed === true ? '.bad' : ''}`, {}, life),
    ),
    h(
      'div.slots',
      {},
      stretches.map((stretch) => drawStretch(run, table, stretch, moment)),
    ),
  );
}

function drawStretch(
  run: ViewRun,
  table: ViewTable,
  { first, count, touched }: Stretch,
  moment: Moment,
): HTMLElement {
  const name = count === 1 ? `${first}` : `${first}–${first + count - 1}`;
  if (!touched) return h('span.slot.empty', { title: `${name} empty` }, `${count}×`);
  const { now, then, picked, state } = moment;
  const key = slotKey(table.id, first);
  const [value, was] = [now.get(key), then.get(key)];
  const [entry, other] = [entryAt(run, value), entryAt(run, was)];
  const changed = value !== was;
  const wrong = wrongIn(run, table, { first, count }, state);
  const isBad = wrong !== undefined && entry?.kind === 'leaf';
  const classes = [
    'slot',
    entry === undefined ? 'bare' : 'full',
    changed && 'changed',
    isBad && 'wrong',
    entry?.memory?.kind,
    picked === key && 'sel',
  ].filter(Boolean);
  const says =
    entry === undefined
      ? 'empty'
      : `${entry.short}${entry.to === undefined ? '' : ` → ${entry.to}`}`;
  const against = changed
    ? `≠ ${otherSide(state.side)}: ${other === undefined ? 'empty' : other.bits}`
    : '\u00a0';
  return h(
    `button.${classes.join('.')}`,
    {
      ...{ 'data-pick': key, 'aria-pressed': String(picked === key) },
      title: [isBad ? wrong : undefined, entry?.text].filter(Boolean).join('\n'),
    },
    h('span.line', {}, isBad && h('b.bad', {}, '✕ '), h('span.dim', {}, `${name} `), says),
    h('span.line.mono', {}, entry?.bits ?? '\u00a0'),
    h('span.line.diff', {}, against),
    h(
      'span.line.dim',
      {},
      `iova ${iovaOf(table, first)}`,
      entry?.memory === undefined ? '' : ` · ${entry.memory.name}`,
    ),
  );
}
