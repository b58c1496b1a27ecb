import type { ViewHeld, ViewOwner, ViewRun, ViewSpan } from '../../server/report/view/view.ts';
import type { Child } from './element.ts';
import { h } from './element.ts';
import type { Column, Mapped } from './columns.ts';
import { columnsOf, mappedAt, overlaps, sizeText } from './columns.ts';
import type { PageState } from './state.ts';
import { otherSide, slotsAt } from './state.ts';

/** How far the bar can be drawn out. Unit: times the width of the page. */
export const ZOOMS: readonly number[] = [1, 2, 4, 8];

/** The addresses of each domain, with what is mapped there, what caches hold, and whose memory it is. */
export function drawAddresses(run: ViewRun, state: PageState): HTMLElement {
  const domains = [...new Set(run.tables.map(({ domain }) => domain))];
  const bars = domains.flatMap((domain) => {
    const columns = columnsOf(run, domain);
    return columns.some(({ isGap }) => !isGap) ? [drawDomain(run, domain, columns, state)] : [];
  });
  if (bars.length > 0) return h('div.addresses', {}, bars);
  return h('div.addresses', {}, h('p.dim', {}, 'No address was mapped in this run.'));
}

function drawDomain(
  run: ViewRun,
  domain: string,
  columns: readonly Column[],
  state: PageState,
): HTMLElement {
  const { side, step: number } = state;
  const step = run.steps[number - 1];
  const [now, then] = [slotsAt(run, number, side), slotsAt(run, number, otherSide(side))];
  const template = columns.map(({ isGap }) => (isGap ? '34px' : 'minmax(84px,1fr)')).join(' ');
  const row = (label: string, cells: readonly Child[]): HTMLElement =>
    h(
      'div.row',
      { role: 'group', 'aria-label': `${domain}, ${label}` },
      h('div.label', {}, label),
      h('div.grid', { style: `grid-template-columns:${template}` }, cells),
    );
  const ofDomain = <T extends { readonly domain?: string }>(all: readonly T[] | undefined) =>
    all?.filter((one) => (one.domain ?? domain) === domain);
  const wrong = ofDomain(step?.wrong[side]) ?? [];
  const [cached, stale] = [ofDomain(step?.cached[side]), ofDomain(step?.stale[side])];
  const isWatched = run.steps.some((each) => Object.keys(each.stale).length > 0);
  const hasIotlb = run.steps.some((each) => Object.keys(each.cached).length > 0);
  const hasGather = run.steps.some((each) => each.gather !== undefined);
  const hasMemory = Object.values(run.entries).some(({ memory }) => memory !== undefined);
  const gather = step?.gather?.[side];
  const owners = step?.owners[side] ?? [];
  const each = (draw: (column: Column, mapped: Mapped | undefined) => Child): readonly Child[] =>
    columns.map((column) =>
      column.isGap
        ? h('span.cell.gap', { title: `${column.first} to ${column.last}: never mapped` }, '⋯')
        : draw(column, mappedAt(run, domain, column, now)),
    );
  const held = (
    spans: readonly ViewHeld[] | undefined,
    sign: (span: ViewHeld) => string,
  ): readonly Child[] =>
    each((column) => {
      const found = (spans ?? []).filter((span) => overlaps(span, column));
      const none = spans === undefined ? 'not watched' : 'nothing';
      return h(
        `span.cell${found.length === 0 ? '.none' : '.held'}`,
        { title: found.map(({ text }) => text).join('\n') },
        found.length === 0
          ? none
          : found.map((span) => `${sign(span)} ${span.short ?? span.text}`).join(' · '),
      );
    });
  return h(
    'div.bar',
    {},
    h('div.bartitle', {}, h('b', {}, domain)),
    h(
      'div.zoomed',
      { tabindex: 0, role: 'group', 'aria-label': `Addresses of ${domain}` },
      h(
        'div.inner',
        { style: `width:${(ZOOMS[state.zoom] ?? 1) * 100}%` },
        row(
          'IOVA',
          each(({ first }) => h('span.cell.at', {}, first)),
        ),
        row(
          'leads to',
          each((column, mapped) =>
            drawMapped(column, {
              mapped,
              other: run.sides.length < 2 ? mapped : mappedAt(run, domain, column, then),
              wrong: wrong.find((span) => overlaps(span, column)),
              state,
            }),
          ),
        ),
        hasMemory &&
          row(
            'memory',
            each((_, mapped) => drawMemory(mapped)),
          ),
        owners.length === 0
          ? undefined
          : row(
              'memory of',
              each((_, mapped) => drawOwners(mapped, owners)),
            ),
        hasGather &&
          row(
            'gather',
            held(gather === undefined ? [] : [gather], () => '▤'),
          ),
        hasIotlb &&
          row(
            'IOTLB',
            held(cached, (span) => ('isStale' in span && span.isStale === true ? '◪' : '▣')),
          ),
        isWatched &&
          row(
            'stale',
            held(stale, () => '◪'),
          ),
      ),
    ),
  );
}

