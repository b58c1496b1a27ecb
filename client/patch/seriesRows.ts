import type { WireFinding, WireNote, WirePatch, WireSeries } from '../../server/lsp/messages.ts';

/** One row of the view of patch series, with what opens when it is chosen. */
export interface SeriesRow {
  /** Stays the same while a series is edited, so that the view keeps what is open in it. */
  readonly id: string;
  readonly kind:
    'series' | 'patch' | 'introduced' | 'fixed' | 'note' | 'existing-group' | 'existing';
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly spoken: string;
  readonly uri: string;
  /** Line of the document, from 0; null: nothing to open. */
  readonly line: number | null;
  /** A file of the tree and its line, for what the patch does not show. */
  readonly file?: { readonly path: string; readonly line: number };
  readonly patch: number | null;
  readonly severity?: WireFinding['severity'];
  readonly children: readonly SeriesRow[];
  readonly expanded: boolean;
}

/** The rows of one series: its patches, what they introduce and fix, and folded what was there before. */
export function rowsOf(series: WireSeries): SeriesRow {
  const { uri, title, patches, existing } = series;
  const counts = countsOf([
    [series.introduced, 'introduced'],
    [series.fixed, 'fixed'],
    [series.cameAndWent, 'came and went'],
  ]);
  const prefix = commonPrefix(patches.map(({ name }) => name));
  const rows = patches.map((patch, index) => patchRow(patch, index, prefix, series));
  const group: SeriesRow[] = existing.length === 0 ? [] : [existingRow(series)];
  // A single patch needs no row of its own.
  const single = rows.length === 1 ? rows[0]! : undefined;
  const summary = counts === '' ? 'nothing introduced' : counts;
  return {
    id: uri,
    kind: 'series',
    label: title,
    description: summary,
    tooltip: [title, summary, treeWords(series)].join('\n'),
    spoken: `${title}, ${spoken(summary)}`,
    uri,
    line: patches[0]?.line ?? 0,
    patch: null,
    children: [...(single === undefined ? rows : single.children), ...group],
    expanded: true,
  };
}

/** `2 introduced · 1 fixed`; empty when nothing counts. */
export function countsOf(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(' · ');
}

/** What a finished review says, for the badge and for screen readers. */
export function reviewFinished({ introduced, fixed }: WireSeries): string {
  return `Review finished: ${introduced} introduced, ${fixed} fixed.`;
}

/** `accel/qcap: ` where every patch of a series begins with it: the title of the series says it once. */
function commonPrefix([first = '', ...others]: readonly string[]): string {
  const prefix = /^.*?: /.exec(first)?.[0] ?? '';
  return others.length > 0 && others.every((name) => name.startsWith(prefix)) ? prefix : '';
}

function patchRow(patch: WirePatch, index: number, prefix: string, series: WireSeries): SeriesRow {
  const { uri } = series;
  const { number, introduced, fixed, otherFiles, notes } = patch;
  const name = patch.name.slice(prefix.length);
  const later = new Set(introduced.map(({ relation }) => relation).filter((text) => text !== ''));
  const [only] = later;
  const mended = introduced.length > 0 && later.size === 1 && introduced.every(({ relation }) => relation !== ''); // prettier-ignore
  const counts = [
    countsOf([[introduced.length, mended ? `introduced, ${only!}` : 'introduced']]),
    countsOf([[fixed.length, 'fixed']]),
    countsOf([[otherFiles, otherFiles === 1 ? 'file not looked at' : 'files not looked at']]),
  ]
    .filter((text) => text !== '')
    .join(' · ');
  const title = number === '' ? name : `${number} ${name}`;
  return {
    id: `${uri} ${index}`,
    kind: 'patch',
    label: title,
    description: counts,
    tooltip: [patch.name, counts].filter((text) => text !== '').join('\n'),
    spoken: [spokenNumber(number), name, spoken(counts)].filter((text) => text !== '').join(', '),
    uri,
    line: introduced[0]?.line ?? patch.files[0]?.hunks[0]?.[0] ?? patch.line,
    patch: index,
    children: [
      ...introduced.map((finding) => findingRow('introduced', finding, index, uri)),
      ...fixed.map((finding) => findingRow('fixed', finding, index, uri)),
      ...notes.map((note, i) => noteRow(note, i, index, uri)),
    ],
    expanded: introduced.length > 0,
  };
}

function findingRow(
  kind: 'introduced' | 'fixed' | 'existing',
  finding: WireFinding,
  patch: number | null,
  uri: string,
): SeriesRow {
  const { id, message, file, fileLine, inTree, line, rule, severity, relation } = finding;
  const name = file.slice(file.lastIndexOf('/') + 1);
  const place = `${name}:${fileLine + 1}`;
  const said = kind === 'fixed' ? `fixed: ${message}` : message;
  return {
    id: `${uri} ${kind} ${id}`,
    kind,
    label: said,
    description: [place, relation].filter((text) => text !== '').join(' · '),
    tooltip: `${said}\n${file}:${fileLine + 1}\n${rule}`,
    spoken: [kind, severity, message, place, relation].filter((text) => text !== '').join(', '),
    uri,
    line,
    file: inTree ?? { path: file, line: fileLine },
    patch,
    severity,
    children: [],
    expanded: false,
  };
}

function noteRow({ text, line }: WireNote, i: number, patch: number, uri: string): SeriesRow {
  return {
    id: `${uri} ${patch} note ${i}`,
    kind: 'note',
    label: text.split('\n')[0]!,
    description: '',
    tooltip: text,
    spoken: text,
    uri,
    line,
    patch,
    children: [],
    expanded: false,
  };
}

function existingRow({ uri, existing }: WireSeries): SeriesRow {
  return {
    id: `${uri} existing`,
    kind: 'existing-group',
    label: `existing (${existing.length})`,
    description: '',
    tooltip: 'Findings that were there before the series and are there after it.',
    spoken: `${existing.length} existing findings`,
    uri,
    line: null,
    patch: null,
    children: existing.map((finding) => findingRow('existing', finding, null, uri)),
    expanded: false,
  };
}

const treeWords = ({ base, tree }: WireSeries): string =>
  base === 'hunks'
    ? 'No kernel tree: only what the hunks show was reviewed.'
    : `Applied to ${tree}`;

const spokenNumber = (number: string): string => {
  const [at, of] = number.split('/');
  return of === undefined ? '' : `Patch ${at!} of ${of}`;
};

const spoken = (counts: string): string => counts.replaceAll(' · ', ', ');
