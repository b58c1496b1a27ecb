import type { ViewOutcome, ViewRun, ViewSide } from '../../server/report/view/view.ts';
import { h } from './element.ts';
import type { PageState } from './state.ts';
import { outcomeText, sideName } from './words.ts';

/** How each side ended, and what a device meets at the step: a set where caches may answer either way. */
export function drawAccesses(run: ViewRun, { side, step }: PageState): HTMLElement {
  const { accesses, outcome, sides } = run;
  const ends = sides.map((each) =>
    h(
      `div.ends${each === side ? '.cur' : ''}`,
      {},
      h('span.side', {}, sideName(run, each)),
      outcome[each] ?? '',
    ),
  );
  const strips = accesses.map(({ title, outcomes, differs }) => {
    const at = (each: ViewSide): ViewOutcome | undefined =>
      outcomes[each]?.find(({ from, to }) => from <= step && step <= to);
    const otherwise = at('before')?.says.join() !== at('after')?.says.join();
    return h(
      'div.access',
      {},
      h('b', {}, `Device: ${title}`),
      sides.map((each) => {
        const now = at(each);
        const classes = [
          each === side && 'cur',
          differs && otherwise && 'changed',
          now?.isWrong === true && 'wrong',
        ];
        return h(
          ['div.out', ...classes.filter(Boolean)].join('.'),
          {},
          h('span.side', {}, sideName(run, each)),
          now === undefined ? h('span.dim', {}, 'not tried at this step') : outcomeText(now),
        );
      }),
    );
  });
  return h('div.accesses', {}, ends, strips);
}

/** The block for a mail. */
export function drawReply({ reply }: ViewRun): HTMLElement {
  return h('pre.reply', {}, reply.join('\n'));
}

/** How far to trust it: what was assumed, which models stood in, what was not tried. */
export function drawAssumed({ assumed, models, unknown, notes }: ViewRun): HTMLElement {
  const rows = [
    ['assumed', assumed.length === 0 ? ['nothing on this path'] : assumed],
    ['modelled', models.length === 0 ? ['nothing'] : [models.join(', ')]],
    ...(unknown.length === 0 ? [] : [['not known', [unknown.join(', ')]] as const]),
    ...(notes.length === 0 ? [] : [['not shown', notes] as const]),
  ] as const;
  return h(
    'dl',
    {},
    rows.flatMap(([name, texts]) => [h('dt', {}, name), h('dd', {}, drawTexts(texts))]),
  );
}

/** More of them than can be taken in are folded. */
const MOST_SHOWN = 3;

function drawTexts(texts: readonly string[]): readonly HTMLElement[] {
  if (texts.length <= MOST_SHOWN) return texts.map((text) => h('div', {}, text));
  return [
    h(
      'details',
      {},
      h('summary', {}, `${texts[0]}, and ${texts.length - 1} more`),
      h(
        'ul',
        {},
        texts.slice(1).map((text) => h('li', {}, text)),
      ),
    ),
  ];
}
