import type { ViewPlace, ViewVerdict } from '../../server/report/view/view.ts';

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

/** `qcap_mem.c:12`. */
export function shortPlace({ file, line }: ViewPlace): string {
  return `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}
