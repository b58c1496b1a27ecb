import { word } from '../../model/bits/pte64.ts';
import type { Arch } from '../../model/world/space.ts';
import { addRegisterDevice } from '../kernel/registerDevices.ts';
import type { Executor } from '../machine/executor.ts';
import { commandListeners } from './commands.ts';
import type { HardwarePort, MakeRegisters } from './port.ts';
import { amdRegisters } from './amd.ts';
import { smmuRegisters } from './smmuv3.ts';
import { riscvRegisters } from './riscv.ts';
import { vtdRegisters } from './vtd.ts';

const MAKERS: Readonly<Partial<Record<Arch, MakeRegisters>>> = {
  amd: amdRegisters,
  smmuv3: smmuRegisters,
  riscv: riscvRegisters,
  vtd: vtdRegisters,
};

/**
 * Puts an IOMMU behind registers: it takes the commands that C queues, as soon as C says that they are there, and
 * tells of each. Gives the virtual address of its registers; undefined for a kind that has none yet.
 */
export function addIommu(
  machine: Executor,
  arch: Arch,
  reset: ReadonlyMap<number, bigint>,
): number | undefined {
  const make = MAKERS[arch];
  if (make === undefined) return undefined;
  const port = portOf(machine, arch);
  const device = make(port, reset);
  const start = machine.allocate({
    ...{ kind: 'input', name: 'registers', size: device.bytes, align: 4096, contents: 'zero' },
  });
  addRegisterDevice(machine, { ...device, start });
  return start;
}

function portOf(machine: Executor, arch: Arch): HardwarePort {
  const { memory, directMap } = machine;
  return {
    load: (physical) => {
      const [lo, hi] = memory.halvesAt(directMap + physical);
      return word(lo, hi);
    },
    store: (physical, bytes, value) => {
      memory.storeBits(directMap + physical, bytes, value);
    },
    useContexts: (root) => {
      commandListeners(machine).contexts = root;
    },
    take: (words) => {
      for (const listener of commandListeners(machine).listeners) listener({ arch, words });
    },
  };
}
