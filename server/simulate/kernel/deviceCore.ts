import type { Model } from '../machine/executor.ts';
import { alike, family, nothing } from './model.ts';

/** What drivers of IOMMUs ask of the core of devices while they start: it is there, and no interrupt comes. */
export const DEVICE_CORE: readonly Model[] = [
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: 'what goes with a device, which stays' },
    {
      __devres_alloc_node: (machine, args) =>
        machine.allocate({
          ...{ kind: 'input', name: 'devres', size: args.number(1), align: 64, contents: 'zero' },
        }),
      ...alike('devres_add', nothing),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: 'interrupts, of which none comes' },
    alike('request_threaded_irq free_irq', nothing),
  ),
];
