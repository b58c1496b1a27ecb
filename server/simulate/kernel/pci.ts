import type { Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import type { Value } from '../machine/values.ts';
import { family } from './model.ts';

/**
 * Buses as the IOMMUs of a situation see them: a device is behind the root bus, and requests by its own number only.
 * Kernel: drivers/pci/search.c:pci_for_each_dma_alias().
 */
export const PCI: readonly Model[] = family(
  {
    ...{ reads: 'devfn and bus of the device', writes: 'nothing' },
    shadows: 'bridges and their quirks, of which a situation has none',
  },
  {
    pci_for_each_dma_alias: (machine, args, { unit }) => {
      const device = new StructView(machine.memory, unit, 'pci_dev', args.pointer(0));
      const bus = new StructView(machine.memory, unit, 'pci_bus', device.get('bus')!);
      const requester = Number(bus.get('number')) * 256 + Number(device.get('devfn'));
      const visit: Value[] = [args.pointer(0), requester, args.pointer(2)];
      return machine.callThrough(Number(args.pointer(1)), visit);
    },
  },
);
