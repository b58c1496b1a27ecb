import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import type { Machine } from '../machine/machine.ts';
import { writtenByte } from '../situations/deviceWrites.ts';
import type { Environment } from '../situations/situation.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import { ledgerOf } from './ledger.ts';
import { judgeWritten } from './writtenBack.ts';

const ENTRIES = `
  typedef unsigned long long dma_addr_t;
  struct device { int id; };
  void unmap(struct device *dev, dma_addr_t handle) { }
  void look_at(struct device *dev) { }
  void iommu_dma_sync_single_for_cpu(struct device *dev, dma_addr_t handle) { }
  void iommu_dma_sync_single_for_device(struct device *dev, dma_addr_t handle) { }
`;
const RAM = 0x5000;
const [FIRST, SECOND] = [RAM + 0x10, RAM + 0x100];

/** Memory of which a device wrote two stretches, 20 bytes then 10, into a buffer that is not that memory. */
class Bounced {
  readonly machine: Machine = machineFor(ENTRIES);

  constructor() {
    const { memory, directMap } = this.machine;
    const start = directMap + RAM;
    memory.back({ kind: 'buffer', name: 'RAM', start, size: 4096, physical: RAM }, 'zero');
    const ledger = ledgerOf(this.machine);
    ledger.take({ kind: 'bounce', api: 'swiotlb_tbl_map_single', what: 'a buffer', key: 1n });
    ledger.endSetup();
  }

  copyBack(bytes = 30): this {
    const { memory, directMap } = this.machine;
    for (let n = 0; n < bytes; n++) {
      const at = n < 20 ? FIRST + n : SECOND + n - 20;
      memory.storeSmall(directMap + at, 1, writtenByte(n));
    }
    return this;
  }

  giveBack(): this {
    const ledger = ledgerOf(this.machine);
    ledger.give(ledger.held('bounce', 1n)!, 'swiotlb_tbl_unmap_single');
    return this;
  }

  judged(name = 'unmap'): string[] {
    const environment: Environment = {
      ...NO_SITUATION.build(this.machine),
      ...{ dma: 'swiotlb' },
      written: () => [
        { memory: BigInt(FIRST), bytes: 20, first: 0 },
        { memory: BigInt(SECOND), bytes: 10, first: 20 },
      ],
    };
    const entry = this.machine.mainUnit.function(name)!;
    const about = { args: [], value: undefined, mappedBefore: 0, pagesBefore: new Set<number>() };
    return judgeWritten(this.machine, environment, { entry, ...about }).map(
      ({ id, message }) => `${id} ${message}`,
    );
  }
}

describe('judgeWritten', () => {
  const lost = (bytes: number, from: string): string[] => [
    `C-WRITTEN ${bytes} bytes that the device wrote are not in the memory that was mapped, from ${from} on`,
  ];

  it('wants what the device wrote in the memory that was mapped, once that is unmapped', () => {
    assert.deepEqual(new Bounced().copyBack().giveBack().judged(), []);
    assert.deepEqual(new Bounced().giveBack().judged(), lost(30, '0x5010'));
    assert.deepEqual(new Bounced().copyBack(15).giveBack().judged(), lost(15, '0x501f'));
    assert.deepEqual(new Bounced().copyBack(22).giveBack().judged(), lost(8, '0x5102'));
  });

  it('wants it there for the CPU, and asks nobody else while the mapping stays', () => {
    assert.deepEqual(new Bounced().judged('iommu_dma_sync_single_for_cpu'), lost(30, '0x5010'));
    assert.deepEqual(new Bounced().copyBack().judged('iommu_dma_sync_single_for_cpu'), []);
    assert.deepEqual(new Bounced().judged('iommu_dma_sync_single_for_device'), []);
    assert.deepEqual(new Bounced().judged(), []);
    assert.deepEqual(new Bounced().giveBack().judged('look_at'), []);
  });
});
