import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { allocatePages, prepareMemoryMap } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import type { Probe } from '../situations/probe.ts';
import type { Environment } from '../situations/situation.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import { ledgerOf } from './ledger.ts';
import type { Holding } from './ledger.ts';
import { judgeTakenBack } from './takenBack.ts';

const ENTRIES = `
  typedef unsigned long long dma_addr_t;
  struct device { int id; };
  void unmap(struct device *dev, dma_addr_t handle) { }
  static void unmap_part(struct device *dev, dma_addr_t handle) { }
  struct dma_iova_state { dma_addr_t addr; };
  void unlink(struct device *dev, struct dma_iova_state *state) { }
  void let_go(struct device *dev) { unmap_part(dev, 0); }
`;
const DOMAIN = 4096;
const READ_WRITE = 3n;
const RAM = 0x80000000n;

/** Three pages from IOVA 0 on that were mapped before, in one mapping, with what lay underneath it. */
class Mapped {
  readonly machine: Machine = machineFor(ENTRIES);
  readonly iova: Holding;
  readonly bounce: Holding;
  private readonly table: number;
  private readonly environment: Environment;

  constructor(more: Partial<Environment> = {}) {
    prepareMemoryMap(this.machine);
    this.table = allocatePages(this.machine, 0, true)!;
    for (const page of [0, 1, 2]) this.store(page, RAM + BigInt(page) * 0x1000n + READ_WRITE);
    const probe: Probe = {
      ...{ name: 'domain 1', format: 'vtdss', domain: DOMAIN, encryptionMask: 0n },
      ...{ top: () => ({ physical: this.table, level: 0 }), flushes: 'recorded' },
    };
    const range = { domain: DOMAIN, first: 0n, last: 0x2fffn, place: undefined };
    this.environment = {
      ...NO_SITUATION.build(this.machine),
      ...{
        dma: 'iommu',
        probes: [probe],
        mapped: () => [range, { ...range, first: 0x3000n, last: 0x3fffn }],
        ...more,
      },
    };
    const ledger = ledgerOf(this.machine);
    this.iova = ledger.take({ kind: 'iova', api: 'alloc_iova_fast', what: '4 pages of IOVA', key: 1n }); // prettier-ignore
    this.bounce = ledger.take({ kind: 'bounce', api: 'swiotlb_tbl_map_single', what: 'a buffer', key: 2n }); // prettier-ignore
    ledger.endSetup();
  }

  unmap(...pages: readonly number[]): this {
    for (const page of pages) this.store(page, 0n);
    return this;
  }

  giveBack(...holdings: readonly Holding[]): this {
    for (const one of holdings) ledgerOf(this.machine).give(one, 'the counterpart');
    return this;
  }

  judged(name = 'unmap'): string[] {
    const entry = this.machine.mainUnit.function(name)!;
    const call = {
      entry,
      args: [],
      value: undefined,
      mappedBefore: 1,
      pagesBefore: new Set<number>(),
    };
    return judgeTakenBack(this.machine, this.environment, call).map(
      ({ id, message }) => `${id} ${message}`,
    );
  }

  private store(page: number, bits: bigint): void {
    this.machine.memory.store64(this.machine.directMap + this.table + page * 8, bits);
  }
}

describe('judgeTakenBack', () => {
  const ALL = [0, 1, 2];

  it('is content when a mapping goes as a whole, or not at all', () => {
    assert.deepEqual(new Mapped().judged(), []);
    const gone = new Mapped().unmap(...ALL);
    assert.deepEqual(gone.giveBack(gone.iova, gone.bounce).judged(), []);
  });

  it('finds the pages that stay of a mapping', () => {
    const part = new Mapped().unmap(0);
    assert.deepEqual(part.giveBack(part.iova, part.bounce).judged(), [
      'I-PAIR-1 takes a mapping back and leaves 2 of its 3 pages mapped, from IOVA 0x1000 on',
    ]);
  });

  it('finds pages that lead somewhere although their IOVAs are given back', () => {
    const kept = new Mapped();
    assert.deepEqual(kept.giveBack(kept.iova, kept.bounce).judged(), [
      'I-PAIR-1 takes a mapping back and leaves 3 of its 3 pages mapped, from IOVA 0x0 on',
    ]);
  });

  it('finds what lay underneath and is kept', () => {
    const gone = new Mapped().unmap(...ALL);
    assert.deepEqual(gone.giveBack(gone.bounce).judged(), [
      'C-LEAK takes a mapping back and keeps 4 pages of IOVA',
    ]);
    assert.deepEqual(new Mapped().unmap(...ALL).judged(), [
      'C-LEAK takes a mapping back and keeps 4 pages of IOVA',
      'C-LEAK takes a mapping back and keeps a buffer',
    ]);
  });

  it('leaves IOVAs to who took them by themselves', () => {
    const gone = new Mapped().unmap(...ALL);
    assert.deepEqual(gone.giveBack(gone.bounce).judged('unlink'), []);
    assert.deepEqual(new Mapped().unmap(...ALL).judged('unlink'), [
      'C-LEAK takes a mapping back and keeps a buffer',
    ]);
  });

  it('finds a mapping that is left whole where the situation says that it has to go', () => {
    const kept = new Mapped({ takesBack: true });
    assert.deepEqual(kept.giveBack(kept.bounce).judged('unlink'), [
      'I-PAIR-1 takes a mapping back and leaves 3 of its 3 pages mapped, from IOVA 0x0 on',
    ]);
  });

  it('asks only whoever is the whole of an implementation of the DMA API', () => {
    const part = new Mapped().unmap(0);
    assert.deepEqual(part.judged('unmap_part'), []);
    assert.deepEqual(part.judged('let_go'), []);
    assert.deepEqual(new Mapped({ dma: undefined }).unmap(0).judged(), []);
  });
});