interface Drawn {
  readonly mapped: Mapped | undefined;
  readonly other: Mapped | undefined;
  readonly wrong: ViewSpan | undefined;
  readonly state: PageState;
}

function drawMapped({ size }: Column, { mapped, other, wrong, state }: Drawn): Child {
  const isBad = wrong !== undefined && mapped !== undefined;
  const differs = mapped?.entry.bits !== other?.entry.bits;
  const classes = [
    'cell',
    mapped === undefined ? 'none' : 'full',
    isBad && 'wrong',
    differs && 'changed',
  ];
  const says = mapped === undefined ? 'not mapped' : `${size} → ${mapped.to}`;
  const against = differs
    ? `≠ ${otherSide(state.side)}: ${other === undefined ? 'not mapped' : other.entry.bits}`
    : '';
  return h(
    `span.${classes.filter(Boolean).join('.')}`,
    { title: [wrong?.text, mapped?.entry.text].filter(Boolean).join('\n') },
    h('span.line', {}, isBad ? h('b.bad', {}, '✕ ') : undefined, says),
    h('span.line.diff', {}, against === '' ? '\u00a0' : against),
  );
}

/** What is behind a leaf on a host that encrypts: MMIO is hatched, and a C-bit that is wrong has a frame and a sign. */
function drawMemory(mapped: Mapped | undefined): Child {
  const memory = mapped?.entry.memory;
  if (memory === undefined) {
    const none = mapped === undefined ? '\u00a0' : 'not stated';
    return h('span.cell.none', {}, h('span.line', {}, none), h('span.line', {}, '\u00a0'));
  }
  const { kind, name, says, isWrong } = memory;
  return h(
    `span.cell.memory.${kind}${isWrong ? '.wrong' : ''}`,
    { title: `${name}, ${says}` },
    h('span.line', {}, isWrong ? h('b.bad', {}, '✕ ') : '✓ ', name),
    h('span.line', {}, says),
  );
}

/** Whose memory a leaf leads to; where ownership is recorded in another size, both sizes as brackets. */
function drawOwners(mapped: Mapped | undefined, owners: readonly ViewOwner[]): Child {
  if (mapped === undefined) return h('span.cell.none', {}, '\u00a0');
  const found = owners.filter((owner) => overlaps(owner, mapped.memory));
  if (found.length === 0) return h('span.cell.none', {}, 'no record');
  const names = [...new Set(found.map(({ text }) => text))].join(', ');
  const bytes = found.flatMap((owner) => owner.bytes ?? []).map(BigInt)[0];
  return h(
    'span.cell.owner',
    { title: found.map(({ first, last, text }) => `${first}-${last}: ${text}`).join('\n') },
    h('span.line', {}, names),
    bytes === undefined || bytes === mapped.leaf ? undefined : drawSizes(mapped.leaf, bytes),
  );
}

/** A leaf and the records of its memory in different sizes, as brackets under each other. */
function drawSizes(leaf: bigint, record: bigint): readonly HTMLElement[] {
  const one = h('span.bracket', {}, `≠ leaf of ${sizeText(leaf)}`);
  if (record > leaf) return [one, h('span.bracket.open', {}, `in a record of ${sizeText(record)}`)];
  const count = leaf / record;
  const middle = h('span.bracket', {}, `${count} records of ${sizeText(record)}`);
  const end = (): HTMLElement => h('span.bracket', {}, '\u00a0');
  return [one, h('span.brackets', {}, end(), end(), middle, end(), end())];
}
