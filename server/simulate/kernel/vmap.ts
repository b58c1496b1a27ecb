import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';
import { physicalOfPage } from './pages.ts';

const PAGE = 4096;

/** Areas by their address, with the `struct vm_struct` that describes each. */
function areas(machine: Executor): Map<number, number> {
  return stateOf(machine, 'vmap-areas', () => new Map<number, number>());
}

/** Memory has one address here, so only pages that follow one another can be mapped together. */
const map: ModelBody = (machine, args) => {
  const pages = Number(args.pointer(0));
  const count = args.number(1);
  const physicalAt = (i: number): number =>
    physicalOfPage(machine, Number(machine.memory.loadPointer(pages + i * 8, 'strict')));
  const first = physicalAt(0);
  for (let i = 1; i < count; i++) {
    if (physicalAt(i) !== first + i * PAGE) {
      throw new Stop('builtin', 'vmap() of pages that do not follow one another');
    }
  }
  const address = machine.directMap + first;
  const size = StructView.sizeOf(machine.mainUnit, 'vm_struct');
  const area = machine.allocate({
    ...{ kind: 'slab', name: 'struct vm_struct', size, align: 64, contents: 'zero' },
  });
  const view = new StructView(machine.memory, machine.mainUnit, 'vm_struct', area);
  view.set('addr', address);
  view.set('size', BigInt(count * PAGE));
  view.set('pages', pages);
  view.set('nr_pages', count);
  areas(machine).set(address, area);
  return address;
};

/** vmap() and what is asked about its areas. */
export const VMAP: readonly Model[] = family(
  { reads: 'the array of pages', writes: 'nothing; the area is noted' },
  {
    vmap: map,
    find_vm_area: (machine, args) => areas(machine).get(Number(args.pointer(0))) ?? 0,
    ...alike('vunmap', (machine, args) => {
      areas(machine).delete(Number(args.pointer(0)));
      return undefined;
    }),
  },
);
