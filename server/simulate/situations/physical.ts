import type { Machine } from '../machine/machine.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { placeUnderReview } from '../machine/whereabouts.ts';
import type { PhysicalSpec } from './spec.ts';

/** A store of the C into RAM that it does not own. */
export interface RamWrite {
  /** Physical address. Unit: bytes. */
  readonly physical: number;
  /** Unit: bytes. */
  readonly size: number;
  /** The C function that wrote. */
  readonly by: string;
  /** Where in the file under review, or else in the innermost C file. */
  readonly place: StackEntry | undefined;
}

/** The word at an index of RAM that looks like page-table entries: distinct, present, leading where no memory is. */
export function entryLikeWord(index: number): bigint {
  return 0x3000000003n + BigInt(index) * 0x1000n;
}

/** Bytes that are not zero, and no two neighbours equal. */
export function fillBytes({ memory }: Machine, start: number, size: number): void {
  for (let i = 0; i < size; i++) memory.storeSmall(start + i, 1, (i % 251) + 1);
}

/** Puts RAM in place and collects every store into it, buffers aside. */
export function makePhysical(machine: Machine, specs: readonly PhysicalSpec[]): RamWrite[] {
  const writes: RamWrite[] = [];
  for (const { start: physical, bytes: size, fill, buffer } of specs) {
    const start = machine.directMap + physical;
    const kind = buffer === true ? 'buffer' : 'pages';
    machine.memory.back({ kind, name: 'RAM', start, size, physical }, 'zero');
    if (fill === 'entries') {
      for (let i = 0; i < size / 8; i++) machine.memory.store64(start + i * 8, entryLikeWord(i));
    }
    if (fill === 'bytes') fillBytes(machine, start, size);
    if (buffer === true) continue;
    machine.memory.watch(start, size, (address, bytes) => {
      const at = address - machine.directMap;
      if (at < physical || at >= physical + size) return;
      const by = machine.frame?.callable.name ?? 'outside';
      writes.push({ physical: at, size: bytes, by, place: placeUnderReview(machine) });
    });
  }
  return writes;
}
