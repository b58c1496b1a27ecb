import type { Both, ViewCached, ViewRun, ViewStep } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';

const COLUMNS = ['domain', 'IOVA', 'size', 'leads to', 'permits', 'state'] as const;

/** What one IOTLB holds after the step, an entry a row. */
export function drawIotlb(run: ViewRun, { step, side }: PageState): HTMLElement {
  const isWatched = run.steps.some((each) => Object.keys(each.cached).length > 0);
  if (!isWatched) return h('span.dim', {}, 'not watched in this run');
  const cached = run.steps[step - 1]?.cached[side] ?? [];
  const room = Math.min(
    most(run, (each) => each.cached),
    MOST_LINES,
  );
  const style = `min-height:${(room + 1) * ROW}px`;
  if (cached.length === 0) return h('div.dim', { style }, 'holds nothing');
  const table = h(
    'table.iotlb',
    {},
    h('caption.sr', {}, 'Entries of the IOTLB'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        COLUMNS.map((name) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h('tbody', {}, cached.slice(0, MOST_LINES).map(drawEntry)),
  );
  return h('div', { style }, table, more(cached.length));
}

/** Entries that are drawn: of more, the copied text has all. */
export const MOST_LINES = 12;

/** How many more there are than are drawn. */
export function more(count: number): HTMLElement | undefined {
  const left = count - MOST_LINES;
  return left > 0 ? h('p.dim', {}, `${left} more: addresses copied as text have them`) : undefined;
}

/** Height of a row. Unit: pixels. */
const ROW = 20;

/** The most entries that any step has on any side. */
export function most(
  { steps }: ViewRun,
  heldIn: (step: ViewStep) => Both<readonly unknown[]>,
): number {
  return Math.max(
    0,
    ...steps.flatMap((step) => {
      const { before, after } = heldIn(step);
      return [before?.length ?? 0, after?.length ?? 0];
    }),
  );
}

function drawEntry(entry: ViewCached): HTMLElement {
  const { domain = '', first = '', last = '', size, to, access, says, isStale, text } = entry;
  const cells = [domain, `${first}-${last}`, size, to, access];
  return h(
    `tr${isStale ? '.stale' : ''}`,
    { title: text },
    cells.map((cell) => h('td.mono', {}, cell)),
    h('td', {}, `${isStale ? '◪' : '▣'} ${says}`),
  );
}
