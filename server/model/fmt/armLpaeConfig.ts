import { addr } from '../bits/pfn.ts';
import { largestUpTo, pgSizes, smallestAbove, type PgSizes } from '../bits/pgSizes.ts';
import { and, isZero, or, parseWord, type Word64 } from '../bits/pte64.ts';
import { ARM_LEVELS, QUIRK, type ArmFormat, type ArmRegisters } from './armLpae.ts';
import { maliRegisters } from './mali.ts';
import { cited } from './source.ts';

const ARM_C = 'drivers/iommu/io-pgtable-arm.c';
const ARM_H = 'drivers/iommu/io-pgtable-arm.h';

/** What a driver asks for. Kernel: struct io_pgtable_cfg. */
export interface ArmConfig {
  readonly quirks: number;
  readonly pgsizes: PgSizes;
  /** Bits of input addresses. Unit: lg2 bytes. */
  readonly ias: number;
  /** Bits of output addresses. Unit: lg2 bytes. */
  readonly oas: number;
  /** Whether the walker snoops CPU caches. Kernel: coherent_walk. */
  readonly walks: 'coherent' | 'incoherent';
}

/** The shape of a table after the kernel has settled granule, levels and top. Kernel: struct arm_lpae_io_pgtable. */
export interface ArmGeometry {
  readonly config: ArmConfig;
  readonly granuleLg2: number;
  readonly bitsPerLevel: number;
  /** ARM level of the top table. */
  readonly startLevel: number;
  /** log2 of the entries of the top, concatenated tables included. */
  readonly pgdBits: number;
}

