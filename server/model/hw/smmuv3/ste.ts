import { addr, type Addr } from '../../bits/pfn.ts';
import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';

/*
 * Source of every bit in this file: Arm SMMUv3 (IHI 0070), "Stream Table Entry". Kernel: arm-smmu-v3.h, STRTAB_*.
 */

/** What a stream table entry configures. Kernel: STRTAB_STE_0_CFG_*. */
export type SteConfig = 'abort' | 'bypass' | 'stage1' | 'stage2' | 'nested' | 'reserved';

/** Parameters of a translation regime: VMSAv8-64 tables. */
export interface Regime {
  /** 64 less the width of the input address. */
  readonly tsz: number;
  /** log2 of the granule; undefined for the reserved encoding. */
  readonly granuleLg2: number | undefined;
  /** Width of the output address. Unit: bits; undefined for a reserved encoding. */
  readonly outputLg2: number | undefined;
  readonly root: Addr;
}

/**
 * A stream table entry, 512 bits.
 * Source: Arm SMMUv3 Architecture Specification (IHI 0070), "Stream Table Entry".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, STRTAB_STE_*.
 */
export interface Ste {
  readonly v: boolean;
  readonly config: SteConfig;
  /** Shape of the context descriptor table: linear, or two levels with this many descriptors in a leaf. */
  readonly cdLeaf: 'linear' | 64 | 1024 | 'reserved';
  readonly cdTable: Addr;
  /** log2 of the number of context descriptors. */
  readonly cdMaxLg2: number;
  /** Transactions without substream id, when there are several descriptors. */
  readonly s1dss: 'terminate' | 'bypass' | 'ssid0' | 'reserved';
  readonly s1Stalld: boolean;
  readonly stage2: Regime & {
    /** Encodes the start level. */
    readonly sl0: number;
    readonly vmid: number;
    readonly aa64: boolean;
    readonly endi: boolean;
    /** Accesses to Device memory by the first stage's walks fault. */
    readonly ptw: boolean;
    readonly stall: boolean;
    readonly record: boolean;
    readonly fwb: boolean;
  };
}

/** 64-bit words of a stream table entry and of a context descriptor. */
export const STE_WORDS = 8;

const CONFIG: Readonly<Record<number, SteConfig>> = {
  0: 'abort',
  4: 'bypass',
  5: 'stage1',
  6: 'stage2',
  7: 'nested',
};
const CD_LEAF = ['linear', 64, 1024, 'reserved'] as const;
const DSS = ['terminate', 'bypass', 'ssid0', 'reserved'] as const;
const GRANULE: readonly (number | undefined)[] = [12, 16, 14, undefined];
const OUTPUT: readonly (number | undefined)[] = [32, 36, 40, 42, 44, 48, 52, undefined];

/** log2 of the granule by TG0 or S2TG. */
export function granuleLg2(tg: number): number | undefined {
  return GRANULE[tg];
}

/** Width of the output address by IPS or S2PS. */
export function outputLg2(ps: number): number | undefined {
  return OUTPUT[ps];
}

/** The address in bits `last` down to `first` of a word, at its place. */
export function addressField(word: Word64, last: number, first: number): Addr {
  const lowest = Math.max(first, 12);
  const pfn = getField(word, last, lowest) * 2 ** (lowest - 12);
  return addr(pfn, first < 12 ? getField(word, 11, first) * 2 ** first : 0);
}

/** Decodes a stream table entry. */
export function decodeSte(words: readonly Word64[]): Ste {
  const [w0, w1, w2, w3] = words as readonly [Word64, Word64, Word64, Word64];
  return {
    v: hasBit(w0, 0),
    config: CONFIG[getField(w0, 3, 1)] ?? 'reserved',
    cdLeaf: CD_LEAF[getField(w0, 5, 4)]!,
    cdTable: addressField(w0, 51, 6),
    cdMaxLg2: getField(w0, 63, 59),
    s1dss: DSS[getField(w1, 1, 0)]!,
    s1Stalld: hasBit(w1, 27),
    stage2: {
      tsz: getField(w2, 37, 32),
      sl0: getField(w2, 39, 38),
      granuleLg2: granuleLg2(getField(w2, 47, 46)),
      outputLg2: outputLg2(getField(w2, 50, 48)),
      root: addressField(w3, 51, 4),
      vmid: getField(w2, 15, 0),
      aa64: hasBit(w2, 51),
      endi: hasBit(w2, 52),
      ptw: hasBit(w2, 54),
      stall: hasBit(w2, 57),
      record: hasBit(w2, 58),
      fwb: hasBit(w1, 25),
    },
  };
}
