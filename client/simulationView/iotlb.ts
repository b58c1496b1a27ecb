import type { Both, ViewCached, ViewRun, ViewStep } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';

const COLUMNS = ['domain', 'IOVA', 'size', 'leads to', 'permits', 'state'] as const;

/** What one IOTLB holds after the step, an entry a row. */
export function drawIotlb(run: ViewRun, { step, side }: PageState): HTMLElement {
  const isWatched = run.steps.some((each) => Object.keys(each.cached).length > 0);
  if (!isWatched) return h('span.dim', {}, 'not watched in this run');
  const cached = run.steps[step - 1]?.cached[side] ?? [];
  const style = `min-height:${(most(run, (each) => each.cached) + 1) * ROW}px`;
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
    h('tbody', {}, cached.map(drawEntry)),
  );
  return h('div', { style }, table);
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
