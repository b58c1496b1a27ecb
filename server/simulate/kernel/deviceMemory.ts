import type { Model } from '../machine/executor.ts';
import type { ModelBody } from './model.ts';
import { alike, family } from './model.ts';
import { SLAB } from './slab.ts';

const PAGE = 4096;

/** Coherent memory, aligned to its size, at the address that it has: (device, size, &handle, …). */
const allocate: ModelBody = (machine, args) => {
  const size = args.number(1);
  const align = Math.max(PAGE, 2 ** Math.ceil(Math.log2(Math.max(size, 1))));
  const made = machine.allocate({
    ...{ kind: 'slab', name: 'coherent memory', size, align, contents: 'zero' },
  });
  machine.memory.storeBits(Number(args.pointer(2)), 8, BigInt(made - machine.directMap));
  return made;
};

const kmalloc = SLAB.find(({ name }) => name === '__kmalloc')!;

/**
 * What the driver of an IOMMU allocates for its hardware, which is behind no IOMMU itself, and leaves with the device,
 * which goes on to be there.
 */
export const DEVICE_MEMORY: readonly Model[] = [
  ...family(
    {
      reads: 'nothing',
      writes: 'the new memory: zero; its DMA address',
      shadows: 'the DMA API itself runs in situations of its own',
    },
    alike('dma_alloc_attrs dmam_alloc_attrs', allocate),
  ),
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing',
      shadows: 'nothing that is left with the device is let go before the run ends',
    },
    alike('devm_add_action __devm_add_action dma_set_mask dma_set_coherent_mask', () => 0),
  ),
  {
    ...kmalloc,
    name: 'devm_kmalloc',
    shadows: 'nothing that is left with the device is let go before the run ends',
    run: (call) => kmalloc.run({ ...call, args: call.args.slice(1) }),
  },
];