const PAGE_LG2 = cited(12, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_16K = cited(14, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_64K = cited(16, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_2M = cited(21, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_32M = cited(25, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_512M = cited(29, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_1G = cited(30, ARM_C, 'arm_lpae_restrict_pgsizes');
const LG2_4T = cited(42, ARM_C, 'arm_lpae_restrict_pgsizes');
const NARROW = cited(48, ARM_C, 'arm_lpae_restrict_pgsizes');
const WIDE = cited(52, ARM_C, 'ARM_LPAE_MAX_ADDR_BITS');
const ENTRY_LG2 = cited(3, ARM_C, 'ARM_LPAE_LVL_SHIFT');
const MAX_CONCATENATED = cited(16, ARM_C, 'ARM_LPAE_S2_MAX_CONCAT_PAGES');
const IAS_BITS = cited(64, ARM_C, 'arm_64_lpae_alloc_pgtable_s1');
const CONCAT_16K = cited(48, ARM_C, 'arm_lpae_concat_mandatory');
const CONCAT_40 = cited(40, ARM_C, 'arm_lpae_concat_mandatory');
const CONCAT_42 = cited(42, ARM_C, 'arm_lpae_concat_mandatory');

const SIZES_4K = pgSizes(PAGE_LG2, LG2_2M, LG2_1G);
const GRANULES = pgSizes(PAGE_LG2, LG2_16K, LG2_64K);

const SH_OUTER = cited(2, ARM_H, 'ARM_LPAE_TCR_SH_OS');
const SH_INNER = cited(3, ARM_H, 'ARM_LPAE_TCR_SH_IS');
const RGN_NC = cited(0, ARM_H, 'ARM_LPAE_TCR_RGN_NC');
const RGN_WBWA = cited(1, ARM_H, 'ARM_LPAE_TCR_RGN_WBWA');

/** TCR.TG by granule, for the lower (TG0) and the upper (TG1) half of the address space. */
const TG0: ReadonlyMap<number, number> = new Map([
  [PAGE_LG2, cited(0, ARM_H, 'ARM_LPAE_TCR_TG0_4K')],
  [LG2_64K, cited(1, ARM_H, 'ARM_LPAE_TCR_TG0_64K')],
  [LG2_16K, cited(2, ARM_H, 'ARM_LPAE_TCR_TG0_16K')],
]);
const TG1: ReadonlyMap<number, number> = new Map([
  [LG2_16K, cited(1, ARM_H, 'ARM_LPAE_TCR_TG1_16K')],
  [PAGE_LG2, cited(2, ARM_H, 'ARM_LPAE_TCR_TG1_4K')],
  [LG2_64K, cited(3, ARM_H, 'ARM_LPAE_TCR_TG1_64K')],
]);

/** The output sizes that have a code, and the code. */
const PS: ReadonlyMap<number, number> = new Map([
  [cited(32, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(0, ARM_H, 'ARM_LPAE_TCR_PS_32_BIT')],
  [cited(36, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(1, ARM_H, 'ARM_LPAE_TCR_PS_36_BIT')],
  [cited(40, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(2, ARM_H, 'ARM_LPAE_TCR_PS_40_BIT')],
  [cited(42, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(3, ARM_H, 'ARM_LPAE_TCR_PS_42_BIT')],
  [cited(44, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(4, ARM_H, 'ARM_LPAE_TCR_PS_44_BIT')],
  [cited(48, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(5, ARM_H, 'ARM_LPAE_TCR_PS_48_BIT')],
  [cited(52, ARM_C, 'arm_64_lpae_alloc_pgtable_s1'), cited(6, ARM_H, 'ARM_LPAE_TCR_PS_52_BIT')],
]);

/** Attributes 0 to 3: not cached, cached, device, cached outside only. The kernel's sum overflows int: all ones above. */
const MAIR: Word64 = parseWord('0xfffffffff404ff44')!;
const SL0_MASK = cited(0x3, ARM_C, 'ARM_LPAE_VTCR_SL0_MASK');

/**
 * Settles a table's shape, or gives `undefined` where the kernel refuses the configuration.
 * Kernel: arm_*_lpae_alloc_pgtable*() up to the allocation of the top.
 */
export function armGeometry(format: ArmFormat, wanted: ArmConfig): ArmGeometry | undefined {
  if (wanted.ias > format.maxIas || wanted.oas > format.maxOas) return undefined;
  if ((wanted.quirks & ~format.quirks) !== 0) return undefined;
  const asked = format.only4K ? { ...wanted, pgsizes: and(wanted.pgsizes, SIZES_4K) } : wanted;
  const config = restrictSizes(asked);
  if (isZero(and(config.pgsizes, GRANULES))) return undefined;

  const granuleLg2 = smallestAbove(config.pgsizes, -1);
  const bitsPerLevel = granuleLg2 - ENTRY_LG2;
  const vaBits = config.ias - granuleLg2;
  // DIV_ROUND_UP() on a signed number: an input size below the granule gives no level at all.
  const levels = Math.trunc((vaBits + bitsPerLevel - 1) / bitsPerLevel);
  const geometry: ArmGeometry = {
    config,
    granuleLg2,
    bitsPerLevel,
    startLevel: ARM_LEVELS - levels,
    pgdBits: vaBits - bitsPerLevel * (levels - 1),
  };
  if (format.stage === 'mali') {
    // Mali walks four levels whatever the input size.
    return geometry.startLevel > 0 ? { ...geometry, startLevel: 0, pgdBits: 0 } : geometry;
  }
  const outerWbwa = (config.quirks & QUIRK.ARM_OUTER_WBWA) !== 0;
  if (outerWbwa && config.walks === 'coherent') return undefined;
  const settled = format.stage === 's2' ? concatenate(geometry) : geometry;
  if (settled === undefined || !PS.has(config.oas)) return undefined;
  return settled;
}

/**
 * Chooses the granule, the CPU's where possible, and drops sizes and address bits that do not go with it.
 * Kernel: arm_lpae_restrict_pgsizes().
 */
function restrictSizes(config: ArmConfig): ArmConfig {
  const { pgsizes, ias, oas } = config;
  const smaller = largestUpTo(pgsizes, PAGE_LG2);
  const granule = smaller >= 0 ? smaller : smallestAbove(pgsizes, PAGE_LG2);
  const width = granule === LG2_64K ? WIDE : NARROW;
  return {
    ...config,
    pgsizes: and(pgsizes, sizesOfGranule(granule, oas)),
    ias: Math.min(ias, width),
    oas: Math.min(oas, width),
  };
}

function sizesOfGranule(granuleLg2: number, oas: number): PgSizes {
  if (granuleLg2 === PAGE_LG2) return SIZES_4K;
  if (granuleLg2 === LG2_16K) return pgSizes(LG2_16K, LG2_32M);
  if (granuleLg2 !== LG2_64K) return pgSizes();
  const sizes = pgSizes(LG2_64K, LG2_512M);
  return oas > NARROW ? or(sizes, pgSizes(LG2_4T)) : sizes;
}

/**
 * Replaces the top level of stage 2 by up to 16 tables of the next one where the architecture demands it.
 * Gives `undefined` when there would be more. Kernel: arm_lpae_concat_mandatory().
 */
function concatenate(geometry: ArmGeometry): ArmGeometry | undefined {
  const { startLevel, pgdBits, bitsPerLevel, granuleLg2, config } = geometry;
  const { ias, oas } = config;
  const mandatory =
    startLevel === 0
      ? granuleLg2 === LG2_16K
        ? oas === CONCAT_16K || ias === CONCAT_16K
        : granuleLg2 === PAGE_LG2 && (oas === CONCAT_40 || oas === CONCAT_42)
      : granuleLg2 === LG2_16K && startLevel === 1 && oas === CONCAT_40;
  if (!mandatory) return geometry;
  if (1 << pgdBits > MAX_CONCATENATED) return undefined;
  return { ...geometry, startLevel: startLevel + 1, pgdBits: pgdBits + bitsPerLevel };
}

/** Registers for a table whose top is at a page. Kernel: the arm_lpae_*_cfg members of struct io_pgtable_cfg. */
export function armRegisters(
  format: ArmFormat,
  geometry: ArmGeometry,
  pgdPfn: number,
): ArmRegisters {
  const { config, granuleLg2, startLevel } = geometry;
  const coherent = config.walks === 'coherent';
  if (format.stage === 'mali') return maliRegisters(pgdPfn, coherent ? 'coherent' : 'incoherent');
  const inner = coherent ? RGN_WBWA : RGN_NC;
  const sh = coherent ? SH_INNER : SH_OUTER;
  const ps = PS.get(config.oas)!;
  const tsz = IAS_BITS - config.ias;
  if (format.stage === 's2') {
    // SL0 counts from another level with 4 KiB granules.
    const sl = startLevel + (granuleLg2 === PAGE_LG2 ? 1 : 0);
    return {
      vttbr: { address: addr(pgdPfn) },
      vtcr: {
        bits: {
          ps,
          tg: TG0.get(granuleLg2)!,
          sh,
          orgn: inner,
          irgn: inner,
          sl: ~sl & SL0_MASK,
          tsz,
        },
      },
    };
  }
  const outer = (config.quirks & QUIRK.ARM_OUTER_WBWA) === 0 ? inner : RGN_WBWA;
  const tg = ((config.quirks & QUIRK.ARM_TTBR1) === 0 ? TG0 : TG1).get(granuleLg2)!;
  return {
    ttbr: { address: addr(pgdPfn) },
    mair: { word: MAIR },
    tcr: { bits: { ips: ps, tg, sh, orgn: outer, irgn: inner, tsz } },
  };
}
