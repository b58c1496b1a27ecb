import { Stop } from '../machine/stop.ts';
import type { ObjectPool } from './objects.ts';
import type { Probe } from './probe.ts';
import type { IommufdSpec } from './spec.ts';

/** Files that know the structs of an address space; the functions of the last are made by a macro. */
export const IOMMUFD_FILES: readonly string[] = [
  ...['drivers/iommu/iommufd/io_pagetable.c', 'drivers/iommu/iommufd/pages.c'],
  'lib/interval_tree.c',
];

/**
 * Makes a context and an I/O address space by the tree's own init, and lets domains follow it. Areas come
 * with the calls that map them.
 */
export function makeAddressSpace(
  pool: ObjectPool,
  domains: readonly Probe[],
  spec: IommufdSpec,
): void {
  const { machine } = pool;
  pool.makeStanding('iommufd_ctx');
  const space = pool.makeStanding('iommufd_ioas');
  if (space === undefined) return;
  const table = space.at('iopt');
  pool.stand('io_pagetable', table);
  pool.emptyList(space.at('hwpt_list'));
  machine.call('iopt_init_table', [table]);
  if (spec.noHugePages === true) pool.view('io_pagetable', table)?.set('disable_large_pages', 1);
  for (const { domain } of domains) {
    const result = machine.call('iopt_table_add_domain', [table, domain]);
    if (result !== 0) throw new Stop('bug', `iopt_table_add_domain() returns ${result}`);
  }
}
