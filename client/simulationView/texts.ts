import type { ViewRun } from '../../server/report/view/view.ts';
import { pickedSlot } from './slots.ts';
import type { PageState } from './state.ts';
import { absenceAt, pointersTo } from './tableLife.ts';
import { outcomeText } from './words.ts';
import type { Mapped } from './columns.ts';
import { columnsOf, mappedAt, overlaps } from './columns.ts';
import { entryAt, happened, slotsAt } from './state.ts';

/** The pictures that can be copied as text. */
export type Picture =
  'tables' | 'addresses' | 'timeline' | 'steps' | 'entry' | 'accesses' | 'reply';

/** A picture as text: what a screen reader or a mail can use instead. */
export function pictureText(picture: Picture, run: ViewRun, state: PageState): string {
  switch (picture) {
    case 'reply':
      return run.reply.join('\n');
    case 'timeline':
      return timelineText(run, state);
    case 'tables':
      return tablesText(run, state);
    case 'entry':
      return entryText(run, state);
    case 'accesses':
      return run.accesses
        .flatMap(({ title, outcomes }) => [
          `Device: ${title}`,
          ...run.sides.flatMap((side) =>
            (outcomes[side] ?? []).map(
              (outcome) =>
                `  ${side.padEnd(6)} steps ${outcome.from}-${outcome.to}: ${outcomeText(outcome)}`,
            ),
          ),
        ])
        .join('\n');
    case 'steps':
      return run.sides.map((side) => timelineText(run, { ...state, side })).join('\n\n');
    case 'addresses':
      return addressesText(run, state);
  }
}

function timelineText({ steps }: ViewRun, { side }: PageState): string {
  const lines = steps.flatMap((step, n) => {
    if (!happened(step, side)) return [];
    const place = step.at[side];
    const at = place === undefined ? '' : `${place.file}:${place.line}`;
    const broken = step.bad.includes(side) ? '✕ ' : '';
    const said = (step.breaks[side] ?? []).map((text) => `\n     breaks ${text}`).join('');
    return [
      `${String(n + 1).padStart(4)} ${broken}${step.text[side] ?? ''}${at === '' ? '' : `  (${at})`}${said}`,
    ];
  });
  return [`${side}:`, ...lines].join('\n');
}

function addressesText(run: ViewRun, { step, side }: PageState): string {
  const slots = slotsAt(run, step, side);
  const moment = run.steps[step - 1];
  const domains = [...new Set(run.tables.map(({ domain }) => domain))];
  const lines = domains.flatMap((domain) => [
    `${domain}:`,
    ...columnsOf(run, domain)
      .filter(({ isGap }) => !isGap)
      .map((column) => {
        const mapped = mappedAt(run, domain, column, slots);
        const says =
          mapped === undefined
            ? 'not mapped'
            : `${mapped.to}  ${mapped.entry.bits}  ${mapped.entry.text}`;
        const wrong = moment?.wrong[side]?.find(
          (span) => (span.domain ?? domain) === domain && overlaps(span, column),
        );
        const why = wrong === undefined || mapped === undefined ? '' : `\n    ✕ ${wrong.text}`;
        return `  ${column.first}-${column.last} -> ${says}${memoryText(mapped)}${why}`;
      }),
  ]);
  const gather = moment?.gather?.[side];
  const held = [
    ...(gather === undefined ? [] : [`  ${gather.text}`]),
    ...(moment?.cached[side] ?? []).map(({ text }) => `  IOTLB: ${text}`),
    ...(moment?.stale[side] ?? []).map(({ text }) => `  may still be held: ${text}`),
    ...(moment?.owners[side] ?? []).map(({ first, last, text }) => `  ${first}-${last}: ${text}`),
  ];
  return [`${side}, after step ${step}:`, ...lines, ...held].join('\n');
}

/** What is behind a leaf, where that is stated. */
function memoryText(mapped: Mapped | undefined): string {
  const memory = mapped?.entry.memory;
  return memory === undefined
    ? ''
    : `\n    ${memory.isWrong ? '✕' : '✓'} ${memory.name}, ${memory.says}`;
}

function tablesText(run: ViewRun, state: PageState): string {
  const { step, side } = state;
  const slots = slotsAt(run, step, side);
  const lines = run.tables.flatMap((table) => {
    const own = [...slots].filter(([key]) => key.startsWith(`${table.id}#`));
    const life = absenceAt(table, state)?.says ?? pointersTo(run, table, slots).short;
    const head = `${table.domain}, ${table.format}, level ${table.level}, table at ${table.physical}, ${life}:`;
    const entries = own.map(([key, value]) => {
      const entry = entryAt(run, value);
      return `  [${key.slice(key.lastIndexOf('#') + 1)}] ${entry?.bits ?? value}  ${entry?.text ?? ''}`;
    });
    return [head, ...(entries.length === 0 ? ['  empty'] : entries)];
  });
  return [`${side}, after step ${step}:`, ...lines].join('\n');
}

function entryText(run: ViewRun, state: PageState): string {
  const { step, side } = state;
  const key = pickedSlot(run, state);
  const entry = key === undefined ? undefined : entryAt(run, slotsAt(run, step, side).get(key));
  if (entry === undefined) return 'empty';
  const fields = entry.fields.map(({ name, high, low, value, meaning }) => {
    const bits = high === low ? `${high}` : `${high}:${low}`;
    return `  ${bits.padStart(5)}  ${name} = ${value}${meaning === '' ? '' : `  ${meaning}`}`;
  });
  return [`${entry.bits}  ${entry.text}`, ...fields].join('\n');
}
