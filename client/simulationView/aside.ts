import type { ViewRun } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';

/** What a device would meet, before and after: a set where caches may answer either way. */
export function drawAccesses(
  { accesses, outcome, sides }: ViewRun,
  { side }: PageState,
): HTMLElement {
  const ends = sides.map((each) =>
    h(`div.ends${each === side ? '.cur' : ''}`, {}, h('span.side', {}, each), outcome[each] ?? ''),
  );
  const strips = accesses.map(({ title, outcomes, differs }) =>
    h(
      'div.access',
      {},
      h('b', {}, `Device: ${title}`),
      sides.map((each) =>
        h(
          `div.out${each === side ? '.cur' : ''}${differs ? '.changed' : ''}`,
          {},
          h('span.side', {}, each),
          (outcomes[each] ?? ['not tried']).join(' or '),
        ),
      ),
    ),
  );
  return h('div.accesses', {}, ends, strips);
}

/** The block for a mail. */
export function drawReply({ reply }: ViewRun): HTMLElement {
  return h('pre.reply', {}, reply.join('\n'));
}

/** How far to trust it: what was assumed, which models stood in, what was not tried. */
export function drawAssumed({ assumed, models, notes }: ViewRun): HTMLElement {
  const rows = [
    ['assumed', assumed.length === 0 ? ['nothing on this path'] : assumed],
    ['models', models.length === 0 ? ['none'] : [models.join(', ')]],
    ['not shown', notes.length === 0 ? ['nothing known to be missing'] : notes],
  ] as const;
  return h(
    'dl',
    {},
    rows.flatMap(([name, texts]) => [
      h('dt', {}, name),
      h(
        'dd',
        {},
        texts.map((text) => h('div', {}, text)),
      ),
    ]),
  );
}
