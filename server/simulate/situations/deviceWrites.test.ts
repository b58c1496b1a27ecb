import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { allocatePages, pageStructOf, prepareMemoryMap } from '../kernel/pages.ts';
import type { Machine } from '../machine/machine.ts';
import { deviceWrites, writtenByte } from './deviceWrites.ts';
import { ObjectPool } from './objects.ts';

const KERNEL = `
  typedef unsigned long size_t;
  typedef unsigned long long dma_addr_t;
  struct page { unsigned long flags; int _refcount; };
  struct page *pages = (struct page *)0xffffea0000000000UL;
  #define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
  struct scatterlist { unsigned long page_link; unsigned int offset, length; dma_addr_t dma_address; unsigned int dma_length; };
  struct scatterlist list[2];
  dma_addr_t map(struct page *page, unsigned long offset, size_t size) { return 0; }
  struct dma_iova_state { dma_addr_t addr; };
  struct dma_iova_state state;
  int link(struct dma_iova_state *state, struct page *page, unsigned long offset) { return 0; }
  int map_list(struct scatterlist *sgl, int nents) { return nents; }
`;

function bytesAt({ memory, directMap }: Machine, physical: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    Number(memory.peekBits(directMap + physical + i, 1)),
  );
}

function written(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => writtenByte(first + i));
}

describe('deviceWrites', () => {
  it('writes to the address that a mapping returned, for the memory that was to be mapped', () => {
    const machine = machineFor(KERNEL);
    prepareMemoryMap(machine);
    const [memory, bounce] = [0, 0].map(() => allocatePages(machine, 0, true)!) as [number, number];
    const symbol = machine.mainUnit.function('map')!;
    const args = [pageStructOf(machine, memory), 0x20n, 8n];
    const made = { symbol, args, value: BigInt(bounce + 0x40) };
    const writes = deviceWrites(new ObjectPool(machine), [], made, 8);
    assert.deepEqual(writes, [{ memory: BigInt(memory + 0x20), bytes: 8, first: 0 }]);
    assert.deepEqual(bytesAt(machine, bounce + 0x40, 8), written(0, 8));
    assert.deepEqual(
      bytesAt(machine, memory + 0x20, 8),
      Array.from({ length: 8 }, () => 0),
    );
  });

  it('writes to IOVAs that were taken before', () => {
    const machine = machineFor(KERNEL);
    prepareMemoryMap(machine);
    const pool = new ObjectPool(machine);
    const [memory, given] = [0, 0].map(() => allocatePages(machine, 0, true)!) as [number, number];
    const state = Number(BigInt.asIntN(64, BigInt(machine.evaluate('(unsigned long)&state')!)));
    pool.view('dma_iova_state', state)!.set('addr', given);
    const symbol = machine.mainUnit.function('link')!;
    const args = [state, pageStructOf(machine, memory), 0n];
    const writes = deviceWrites(pool, [], { symbol, args, value: 0 }, 4);
    assert.deepEqual(writes, [{ memory: BigInt(memory), bytes: 4, first: 0 }]);
    assert.deepEqual(bytesAt(machine, given, 4), written(0, 4));
  });

  it('writes to a list in the order of its entries, joined or not', () => {
    const machine = machineFor(KERNEL);
    prepareMemoryMap(machine);
    const pool = new ObjectPool(machine);
    const memory = [0, 0].map(() => allocatePages(machine, 0, true)!);
    const given = allocatePages(machine, 0, true)!;
    const symbol = machine.mainUnit.function('map_list')!;
    const [list] = [machine.evaluate('(unsigned long)list')].map((at) =>
      Number(BigInt.asIntN(64, BigInt(at ?? 0))),
    ) as [number];
    const last = 2;
    memory.forEach((physical, i) => {
      const entry = pool.view('scatterlist', list + i * 32)!;
      entry.set('page_link', BigInt(pageStructOf(machine, physical) + i * last));
      entry.set('offset', 16);
      entry.set('length', 10 + i);
      // The first one stands for both.
      entry.set('dma_address', i === 0 ? given : 0);
      entry.set('dma_length', i === 0 ? 21 : 0);
    });
    const writes = deviceWrites(pool, [], { symbol, args: [list, 2], value: 1 }, 15);
    assert.deepEqual(writes, [
      { memory: BigInt(memory[0]! + 16), bytes: 10, first: 0 },
      { memory: BigInt(memory[1]! + 16), bytes: 5, first: 10 },
    ]);
    assert.deepEqual(bytesAt(machine, given, 16), [...written(0, 15), 0]);
  });
});
