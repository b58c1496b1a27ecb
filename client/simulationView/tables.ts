import type { ViewHeld, ViewRun, ViewTable } from '../../server/report/view/view.ts';
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
  const cached = step?.cached[state.side] ?? [];
  const hasIotlb = run.steps.some((each) => Object.keys(each.cached).length > 0);
  const isWatched = run.steps.some((each) => Object.keys(each.stale).length > 0);
  return h(
    'div.map',
    {},
    rows,
    h(
      'div.held',
      {},
      h('b.label', {}, 'IOTLB'),
      list(cached, hasIotlb ? 'holds nothing' : 'not watched in this run'),
    ),
    h(
      'div.held',
      {},
      h('b.label', {}, 'stale'),
      list(stale, isWatched ? 'nothing a cache may still hold' : 'not watched in this run'),
    ),
  );
}

function list(held: readonly ViewHeld[], none: string): HTMLElement {
  if (held.length === 0) return h('span.dim', {}, none);
  return h(
    'ul',
    {},
    held.map(({ text }) => h('li.mono', {}, text)),
  );
}

interface Moment {
  readonly now: ReadonlyMap<string, string>;
  readonly then: ReadonlyMap<string, string>;
  readonly picked: string | undefined;
  readonly state: PageState;
}

function drawTable(run: ViewRun, table: ViewTable, moment: Moment): HTMLElement {
  const stretches = stretchesOf(run, table);
  return h(
    'div.table',
    { role: 'group', 'aria-label': `${table.domain}, level ${table.level}` },
    h(
      'div.label',
      {},
      h('b', {}, `L${table.level} `),
      `${table.covers} a slot`,
      h('br'),
      h('span.dim.mono', {}, `${table.domain} ${table.physical}`),
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
    h('span.line.dim', {}, `iova ${iovaOf(table, first)}`),
  );
}
