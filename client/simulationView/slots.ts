import type { ViewRun, ViewTable } from '../../server/report/view/view.ts';
import { overlaps } from './columns.ts';
import {
  entryAt,
  lastStored,
  slotKey,
  slotsAt,
  stretchesOf,
  type PageState,
  type Stretch,
} from './state.ts';

/** The slot whose entry is decoded: the one that was selected, else one that is wrong, else the last one stored. */
export function pickedSlot(run: ViewRun, state: PageState): string | undefined {
  const stored = lastStored(run, state.step, state.side);
  return state.picked ?? wrongSlot(run, state, stored) ?? stored;
}

/** A slot with a wrong leaf: the one that was stored last where it is, else the first. */
function wrongSlot(run: ViewRun, state: PageState, stored: string | undefined): string | undefined {
  if ((run.steps[state.step - 1]?.wrong[state.side] ?? []).length === 0) return undefined;
  const slots = slotsAt(run, state.step, state.side);
  const wrong: string[] = [];
  for (const table of run.tables) {
    for (const stretch of stretchesOf(run, table)) {
      const key = slotKey(table.id, stretch.first);
      const isLeaf = entryAt(run, slots.get(key))?.kind === 'leaf';
      if (isLeaf && wrongIn(run, table, stretch, state) !== undefined) wrong.push(key);
    }
  }
  return stored !== undefined && wrong.includes(stored) ? stored : wrong[0];
}

/** What an invariant says against the addresses of some slots. */
export function wrongIn(
  run: ViewRun,
  table: ViewTable,
  { first, count }: Pick<Stretch, 'first' | 'count'>,
  { step, side }: PageState,
): string | undefined {
  const end = BigInt(iovaOf(table, first + count)) - 1n;
  const slots = { first: iovaOf(table, first), last: `0x${end.toString(16)}` };
  return run.steps[step - 1]?.wrong[side]?.find(
    (span) => (span.domain ?? table.domain) === table.domain && overlaps(span, slots),
  )?.text;
}

/** Address arithmetic on the numbers that the view gives: base and slots of a table of 2^n bytes. */
export function iovaOf({ iova, level }: ViewTable, slot: number): string {
  const itemLg2 = BigInt(12 + 9 * level);
  return `0x${(BigInt(iova) + (BigInt(slot) << itemLg2)).toString(16)}`;
}
