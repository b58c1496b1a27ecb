import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import type { EntryReading } from '../common/entry.ts';

/*
 * Source of every bit in this file: Arm ARM (DDI 0487), "The VMSAv8-64 translation table format descriptors".
 */

const LAST_LEVEL = 3;
const DESCRIPTOR_BYTES_LG2 = 3;
const GRANULE_64K = 16;
const PAGE_LG2 = 12;

/** log2 of the bytes one descriptor of an Arm level (0 to 3) maps. */
export function levelLg2(level: number, granuleLg2: number): number {
  return granuleLg2 + (LAST_LEVEL - level) * (granuleLg2 - DESCRIPTOR_BYTES_LG2);
}

/** Arm levels at which a descriptor may be a block. Source: Arm ARM (DDI 0487), "Translation table descriptor formats". */
function mayBeBlock(level: number, granuleLg2: number): boolean {
  return level === 2 || (level === 1 && granuleLg2 === PAGE_LG2);
}

/** Output address of a descriptor; with 64 KiB pages bits 51:48 are kept in bits 15:12. */
function outputPfn(descriptor: Word64, lg2: number, granuleLg2: number): number {
  const low = getField(descriptor, 47, lg2) * 2 ** (lg2 - PAGE_LG2);
  return granuleLg2 === GRANULE_64K ? low + getField(descriptor, 15, 12) * 2 ** 36 : low;
}

/** What a descriptor can be: VMSAv8-64 has no present one that is invalid by itself. */
export type DescriptorReading = Exclude<EntryReading, { readonly kind: 'invalid' }>;

/**
 * Reads a VMSAv8-64 descriptor of either stage. `armLevel` counts from 0 at the top to 3 for pages; the levels of the
 * reading count as everywhere in the model.
 * Source: Arm ARM (DDI 0487), "The VMSAv8-64 translation table format descriptors".
 */
export function readDescriptor(
  descriptor: Word64,
  armLevel: number,
  granuleLg2: number,
  stage: 'first' | 'second',
): DescriptorReading {
  const type = getField(descriptor, 1, 0);
  const isPage = armLevel === LAST_LEVEL && type === 3;
  const isBlock = type === 1 && mayBeBlock(armLevel, granuleLg2);
  if (!isPage && !isBlock) {
    if (type !== 3 || armLevel === LAST_LEVEL) return { kind: 'empty' };
    const readOnly = stage === 'first' && hasBit(descriptor, 62);
    const pfn = outputPfn(descriptor, granuleLg2, granuleLg2);
    return {
      kind: 'table',
      pfn,
      nextLevel: LAST_LEVEL - armLevel - 1,
      read: true,
      write: !readOnly,
    };
  }
  const lg2 = levelLg2(armLevel, granuleLg2);
  const [read, write] =
    stage === 'first'
      ? [true, !hasBit(descriptor, 7)]
      : [hasBit(descriptor, 6), hasBit(descriptor, 7)];
  return { kind: 'leaf', pfn: outputPfn(descriptor, lg2, granuleLg2), lg2, read, write };
}
