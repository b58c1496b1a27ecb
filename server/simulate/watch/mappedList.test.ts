import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { allocatePages, pageStructOf, prepareMemoryMap } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import { ObjectPool } from '../situations/objects.ts';
import type { Environment } from '../situations/situation.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import { judgeMappedList } from './mappedList.ts';

const KERNEL = `
  typedef unsigned long long dma_addr_t;
  struct page { unsigned long flags; int _refcount; };
  #define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
  struct device { int id; };
  enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE };
  struct scatterlist { unsigned long page_link; unsigned int offset, length; dma_addr_t dma_address; unsigned int dma_length; };
  struct scatterlist list[2];
  int map(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction direction) { return nents; }
`;
const [OFFSET, LENGTH] = [16, 100];

/** A list of two entries in pages of their own, which a device uses at addresses and with lengths that it is given. */
class Mapped {
  readonly machine: Machine = machineFor(KERNEL);
  readonly memory: readonly number[];
  private readonly list: number;

  constructor(given: (memory: readonly number[]) => readonly (readonly [number, number])[]) {
    prepareMemoryMap(this.machine);
    const pool = new ObjectPool(this.machine);
    this.memory = [0, 0, 0].map(() => allocatePages(this.machine, 0, true)!);
    const address = this.machine.evaluate('(unsigned long)list')!;
    this.list = Number(BigInt.asIntN(64, BigInt(address)));
    const last = 2;
    given(this.memory).forEach(([start, bytes], i) => {
      const entry = pool.view('scatterlist', this.list + i * 32)!;
      const page = BigInt(pageStructOf(this.machine, this.memory[i]!) + i * last);
      entry.set('page_link', page);
      entry.set('offset', OFFSET);
      entry.set('length', LENGTH);
      entry.set('dma_address', start);
      entry.set('dma_length', bytes);
    });
  }

  store(physical: number, value: number): this {
    this.machine.memory.storeSmall(this.machine.directMap + physical, 1, value);
    return this;
  }

  judged(more: Partial<Environment> = {}, direction = 0, value = 2): string[] {
    const environment = {
      ...NO_SITUATION.build(this.machine),
      ...{ dma: 'direct' as const, ...more },
    };
    const entry = this.machine.mainUnit.function('map')!;
    const call = { entry, args: [0, this.list, 2, direction], value };
    const before = { mappedBefore: 0, pagesBefore: new Set<number>() };
    return judgeMappedList(this.machine, environment, { ...call, ...before }).map(
      ({ id, message }) => `${id} ${message}`,
    );
  }
}

describe('judgeMappedList', () => {
  const own = ([a, b]: readonly number[]) =>
    [[a! + OFFSET, LENGTH], [b! + OFFSET, LENGTH]] as const; // prettier-ignore

  it('wants every entry to lead to its memory', () => {
    assert.deepEqual(new Mapped(own).judged(), []);
    const wrong = new Mapped(([a, b]) => [[a! + OFFSET, LENGTH], [b!, LENGTH]]); // prettier-ignore
    const [, second] = wrong.memory as [number, number];
    const [at, not] = [second, second + OFFSET].map((one) => `0x${one.toString(16)}`);
    assert.deepEqual(wrong.judged(), [
      `C-TARGET gives ${at}, which leads a device to ${at}, not to ${not}`,
    ]);
  });

  it('wants all of it, and asks nobody who failed', () => {
    const short = new Mapped(([a, b]) => [[a! + OFFSET, LENGTH], [b! + OFFSET, 90]]); // prettier-ignore
    assert.deepEqual(short.judged(), ['C-TARGET maps 190 of 200 bytes of a list']);
    assert.deepEqual(short.judged({}, 0, -22), []);
    assert.deepEqual(short.judged({ dma: undefined }), []);
  });

  it('lets a copy stand for the memory where there are copies, with what a device is to read', () => {
    const copied = new Mapped(([a, , c]) => [[a! + OFFSET, LENGTH], [c! + 64, LENGTH]]); // prettier-ignore
    assert.equal(copied.judged().length, 1);
    assert.deepEqual(copied.judged({ dma: 'swiotlb' }), []);
    const [, second, third] = copied.memory as [number, number, number];
    copied.store(third + 64, 7);
    const [at, not] = [third + 64, second + OFFSET].map((one) => `0x${one.toString(16)}`);
    assert.deepEqual(copied.judged({ dma: 'swiotlb' }), [
      `C-TARGET gives ${at}, which does not hold what is at ${not}`,
    ]);
    assert.deepEqual(copied.judged({ dma: 'swiotlb' }, 2), []);
  });

  it('wants no device that nobody trusts at pages of which it has a part', () => {
    const shared = new Mapped(own);
    const [first] = shared.memory as [number];
    assert.deepEqual(shared.judged({ untrusted: true }), [
      `C-TARGET lets a device that nobody trusts at all of the page at 0x${first.toString(16)}`,
    ]);
  });
});
