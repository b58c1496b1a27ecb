import type { Executor } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';

import { physicalOfPage } from '../kernel/pages.ts';
import type { Observed } from '../../model/scenario/machine.ts';
import { hex64 } from './tableInC.ts';

/** A `struct iommu_iotlb_gather` in the machine. */
export function gatherView(machine: Executor, address: number): StructView {
  return new StructView(machine.memory, machine.mainUnit, 'iommu_iotlb_gather', address);
}

/** Physical addresses of the table pages on a gather's freelist, in order. */
export function freelistOf(machine: Executor, gather: number): string[] {
  const unit = machine.mainUnit;
  const view = gatherView(machine, gather);
  if (unit.aggregate('ioptdesc') === undefined) return [];
  const head = view.at(view.has('freelist.pages') ? 'freelist.pages' : 'freelist');
  const element = new StructView(machine.memory, unit, 'ioptdesc', 0).at('iopt_freelist_elm');
  const found: string[] = [];
  let node = machine.memory.loadPointer(head, 'strict') as number;
  while (node !== head) {
    found.push(hex64(physicalOfPage(machine, node - element)));
    node = machine.memory.loadPointer(node, 'strict') as number;
  }
  return found;
}

/** A gather as generic_pt vectors show it. */
export function genericGather(machine: Executor, gather: number): Observed {
  const view = gatherView(machine, gather);
  return {
    ...gatherRange(machine, gather),
    leaf_levels: view.has('pt.leaf_levels_bitmap') ? Number(view.get('pt.leaf_levels_bitmap')) : 0,
    table_levels: view.has('pt.table_levels_bitmap')
      ? Number(view.get('pt.table_levels_bitmap'))
      : 0,
    queued: Boolean(view.get('queued')),
    freelist: freelistOf(machine, gather),
  };
}

/** The range of a gather. */
export function gatherRange(machine: Executor, gather: number): Observed {
  const view = gatherView(machine, gather);
  return { start: hex64(view.get('start')!), end: hex64(view.get('end')!) };
}

/** A gather as io-pgtable vectors show it. */
export function pageSizeGather(machine: Executor, gather: number): Observed {
  const view = gatherView(machine, gather);
  return {
    ...gatherRange(machine, gather),
    pgsize: hex64(view.get('pgsize')!),
    queued: Boolean(view.get('queued')),
  };
}

/** Memory for a gather, initialised by the tree's own helper. */
export function newGather(machine: Executor): number {
  const size = StructView.sizeOf(machine.mainUnit, 'iommu_iotlb_gather');
  const gather = machine.allocate({
    ...{ kind: 'input', name: 'gather', size, align: 16, contents: 'zero' },
  });
  machine.call('iommu_iotlb_gather_init', [gather]);
  return gather;
}
