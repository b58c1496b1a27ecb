import { contentOf } from '../../model/cc/sme.ts';
import type { SimulatedMemory } from '../../simulate/compare/result/simulation.ts';
import type { ViewEntry, ViewMemory } from './view.ts';

/**
 * What a leaf leads to on a host that encrypts its RAM, and whether its C-bit is right for that (I-CC-2). Undefined of
 * entries that are no leaves, and of memory of which the situation says nothing.
 */
export function memoryBehind(
  { kind, to, bytes, bits }: ViewEntry,
  encryptionBit: number,
  memory: readonly SimulatedMemory[],
): ViewMemory | undefined {
  if (kind !== 'leaf' || to === undefined || BigInt(bytes) === 0n) return undefined;
  const [first, last] = [BigInt(to), BigInt(to) + BigInt(bytes) - 1n];
  const found = memory.filter((span) => BigInt(span.first) <= last && BigInt(span.last) >= first);
  const [use, ...others] = new Set(found.map((span) => span.kind));
  if (use === undefined) return undefined;
  const isSet = ((BigInt(bits) >> BigInt(encryptionBit)) & 1n) === 1n;
  const bit = `C=${isSet ? 1 : 0}`;
  if (others.length > 0) {
    return { kind: 'mixed', name: 'RAM and MMIO', says: `${bit} for both`, isWrong: true };
  }
  const content = contentOf(isSet, { use, cpuEncrypted: use === 'ram' });
  const name = use === 'ram' ? 'RAM' : 'MMIO';
  const says = `${bit}${content.kind === 'plain' ? RIGHT[use] : EFFECTS[content.kind]}`;
  return { kind: use, name, says, isWrong: content.kind !== 'plain' };
}

/** What comes of the bit, where it is wrong. */
const EFFECTS = { ciphertext: ': ciphertext', 'wrong-target': ': as address' } as const;

/** What it means, where it is right. */
const RIGHT = { ram: ' encrypted', mmio: ' plain' } as const;
