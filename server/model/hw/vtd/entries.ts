import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';

/*
 * Root, context and PASID entries.
 * Source: Intel Virtualization Technology for Directed I/O, chapter "Translation Structure Formats".
 * Kernel: drivers/iommu/intel/iommu.h (struct root_entry, struct context_entry), pasid.h (struct pasid_entry).
 */

/** One half of a root entry: where a context table starts. Legacy mode uses the lower half only. */
export interface RootHalf {
  readonly present: boolean;
  readonly contextTable: number;
  readonly reserved: boolean;
}

/** Decodes one 64-bit half of a root entry. */
export function decodeRootHalf(word: Word64): RootHalf {
  return {
    present: hasBit(word, 0),
    contextTable: getField(word, 63, 12),
    reserved: getField(word, 11, 1) !== 0,
  };
}

/** Size of a root entry. Unit: bytes. */
export const ROOT_BYTES = 16;
/** Size of a context entry of legacy mode. Unit: bytes. */
export const LEGACY_CONTEXT_BYTES = 16;

/** A context entry of legacy mode, 128 bits. */
export interface LegacyContext {
  readonly present: boolean;
  readonly fpd: boolean;
  /** Translation type: 0 untranslated only, 1 with device IOTLB, 2 pass-through, 3 reserved. */
  readonly tt: number;
  readonly secondStageRoot: number;
  /** Address width code: levels less two. */
  readonly aw: number;
  readonly domainId: number;
}

/** Decodes a context entry of legacy mode. */
export function decodeLegacyContext([lo, hi]: readonly [Word64, Word64]): LegacyContext {
  return {
    present: hasBit(lo, 0),
    fpd: hasBit(lo, 1),
    tt: getField(lo, 3, 2),
    secondStageRoot: getField(lo, 63, 12),
    aw: getField(hi, 2, 0),
    domainId: getField(hi, 23, 8),
  };
}

/** A context entry of scalable mode, 256 bits. */
export interface ScalableContext {
  readonly present: boolean;
  readonly fpd: boolean;
  /** Device-TLB enable: translation requests and translated requests are allowed. */
  readonly dte: boolean;
  readonly pasidEnable: boolean;
  /** Size code of the PASID directory: 2^(n + 7) entries. */
  readonly pdts: number;
  readonly pasidDirectory: number;
  /** PASID of requests that carry none. Range: 20 bits. */
  readonly ridPasid: number;
}

/** Decodes a context entry of scalable mode. */
export function decodeScalableContext([lo, hi]: readonly [Word64, Word64]): ScalableContext {
  return {
    present: hasBit(lo, 0),
    fpd: hasBit(lo, 1),
    dte: hasBit(lo, 2),
    pasidEnable: hasBit(lo, 3),
    pdts: getField(lo, 11, 9),
    pasidDirectory: getField(lo, 63, 12),
    ridPasid: getField(hi, 19, 0),
  };
}

/** What a PASID table entry says is to be translated. Kernel: PASID_ENTRY_PGTT_*. */
export type Pgtt = 'first' | 'second' | 'nested' | 'pass-through' | 'reserved';

const PGTT: readonly Pgtt[] = ['reserved', 'first', 'second', 'nested', 'pass-through'];

/** A PASID table entry, 512 bits. */
export interface PasidEntry {
  readonly present: boolean;
  readonly fpd: boolean;
  readonly pgtt: Pgtt;
  /** Second-stage address width code: levels less two. */
  readonly aw: number;
  /** Second stage: hardware sets A and D. */
  readonly ssade: boolean;
  readonly secondStageRoot: number;
  readonly domainId: number;
  /** Page walks are snooped. */
  readonly pwsnp: boolean;
  /** Accesses are snooped by force. */
  readonly pgsnp: boolean;
  /** Supervisor requests are allowed. */
  readonly sre: boolean;
  /** First-stage levels less four: 0 or 1. */
  readonly flpm: number;
  /** Write protection for supervisor requests. */
  readonly wpe: boolean;
  readonly firstStageRoot: number;
}

/** 64-bit words of a PASID table entry. */
export const PASID_ENTRY_WORDS = 8;

/** Decodes a PASID table entry. */
export function decodePasidEntry(words: readonly Word64[]): PasidEntry {
  const [w0, w1, w2] = words as readonly [Word64, Word64, Word64];
  return {
    present: hasBit(w0, 0),
    fpd: hasBit(w0, 1),
    aw: getField(w0, 4, 2),
    pgtt: PGTT[getField(w0, 8, 6)] ?? 'reserved',
    ssade: hasBit(w0, 9),
    secondStageRoot: getField(w0, 63, 12),
    domainId: getField(w1, 15, 0),
    pwsnp: hasBit(w1, 23),
    pgsnp: hasBit(w1, 24),
    sre: hasBit(w2, 0),
    flpm: getField(w2, 3, 2),
    wpe: hasBit(w2, 4),
    firstStageRoot: getField(w2, 63, 12),
  };
}
