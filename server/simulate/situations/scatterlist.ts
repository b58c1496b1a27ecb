import { allocatePages, pageStructOf } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { ObjectPool } from './objects.ts';
import { fillBytes } from './physical.ts';
import type { ScatterEntry } from './spec.ts';

const PAGE = 4096;

/** Filled memory that nothing else is in; its physical address. */
function ownFrames(machine: Machine, length: number, offset: number): number {
  const order = Math.max(0, Math.ceil(Math.log2((offset + length) / PAGE)));
  const physical = allocatePages(machine, order, true, 'buffer')!;
  fillBytes(machine, machine.directMap + physical + offset, length);
  return physical;
}

/** Makes a scatter-gather list over RAM by the tree's own helpers. */
export function makeScatterlist(pool: ObjectPool, entries: readonly ScatterEntry[]): void {
  const { machine } = pool;
  const table = pool.makeStanding('sg_table');
  const unit = pool.unitOf('scatterlist');
  if (unit === undefined) {
    pool.problem('scatterlist', 'struct scatterlist is not in what this file includes', undefined);
    return;
  }
  const one = unit.aggregate('scatterlist')!.layout!.size;
  const list = machine.allocate({
    ...{ kind: 'input', name: 'scatterlist', size: one * entries.length, align: 64 },
    contents: 'zero',
  });
  machine.call('sg_init_table', [list, entries.length]);
  entries.forEach(({ length, offset = 0, pfn }, i) => {
    const physical = pfn === undefined ? ownFrames(machine, length, offset) : pfn * PAGE;
    const page = pageStructOf(machine, physical);
    machine.call('sg_set_page', [list + i * one, page, length, offset]);
    if (i === 0) pool.stand('page', page);
  });
  pool.stand('scatterlist', list);
  if (table === undefined) return;
  table.set('sgl', list);
  table.set('nents', entries.length);
  table.set('orig_nents', entries.length);
}
