import { physicalOfPage } from '../kernel/pages.ts';
import type { StructView } from '../machine/fields.ts';
import type { Machine } from '../machine/machine.ts';
import type { Value } from '../machine/values.ts';
import { pointerBits } from '../machine/values.ts';
import { askedMemory } from './askedMemory.ts';
import type { MadeCall } from './calls.ts';
import { leadsTo } from './leadsTo.ts';
import type { ObjectPool } from './objects.ts';
import type { Probe } from './probe.ts';
import type { DeviceWrite } from './situation.ts';
import { typeText } from './stated.ts';

/** The byte that a device writes as its n-th: never zero, and other than its neighbours. */
export function writtenByte(n: number): number {
  return 1 + (n % 255);
}

/** A stretch of addresses: physical, or what a device uses. */
export interface Stretch {
  readonly start: bigint;
  readonly bytes: number;
}

/**
 * Lets a device write through what a call of the DMA API has mapped: an address, or a list, of which it writes the
 * first bytes. Gives the memory that is meant.
 */
export function deviceWrites(
  pool: ObjectPool,
  probes: readonly Probe[],
  made: MadeCall,
  bytes: number,
): DeviceWrite[] {
  const { machine } = pool;
  const { symbol, args, value } = made;
  const parameters = symbol?.type.parameters ?? [];
  const list = args[parameters.findIndex(({ type }) => typeText(type) === 'struct scatterlist *')];
  const memory = askedMemory(machine, parameters, args);
  if (list === undefined && memory === undefined) return [];
  const mapped =
    list === undefined
      ? { meant: [{ start: memory!, bytes }], used: [{ start: givenTo(pool, made), bytes }] }
      : listEntries(pool, Number(list), Number(value));
  let written = 0;
  for (const { start, bytes: length } of mapped.used) {
    for (let i = 0; i < length && written < bytes; i++, written++) {
      const at = reached(machine, probes, start + BigInt(i));
      if (at !== undefined) machine.memory.storeSmall(at, 1, writtenByte(written));
    }
  }
  let first = 0;
  return mapped.meant.map(({ start, bytes: length }) => {
    const write = { memory: start, bytes: Math.max(0, Math.min(length, bytes - first)), first };
    first += length;
    return write;
  });
}

/** The address that a device was given: what the call returned, or where IOVAs begin that were taken before it. */
function givenTo(pool: ObjectPool, { symbol, args, value }: MadeCall): bigint {
  const types = symbol?.type.parameters.map(({ type }) => typeText(type)) ?? [];
  const state = args[types.indexOf('struct dma_iova_state *')];
  if (state === undefined) return bitsOf(value);
  return bitsOf(pool.view('dma_iova_state', Number(state))?.get('addr'));
}

/** Address in the direct map that a device reaches. */
function reached(machine: Machine, probes: readonly Probe[], address: bigint): number | undefined {
  const [probe] = probes;
  const physical = probe === undefined ? address : leadsTo(machine, probe, address);
  return physical === undefined ? undefined : machine.directMap + Number(physical);
}

/** Of a mapped list: the memory of its entries, and what the device uses for it, which may be fewer stretches. */
export function listEntries(
  pool: ObjectPool,
  list: number,
  count: number,
): { readonly meant: readonly Stretch[]; readonly used: readonly Stretch[] } {
  const size = pool.unitOf('scatterlist')!.aggregate('scatterlist')!.layout!.size;
  const entries: StructView[] = [];
  for (let at = list; ; at += size) {
    const entry = pool.view('scatterlist', at)!;
    entries.push(entry);
    if ((bitsOf(entry.get('page_link')) & SG_END) !== 0n) break;
  }
  const stretch = (start: bigint, length: Value): Stretch => ({ start, bytes: Number(length) });
  return {
    meant: entries.map((entry) => {
      const page = Number(BigInt.asIntN(64, bitsOf(entry.get('page_link')) & ~SG_FLAGS));
      const physical = BigInt(physicalOfPage(pool.machine, page)) + bitsOf(entry.get('offset'));
      return stretch(physical, entry.get('length'));
    }),
    used: entries
      .slice(0, count)
      .map((entry) =>
        stretch(
          bitsOf(entry.get('dma_address')),
          entry.get(entry.has('dma_length') ? 'dma_length' : 'length'),
        ),
      ),
  };
}

/** Bits of `page_link` (include/linux/scatterlist.h): the entry is the last one; it is no page at all. */
const SG_END = 2n;
const SG_FLAGS = 3n;

function bitsOf(value: Value): bigint {
  return value === undefined ? 0n : pointerBits(value);
}
