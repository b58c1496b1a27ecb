import type { ShownTable } from '../../model/world/tableView.ts';
import { entryKey } from './entries.ts';
import type { ViewStore } from './view.ts';

/** What was stored between two pictures of the tables: neighbouring slots with equal bits are one store. */
export function storesBetween(
  before: readonly ShownTable[],
  after: readonly ShownTable[],
  idOf: (table: ShownTable) => string,
): readonly ViewStore[] {
  const old = new Map(before.map((table) => [idOf(table), keysOf(table)]));
  const now = new Map(after.map((table) => [idOf(table), keysOf(table)]));
  const stores: ViewStore[] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [had, has] = [old.get(id), now.get(id)];
    const slots = [...new Set([...(had?.keys() ?? []), ...(has?.keys() ?? [])])];
    const changed = slots.filter((slot) => had?.get(slot) !== has?.get(slot));
    for (const slot of changed.sort((a, b) => a - b)) add(stores, id, slot, has?.get(slot));
  }
  return stores;
}

function add(stores: ViewStore[], table: string, slot: number, value: string | undefined): void {
  const last = stores.at(-1);
  if (last?.table === table && last.slot + last.slots === slot && last.value === value) {
    stores[stores.length - 1] = { ...last, slots: last.slots + 1 };
  } else stores.push({ table, slot, slots: 1, ...(value === undefined ? {} : { value }) });
}

function keysOf({ format, level, entries }: ShownTable): Map<number, string> {
  return new Map(entries.map(({ index, bits }) => [index, entryKey(format, level, bits)]));
}
