import { range } from '../facts/conditions.ts';
import { forEach } from '../state/intMap.ts';
import { add, deref, field, op, opName } from '../terms/build.ts';
import { kinds, type Term, type TermTable } from '../terms/term.ts';
import { demand, write } from './cursor.ts';
import type { Cursor } from './run.ts';

/** What is on a list is kept below its head, so that whoever reaches the list reaches it. */
const onList = 'list:';

/** True for the place of one entry below the head of its list. */
export function isListPlace(table: TermTable, location: Term): boolean {
  return (
    table.kind(location) === kinds.field && table.text(table.part(location, 1)).startsWith(onList)
  );
}

/** Puts an entry on a list. */
export function enlist(cursor: Cursor, list: Term, entry: Term): void {
  const { table } = cursor.run;
  const count = op(table, 'count', [list]);
  const least = range(table, cursor.state.known, count).low;
  demand(cursor, add(table, count, table.num(-least)), 'positive');
  write(cursor, field(table, deref(table, list), `${onList}${entry}`), entry);
}

/** Moves what is on one list to another; what a caller put there follows when the caller hears of it. */
export function splice(cursor: Cursor, from: Term, onto: Term): void {
  const { table } = cursor.run;
  const head = deref(table, onto);
  moveEntries(cursor, deref(table, from), head);
  write(cursor, field(table, head, `${onList}${from}`), op(table, 'entries of', [from]));
}

/** A callee spliced a list of ours: repeats that for what is on it here. */
export function replaySplice(cursor: Cursor, place: Term, value: Term): void {
  const { table } = cursor.run;
  if (opName(table, value) !== 'entries of' || !isListPlace(table, place)) return;
  moveEntries(cursor, deref(table, table.part(value, 1)), table.part(place, 0));
}

function moveEntries(cursor: Cursor, from: Term, to: Term): void {
  const { table } = cursor.run;
  forEach(cursor.state.env, (location, entry) => {
    if (!isListPlace(table, location) || table.part(location, 0) !== from) return;
    write(cursor, field(table, to, table.text(table.part(location, 1))), entry);
  });
}
