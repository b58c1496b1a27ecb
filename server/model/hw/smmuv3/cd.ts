import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import { addressField, granuleLg2, outputLg2, type Regime } from './ste.ts';

/*
 * Source of every bit in this file: Arm SMMUv3 (IHI 0070), "Context Descriptor". Kernel: arm-smmu-v3.h,
 * CTXDESC_CD_*.
 */

/**
 * A context descriptor, 512 bits.
 * Source: Arm SMMUv3 Architecture Specification (IHI 0070), "Context Descriptor".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, CTXDESC_CD_*.
 */
export interface Cd extends Regime {
  readonly v: boolean;
  readonly aa64: boolean;
  readonly endi: boolean;
  /** Walks through TTB0 are disabled. */
  readonly epd0: boolean;
  /** Walks through TTB1 are disabled. */
  readonly epd1: boolean;
  /** The top byte of addresses is ignored. */
  readonly tbi0: boolean;
  /** Hardware sets the access flag. */
  readonly ha: boolean;
  /** Hardware manages dirty state. */
  readonly hd: boolean;
  readonly stall: boolean;
  readonly record: boolean;
  readonly abort: boolean;
  /** Range: 16 bits. */
  readonly asid: number;
  readonly mair: Word64;
}

/** Decodes a context descriptor. */
export function decodeCd(words: readonly Word64[]): Cd {
  const [w0, w1, , w3] = words as readonly [Word64, Word64, Word64, Word64];
  return {
    v: hasBit(w0, 31),
    tsz: getField(w0, 5, 0),
    granuleLg2: granuleLg2(getField(w0, 7, 6)),
    outputLg2: outputLg2(getField(w0, 34, 32)),
    root: addressField(w1, 51, 4),
    aa64: hasBit(w0, 41),
    endi: hasBit(w0, 15),
    epd0: hasBit(w0, 14),
    epd1: hasBit(w0, 30),
    tbi0: hasBit(w0, 38),
    ha: hasBit(w0, 43),
    hd: hasBit(w0, 42),
    stall: hasBit(w0, 44),
    record: hasBit(w0, 45),
    abort: hasBit(w0, 46),
    asid: getField(w0, 63, 48),
    mair: w3,
  };
}
