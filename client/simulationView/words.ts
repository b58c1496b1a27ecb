import type {
  ViewOutcome,
  ViewPlace,
  ViewRun,
  ViewSide,
  ViewVerdict,
} from '../../server/report/view/view.ts';

/** Sign, word and tone of a verdict: colour never says it alone. */
export const VERDICTS: Readonly<Record<ViewVerdict, readonly [string, string, string]>> = {
  'newly-broken': ['✕', 'newly broken', 'bad'],
  'still-broken': ['✕', 'still broken', 'bad'],
  fixed: ['✓', 'fixed', 'good'],
  unchanged: ['=', 'unchanged', 'dim'],
  unknown: ['?', 'unknown', 'diff'],
  'not-simulated': ['–', 'not simulated', 'dim'],
  broken: ['✕', 'broken', 'bad'],
  'nothing-broken': ['✓', 'nothing broken', 'good'],
  'as-expected': ['✓', 'as expected', 'good'],
  differs: ['✕', 'differs', 'bad'],
};

/** What a side is called: the only side of a run that was compared with nothing has no name. */
export function sideName({ sides }: Pick<ViewRun, 'sides'>, side: ViewSide): string {
  return sides.length < 2 ? 'result' : side;
}

/** `qcap_mem.c:12`. */
export function shortPlace({ file, line }: ViewPlace): string {
  return `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}

/** `✕ misses the BAR or fault`: every way that it may come out. */
export function outcomeText({ says, isWrong }: ViewOutcome): string {
  const sign = isWrong ? '✕ ' : says.some((text) => text.startsWith('unknown')) ? '? ' : '';
  return `${sign}${says.join('; or ')}`;
}
