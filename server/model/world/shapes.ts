import type { Word64 } from '../bits/pte64.ts';
import type { EntryReading, TableShape } from '../hw/common/entry.ts';
import { hostItemLg2, readHostEntry } from '../hw/amd/hostEntry.ts';
import { readX86Entry, x86ItemLg2 } from '../hw/common/x86Entry.ts';
import { readPte } from '../hw/riscv/pte.ts';
import type { Capabilities } from '../hw/riscv/registers.ts';
import { levelLg2, readDescriptor } from '../hw/smmuv3/descriptor.ts';
import { readSecondEntry, secondItemLg2 } from '../hw/vtd/secondEntry.ts';

const ITEMS = 512;
const ARM_LAST_LEVEL = 3;
/** Bits of physical addresses that the hardware of scenarios implements. */
const PHYSICAL_BITS = 52;

/** The hardware's reading of a format by its name, or undefined for a format no modelled hardware walks. */
export function shapeOf(
  format: string,
  parts: {
    readonly encryptionPfn: number;
    readonly granuleLg2: number;
    readonly caps: Capabilities;
  },
): TableShape | undefined {
  switch (format) {
    case 'amdv1':
      return {
        items: ITEMS,
        itemLg2: hostItemLg2,
        read: (entry, level) => readHostEntry(entry, level, parts.encryptionPfn),
      };
    case 'x86_64':
      return { items: ITEMS, itemLg2: x86ItemLg2, read: readX86Entry };
    case 'vtdss':
      return {
        items: ITEMS,
        itemLg2: secondItemLg2,
        read: (entry, level) => readSecondEntry(entry, level, PHYSICAL_BITS),
      };
    case 'riscv_64':
      return {
        items: ITEMS,
        itemLg2: x86ItemLg2,
        read: (entry, level) => riscvReading(entry, level, parts.caps),
      };
    case 'arm_64_lpae_s1':
    case 'arm_64_lpae_s2': {
      const stage = format.endsWith('s1') ? 'first' : 'second';
      return {
        items: 2 ** (parts.granuleLg2 - 3),
        itemLg2: (level) => levelLg2(ARM_LAST_LEVEL - level, parts.granuleLg2),
        read: (entry, level) =>
          readDescriptor(entry, ARM_LAST_LEVEL - level, parts.granuleLg2, stage),
      };
    }
    default:
      return undefined;
  }
}

function riscvReading(entry: Word64, level: number, caps: Capabilities): EntryReading {
  if ((entry.lo & 1) === 0) return { kind: 'empty' };
  const reading = readPte(entry, level, caps);
  switch (reading.kind) {
    case 'invalid':
      return { kind: 'invalid', why: 'a reserved bit or combination' };
    case 'table':
      return { kind: 'table', pfn: reading.ppn, nextLevel: level - 1, read: true, write: true };
    case 'leaf':
      return {
        kind: 'leaf',
        pfn: reading.ppn,
        lg2: reading.pageLg2,
        read: reading.read,
        write: reading.write,
      };
  }
}
