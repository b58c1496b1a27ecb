import type { ViewAbsence, ViewRun, ViewTable } from '../../server/report/view/view.ts';
import type { PageState } from './state.ts';
import { entryAt } from './state.ts';

/** Why a page is no table at a step; undefined where it is one. */
export function absenceAt(
  { absent }: ViewTable,
  { step, side }: PageState,
): ViewAbsence | undefined {
  return absent?.[side]?.find(({ from, to }) => from <= step && step <= to);
}

/** Entries that lead to a table, in few words and in full. */
export interface Pointers {
  readonly short: string;
  readonly long: string;
}

/** Entries that lead to a table, with these slots. */
export function pointersTo(
  run: ViewRun,
  { domain, physical, level }: ViewTable,
  slots: ReadonlyMap<string, string>,
): Pointers {
  const found: { readonly level: number; readonly slot: string; readonly table: string }[] = [];
  for (const table of run.tables) {
    if (table.domain !== domain) continue;
    for (const [key, value] of slots) {
      if (!key.startsWith(`${table.id}#`)) continue;
      const entry = entryAt(run, value);
      if (entry?.kind !== 'table' || entry.to === undefined) continue;
      if (BigInt(entry.to) !== BigInt(physical)) continue;
      const slot = key.slice(table.id.length + 1);
      found.push({ level: table.level, slot, table: table.physical });
    }
  }
  const [first, ...more] = found;
  if (first === undefined) {
    const isTop = run.tables.every((one) => one.domain !== domain || one.level <= level);
    return isTop
      ? { short: 'the top', long: 'no entry leads here: walks begin here' }
      : { short: 'not linked', long: 'no entry leads here' };
  }
  return {
    short: `from L${first.level} slot ${first.slot}${more.length === 0 ? '' : `, +${more.length}`}`,
    long: found.map(({ slot, table }) => `entry ${slot} of ${table} leads here`).join('\n'),
  };
}
