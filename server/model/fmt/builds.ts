import { amdv1, amdv1Mock, AMDV1_ENCRYPT_TABLES, AMDV1_FORCE_COHERENCE } from './amdv1.ts';
import { features, PT_FEAT } from './features.ts';
import type { PtConfig, PtFormat } from './ptFormat.ts';
import { riscv64, RISCV_SVNAPOT_64K } from './riscv64.ts';
import { cited } from './source.ts';
import { vtdss, VTDSS_FORCE_COHERENCE, VTDSS_FORCE_WRITEABLE } from './vtdss.ts';
import { x86_64, X86_64_AMD_ENCRYPT_TABLES } from './x86_64.ts';

/** Whether the kernel has CONFIG_DEBUG_GENERIC_PT, which widens the accepted features. */
export type BuildMode = 'release' | 'debug';

/**
 * One compilation of a format: what its features may be.
 * Kernel: fmt/iommu_*.c with PT_SUPPORTED_FEATURES and PT_FORCE_ENABLED_FEATURES.
 */
export interface Build {
  readonly format: PtFormat;
  /** File of the kernel that this restates. */
  readonly path: string;
  /** Bitmap of features a release kernel accepts. */
  readonly supported: number;
  /** Bitmap of features that always act; a release kernel wants them requested. */
  readonly forced: number;
  /** Configurations that the kernel's KUnit cases run over. Kernel: kunit_fmt_cfgs. */
  readonly testConfigs: readonly PtConfig[];
  /** Features that the test configurations decide; all others are on. Kernel: KUNIT_FMT_FEATURES. */
  readonly testFeatures: number;
}

const FMT = 'drivers/iommu/generic_pt/fmt';
const AMDV1_H = `${FMT}/amdv1.h`;
const X86_64_H = `${FMT}/x86_64.h`;
const VTDSS_H = `${FMT}/vtdss.h`;
const RISCV_H = `${FMT}/riscv.h`;

function amdTestConfigs(format: PtFormat): readonly PtConfig[] {
  const config = {
    features: 0,
    oaszLg2: format.maxOaLg2,
    topLevel: cited(2, AMDV1_H, 'amdv1_kunit_fmt_cfgs'),
  };
  return [
    { ...config, vaszLg2: format.maxVaLg2 },
    { ...config, vaszLg2: cited(32, AMDV1_H, 'amdv1_kunit_fmt_cfgs') },
  ];
}

/** The builds by the name that vectors and commands use. */
export const BUILDS: Readonly<Record<string, Build>> = Object.freeze({
  amdv1: {
    format: amdv1,
    path: `${FMT}/iommu_amdv1.c`,
    supported: features(
      PT_FEAT.FULL_VA,
      PT_FEAT.DYNAMIC_TOP,
      PT_FEAT.FLUSH_RANGE,
      PT_FEAT.FLUSH_RANGE_NO_GAPS,
      AMDV1_ENCRYPT_TABLES,
      AMDV1_FORCE_COHERENCE,
    ),
    forced: features(PT_FEAT.DYNAMIC_TOP, AMDV1_ENCRYPT_TABLES, AMDV1_FORCE_COHERENCE),
    testConfigs: amdTestConfigs(amdv1),
    testFeatures: 0,
  },
  amdv1_mock: {
    format: amdv1Mock,
    path: `${FMT}/iommu_mock.c`,
    supported: 0,
    forced: 0,
    testConfigs: amdTestConfigs(amdv1Mock),
    testFeatures: 0,
  },
  x86_64: {
    format: x86_64,
    path: `${FMT}/iommu_x86_64.c`,
    supported: features(
      PT_FEAT.SIGN_EXTEND,
      PT_FEAT.FLUSH_RANGE,
      PT_FEAT.FLUSH_RANGE_NO_GAPS,
      X86_64_AMD_ENCRYPT_TABLES,
      PT_FEAT.DMA_INCOHERENT,
    ),
    forced: 0,
    testConfigs: [
      {
        features: features(PT_FEAT.SIGN_EXTEND),
        vaszLg2: cited(48, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
        topLevel: cited(3, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
      },
      {
        features: features(PT_FEAT.SIGN_EXTEND),
        vaszLg2: cited(57, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
        topLevel: cited(4, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
      },
      {
        features: 0,
        vaszLg2: cited(47, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
        topLevel: cited(3, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
      },
      {
        features: 0,
        vaszLg2: cited(56, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
        topLevel: cited(4, X86_64_H, 'x86_64_kunit_fmt_cfgs'),
      },
    ].map((config) => ({ ...config, oaszLg2: x86_64.maxOaLg2 })),
    testFeatures: features(PT_FEAT.SIGN_EXTEND),
  },
  vtdss: {
    format: vtdss,
    path: `${FMT}/iommu_vtdss.c`,
    supported: features(
      PT_FEAT.FLUSH_RANGE,
      VTDSS_FORCE_COHERENCE,
      VTDSS_FORCE_WRITEABLE,
      PT_FEAT.DMA_INCOHERENT,
    ),
    forced: 0,
    testConfigs: [
      {
        vaszLg2: cited(39, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
        topLevel: cited(2, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
      },
      {
        vaszLg2: cited(48, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
        topLevel: cited(3, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
      },
      {
        vaszLg2: cited(57, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
        topLevel: cited(4, VTDSS_H, 'vtdss_kunit_fmt_cfgs'),
      },
    ].map((config) => ({ ...config, features: 0, oaszLg2: vtdss.maxOaLg2 })),
    testFeatures: features(VTDSS_FORCE_WRITEABLE),
  },
  riscv_64: {
    format: riscv64,
    path: `${FMT}/iommu_riscv64.c`,
    supported: features(
      PT_FEAT.SIGN_EXTEND,
      PT_FEAT.FLUSH_RANGE,
      RISCV_SVNAPOT_64K,
      PT_FEAT.DETAILED_GATHER,
    ),
    forced: features(PT_FEAT.DETAILED_GATHER),
    testConfigs: [
      {
        features: features(RISCV_SVNAPOT_64K),
        vaszLg2: cited(39, RISCV_H, 'riscv_64_kunit_fmt_cfgs'),
      },
      { features: 0, vaszLg2: cited(48, RISCV_H, 'riscv_64_kunit_fmt_cfgs') },
      {
        features: features(RISCV_SVNAPOT_64K),
        vaszLg2: cited(57, RISCV_H, 'riscv_64_kunit_fmt_cfgs'),
      },
    ].map((config) => ({ ...config, topLevel: 0, oaszLg2: riscv64.maxOaLg2 })),
    testFeatures: features(RISCV_SVNAPOT_64K),
  },
});

/**
 * The features that a kernel accepts: a debug kernel takes all, except those that exclude each other.
 * Kernel: PT_DEBUG_SUPPORTED_FEATURES in pt_defs.h.
 */
export function supportedFeatures(build: Build, mode: BuildMode): number {
  if (mode === 'release') return build.supported;
  const incoherent = features(PT_FEAT.DMA_INCOHERENT);
  const signExtend = features(PT_FEAT.SIGN_EXTEND);
  let excluded = (build.supported & incoherent) === 0 ? incoherent : 0;
  excluded |=
    (build.supported & signExtend) === 0
      ? signExtend
      : features(PT_FEAT.DYNAMIC_TOP, PT_FEAT.FULL_VA);
  return ~excluded >>> 0;
}
