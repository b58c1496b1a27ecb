import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';

/*
 * Source of every bit in this file: RISC-V IOMMU Architecture Specification 1.0, chapter "Memory-mapped register
 * interface". Kernel: drivers/iommu/riscv/iommu-bits.h, RISCV_IOMMU_CAPABILITIES_*.
 */

/** What one IOMMU implements: the fields of the capabilities register that the model uses. */
export interface Capabilities {
  readonly sv32: boolean;
  readonly sv39: boolean;
  readonly sv48: boolean;
  readonly sv57: boolean;
  /** Bits 60:59 of PTEs belong to software. */
  readonly svrsw60t59b: boolean;
  /** Page-based memory types in PTE bits 62:61. */
  readonly svpbmt: boolean;
  readonly sv32x4: boolean;
  readonly sv39x4: boolean;
  readonly sv48x4: boolean;
  readonly sv57x4: boolean;
  /** MSI page tables in flat mode; device contexts then are 64 bytes. */
  readonly msiFlat: boolean;
  /** Atomic update of A and D bits. */
  readonly amoHwad: boolean;
  readonly ats: boolean;
  /** ATS may return guest physical addresses. */
  readonly t2gpa: boolean;
  /** Both byte orders. */
  readonly end: boolean;
  /** Width of physical addresses. Unit: bits. Range: 0 to 56. */
  readonly pas: number;
  readonly pd8: boolean;
  readonly pd17: boolean;
  readonly pd20: boolean;
  readonly qosid: boolean;
  /** Invalidations may ask for non-leaf entries with an address. */
  readonly nl: boolean;
  /** Invalidations may name a range. */
  readonly s: boolean;
}

/** Decodes the capabilities register. */
export function capabilities(register: Word64): Capabilities {
  return {
    sv32: hasBit(register, 8),
    sv39: hasBit(register, 9),
    sv48: hasBit(register, 10),
    sv57: hasBit(register, 11),
    svrsw60t59b: hasBit(register, 14),
    svpbmt: hasBit(register, 15),
    sv32x4: hasBit(register, 16),
    sv39x4: hasBit(register, 17),
    sv48x4: hasBit(register, 18),
    sv57x4: hasBit(register, 19),
    msiFlat: hasBit(register, 22),
    amoHwad: hasBit(register, 24),
    ats: hasBit(register, 25),
    t2gpa: hasBit(register, 26),
    end: hasBit(register, 27),
    pas: getField(register, 37, 32),
    pd8: hasBit(register, 38),
    pd17: hasBit(register, 39),
    pd20: hasBit(register, 40),
    qosid: hasBit(register, 41),
    nl: hasBit(register, 42),
    s: hasBit(register, 43),
  };
}

/** The features-control register. */
export interface FeatureControl {
  /** Memory structures are big-endian. */
  readonly be: boolean;
  /** Second-stage page tables are those of RV32. */
  readonly gxl: boolean;
}

/** Decodes the fctl register. */
export function featureControl(register: Word64): FeatureControl {
  return { be: hasBit(register, 0), gxl: hasBit(register, 2) };
}

/** Mode of the device directory. `reserved` is what no IOMMU can be set to. */
export type DdtMode = 'off' | 'bare' | 1 | 2 | 3 | 'reserved';

/** The device-directory-table pointer. */
export interface Ddtp {
  readonly mode: DdtMode;
  /** Page of the root. Range: 44 bits. */
  readonly ppn: number;
}

const DDT_MODES: readonly DdtMode[] = ['off', 'bare', 1, 2, 3];

/** Decodes the ddtp register. */
export function ddtp(register: Word64): Ddtp {
  return {
    mode: DDT_MODES[getField(register, 3, 0)] ?? 'reserved',
    ppn: getField(register, 53, 10),
  };
}

/** Page-table mode by its encoding in iosatp and iohgatp: number of levels, 0 for Bare. */
export type StageMode = 0 | 3 | 4 | 5;

const STAGE_LEVELS: Readonly<Record<number, StageMode>> = { 0: 0, 8: 3, 9: 4, 10: 5 };

/** Levels of a first stage of RV64, or undefined where the encoding is reserved or not implemented. */
export function firstStageMode(encoding: number, caps: Capabilities): StageMode | undefined {
  return implemented(STAGE_LEVELS[encoding], caps.sv39, caps.sv48, caps.sv57);
}

/** Levels of a second stage of RV64, or undefined where the encoding is reserved or not implemented. */
export function secondStageMode(encoding: number, caps: Capabilities): StageMode | undefined {
  return implemented(STAGE_LEVELS[encoding], caps.sv39x4, caps.sv48x4, caps.sv57x4);
}

function implemented(
  mode: StageMode | undefined,
  three: boolean,
  four: boolean,
  five: boolean,
): StageMode | undefined {
  switch (mode) {
    case 3:
      return three ? mode : undefined;
    case 4:
      return four ? mode : undefined;
    case 5:
      return five ? mode : undefined;
    default:
      return mode;
  }
}
