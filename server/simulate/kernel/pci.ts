import type { Unit } from '../../cfront/unit.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import type { Value } from '../machine/values.ts';
import type { Arguments } from './model.ts';
import { family } from './model.ts';

const EINVAL = -22;
/** Of the PCI Express Address Translation Service: what is outstanding at most. */
const QUEUE_DEPTH = 32;

function deviceOf(machine: Executor, args: Arguments, unit: Unit): StructView {
  return new StructView(machine.memory, unit, 'pci_dev', args.pointer(0));
}

/** A device has the Address Translation Service where the situation gives it a capability. */
function hasAts(device: StructView): boolean {
  return device.has('ats_cap') && Number(device.get('ats_cap')) !== 0;
}

/**
 * Buses as the IOMMUs of a situation see them: a device is behind the root bus, and requests by its own number only.
 * Kernel: drivers/pci/search.c:pci_for_each_dma_alias().
 */
const BUSES: readonly Model[] = family(
  {
    ...{ reads: 'devfn and bus of the device', writes: 'nothing' },
    shadows: 'bridges and their quirks, of which a situation has none',
  },
  {
    pci_for_each_dma_alias: (machine, args, { unit }) => {
      const device = deviceOf(machine, args, unit);
      const bus = new StructView(machine.memory, unit, 'pci_bus', device.get('bus')!);
      const requester = Number(bus.get('number')) * 256 + Number(device.get('devfn'));
      const visit: Value[] = [args.pointer(0), requester, args.pointer(2)];
      return machine.callThrough(Number(args.pointer(1)), visit);
    },
  },
);

/** What a device is switched to in its configuration space. Kernel: drivers/pci/ats.c. */
const SERVICES: readonly Model[] = family(
  {
    ...{ reads: 'ats_cap of the device', writes: 'ats_enabled of the device' },
    shadows: 'configuration space, of which a situation says only whether there is the service',
  },
  {
    pci_ats_supported: (machine, args, { unit }) => hasAts(deviceOf(machine, args, unit)),
    pci_enable_ats: (machine, args, { unit }) => {
      const device = deviceOf(machine, args, unit);
      if (!hasAts(device)) return EINVAL;
      device.set('ats_enabled', 1);
      return 0;
    },
    pci_disable_ats: (machine, args, { unit }) => {
      deviceOf(machine, args, unit).set('ats_enabled', 0);
      return undefined;
    },
    pci_ats_queue_depth: (machine, args, { unit }) =>
      hasAts(deviceOf(machine, args, unit)) ? QUEUE_DEPTH : EINVAL,
  },
);

/** PCI as the drivers of IOMMUs use it. */
export const PCI: readonly Model[] = [...BUSES, ...SERVICES];
