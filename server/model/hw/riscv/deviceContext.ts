import { getField, hasBit, type Word64 } from '../../bits/pte64.ts';
import {
  firstStageMode,
  secondStageMode,
  type Capabilities,
  type FeatureControl,
  type StageMode,
} from './registers.ts';

/** Root of a page table: levels (0 for Bare) and the page it starts at. */
export interface StageRoot {
  readonly levels: StageMode;
  readonly ppn: number;
}

/** Levels of a process directory: PD8, PD17, PD20; 0 for Bare. */
export type PdtLevels = 0 | 1 | 2 | 3;

/** A device context, decoded and known to be valid. */
export interface DeviceContext {
  readonly enAts: boolean;
  readonly t2gpa: boolean;
  /** DC.tc.DTF: faults of this device's translations are not reported. */
  readonly dtf: boolean;
  readonly gade: boolean;
  readonly sade: boolean;
  readonly dpe: boolean;
  readonly secondStage: StageRoot;
  /** Range: 16 bits. */
  readonly gscid: number;
  /** Range: 20 bits. */
  readonly pscid: number;
  /** What DC.fsc holds: a first-stage root, or with PDTV a process directory. */
  readonly fsc:
    | { readonly kind: 'iosatp'; readonly root: StageRoot }
    | { readonly kind: 'pdtp'; readonly levels: PdtLevels; readonly ppn: number };
  /** MSI address matching is on; writes into its window are not modelled. */
  readonly msi: boolean;
}

/** Words of a device context in the base format. Unit: 64-bit words. */
export const BASE_WORDS = 4;
/** Words of a device context in the extended format, used when MSI page tables are implemented. */
export const EXTENDED_WORDS = 8;

/*
 * Bits and the list of misconfigurations below: RISC-V IOMMU Architecture Specification 1.0, section "Device-context
 * fields" and "Device-context configuration checks". Kernel: drivers/iommu/riscv/iommu-bits.h, RISCV_IOMMU_DC_*.
 */

/** DC.tc.V of the first word. */
export function isValidContext(tc: Word64): boolean {
  return hasBit(tc, 0);
}

/** Decodes a device context; undefined when it is misconfigured for this IOMMU. The caller has tested DC.tc.V. */
export function decodeDeviceContext(
  dc: readonly Word64[],
  caps: Capabilities,
  fctl: FeatureControl,
): DeviceContext | undefined {
  const [tc, iohgatp, ta, fsc] = dc as readonly [Word64, Word64, Word64, Word64];
  if (hasReservedBits(dc, caps) || !controlsAgree(tc, iohgatp, caps, fctl)) return undefined;

  const secondLevels = secondStageMode(getField(iohgatp, 63, 60), caps);
  const rootPpn = getField(iohgatp, 43, 0);
  if (secondLevels === undefined) return undefined;
  // The root of a second stage is four pages, aligned to its size.
  if (secondLevels !== 0 && rootPpn % 4 !== 0) return undefined;

  const first = decodeFsc(fsc, hasBit(tc, 5), caps);
  if (first === undefined) return undefined;
  return {
    enAts: hasBit(tc, 1),
    t2gpa: hasBit(tc, 3),
    dtf: hasBit(tc, 4),
    gade: hasBit(tc, 7),
    sade: hasBit(tc, 8),
    dpe: hasBit(tc, 9),
    secondStage: { levels: secondLevels, ppn: rootPpn },
    gscid: getField(iohgatp, 59, 44),
    pscid: getField(ta, 31, 12),
    fsc: first,
    msi: caps.msiFlat && getField(dc[4]!, 63, 60) !== 0,
  };
}

function hasReservedBits(dc: readonly Word64[], caps: Capabilities): boolean {
  const [tc, , ta, fsc] = dc as readonly [Word64, Word64, Word64, Word64];
  // tc 31:24 are for custom use.
  if (getField(tc, 23, 12) !== 0 || getField(tc, 63, 32) !== 0) return true;
  if (getField(ta, 11, 0) !== 0 || getField(ta, 39, 32) !== 0) return true;
  // RCID and MCID exist only with quality-of-service identifiers.
  if (!caps.qosid && getField(ta, 63, 40) !== 0) return true;
  if (getField(fsc, 59, 44) !== 0) return true;
  if (!caps.msiFlat) return false;
  const [msiptp, mask, pattern, reserved] = dc.slice(BASE_WORDS) as [
    Word64,
    Word64,
    Word64,
    Word64,
  ];
  return (
    getField(msiptp, 59, 44) !== 0 ||
    getField(msiptp, 63, 60) > 1 ||
    getField(mask, 63, 52) !== 0 ||
    getField(pattern, 63, 52) !== 0 ||
    (reserved.lo | reserved.hi) !== 0
  );
}

function controlsAgree(
  tc: Word64,
  iohgatp: Word64,
  caps: Capabilities,
  fctl: FeatureControl,
): boolean {
  const enAts = hasBit(tc, 1);
  const enPri = hasBit(tc, 2);
  const t2gpa = hasBit(tc, 3);
  const pdtv = hasBit(tc, 5);
  const prpr = hasBit(tc, 6);
  const gade = hasBit(tc, 7);
  const sade = hasBit(tc, 8);
  const dpe = hasBit(tc, 9);
  const sbe = hasBit(tc, 10);
  const sxl = hasBit(tc, 11);
  if (!caps.ats && (enAts || enPri || prpr)) return false;
  if (!enAts && (t2gpa || enPri)) return false;
  if (!enPri && prpr) return false;
  if (t2gpa && (!caps.t2gpa || getField(iohgatp, 63, 60) === 0)) return false;
  if (!pdtv && dpe) return false;
  if (!caps.amoHwad && (sade || gade)) return false;
  if (!caps.end && sbe !== fctl.be) return false;
  // Without RV32 page tables SXL has nothing to choose and equals GXL.
  return sxl === fctl.gxl || (caps.sv32 && !fctl.gxl);
}

function decodeFsc(
  fsc: Word64,
  isDirectory: boolean,
  caps: Capabilities,
): DeviceContext['fsc'] | undefined {
  const encoding = getField(fsc, 63, 60);
  const ppn = getField(fsc, 43, 0);
  if (!isDirectory) {
    const levels = firstStageMode(encoding, caps);
    return levels === undefined ? undefined : { kind: 'iosatp', root: { levels, ppn } };
  }
  const implemented = [true, caps.pd8, caps.pd17, caps.pd20];
  if (implemented[encoding] !== true) return undefined;
  return { kind: 'pdtp', levels: encoding as PdtLevels, ppn };
}
