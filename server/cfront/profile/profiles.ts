import { GNU_C } from './compiler.ts';
import { COMMON_OPTIONS, COMMON_VALUES, GENERATED_CONSTANTS } from './options.ts';
import type { Architecture, Assumption, ConfigurationProfile } from './profile.ts';

const X86_64: ConfigurationProfile = {
  name: 'x86-64',
  architecture: 'x86',
  options: [
    ...COMMON_OPTIONS,
    ...['GENERIC_IOMAP', 'HAVE_MOD_ARCH_SPECIFIC'],
    ...['X86', 'X86_64', 'AMD_MEM_ENCRYPT', 'ARCH_HAS_MEM_ENCRYPT', 'ARCH_HAS_CC_PLATFORM'],
    ...['X86_MEM_ENCRYPT', 'ARCH_HAS_FORCE_DMA_UNENCRYPTED', 'DYNAMIC_PHYSICAL_MASK'],
    ...['X86_LOCAL_APIC', 'X86_IO_APIC', 'X86_PAT', 'MTRR', 'INTEL_IOMMU', 'INTEL_IOMMU_SVM'],
    ...['INTEL_IOMMU_PERF_EVENTS', 'INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON', 'DMAR_TABLE'],
    ...['DMAR_PERF', 'DMAR_DEBUG', 'INTEL_IOMMU_DEBUGFS', 'IRQ_REMAP', 'AMD_IOMMU'],
    ...['AMD_IOMMU_IOMMUFD', 'HYPERV', 'HYPERV_IOMMU', 'INTEL_TDX_HOST', 'KVM_AMD_SEV'],
    ...['VFIO_PCI_VGA', 'VFIO_PCI_IGD', 'CRYPTO_DEV_SP_PSP', 'UNWINDER_FRAME_POINTER', 'X86_TSC'],
  ],
  values: [
    ...COMMON_VALUES,
    { name: 'X86_L1_CACHE_SHIFT', value: '6', why: '64-byte cache lines' },
    { name: 'X86_INTERNODE_CACHE_SHIFT', value: '6', why: '64-byte cache lines' },
    { name: 'PGTABLE_LEVELS', value: '5', why: 'five-level paging compiled in' },
    { name: 'X86_5LEVEL', value: '1', why: 'five-level paging compiled in' },
    { name: 'PHYSICAL_START', value: '0x1000000', why: 'Kconfig default' },
    { name: 'PHYSICAL_ALIGN', value: '0x200000', why: 'Kconfig default' },
    { name: 'ARCH_MMAP_RND_COMPAT_BITS_MIN', value: '8', why: 'Kconfig default' },
  ],
  compiler: new Map([...GNU_C, ['__x86_64__', '1'], ['__x86_64', '1'], ['__SSE2__', '1']]),
  generated: GENERATED_CONSTANTS,
};

/** What arch/arm64/tools/sysreg says of the registers that drivers ask. Source: Arm ARM (DDI 0487), "AArch64 System Register Descriptions". */
const ARM64_REGISTERS: readonly Assumption[] = [
  ['SYS_ID_AA64MMFR0_EL1', 'sys_reg(3, 0, 0, 7, 0)'],
  ['SYS_ID_AA64MMFR1_EL1', 'sys_reg(3, 0, 0, 7, 1)'],
  ['ID_AA64MMFR0_EL1_ASIDBITS_SHIFT', '4'],
  ['ID_AA64MMFR0_EL1_PARANGE_SHIFT', '0'],
  ...['32', '36', '40', '42', '44', '48', '52'].map(
    (bits, value) => [`ID_AA64MMFR0_EL1_PARANGE_${bits}`, String(value)] as const,
  ),
].map(([name, value]) => ({ name, value, why: 'generated/asm/sysreg-defs.h' }));

const ARM64: ConfigurationProfile = {
  name: 'arm64',
  architecture: 'arm64',
  options: [
    ...COMMON_OPTIONS,
    ...['HAVE_MOD_ARCH_SPECIFIC'],
    ...['ARM64', 'ARM64_4K_PAGES', 'ARM64_LSE_ATOMICS', 'ARM64_HW_AFDBM', 'ARM64_PAN'],
    ...['ARM_SMMU', 'ARM_SMMU_V3', 'ARM_SMMU_V3_SVA', 'ARM_SMMU_V3_IOMMUFD', 'ARM_SMMU_QCOM'],
    ...['ARM_SMMU_V3_KUNIT_TEST', 'ARM_SMMU_MMU_500_CPRE_ERRATA', 'TEGRA241_CMDQV', 'QCOM_IOMMU'],
    ...['ARM_SMMU_LEGACY_DT_BINDINGS', 'ARM_SMMU_DISABLE_BYPASS_BY_DEFAULT', 'APPLE_DART'],
    ...['GENERIC_IOREMAP'],
    ...['ARM_SMMU_QCOM_DEBUG', 'QCOM_SCM', 'ACPI_IORT', 'ARM_GIC_V3', 'ARM_GIC_V3_ITS'],
    ...['ARCH_HAS_SETUP_DMA_OPS', 'ARCH_HAS_SYNC_DMA_FOR_DEVICE', 'ARCH_HAS_SYNC_DMA_FOR_CPU'],
    ...['ARCH_HAS_TEARDOWN_DMA_OPS', 'ARCH_QCOM', 'ARCH_MEDIATEK', 'ARCH_ROCKCHIP', 'ARCH_EXYNOS'],
  ],
  values: [
    ...COMMON_VALUES,
    { name: 'ARM64_VA_BITS', value: '48', why: '4 KiB pages, four levels' },
    { name: 'ARM64_PA_BITS', value: '48', why: '4 KiB pages' },
    { name: 'ARM64_PAGE_SHIFT', value: '12', why: '4 KiB pages' },
    { name: 'ARM64_CONT_PTE_SHIFT', value: '4', why: '4 KiB pages' },
    { name: 'ARM64_CONT_PMD_SHIFT', value: '4', why: '4 KiB pages' },
    { name: 'PGTABLE_LEVELS', value: '4', why: '4 KiB pages, 48 bits' },
  ],
  compiler: new Map([...GNU_C, ['__aarch64__', '1'], ['__AARCH64EL__', '1']]),
  generated: [
    ...GENERATED_CONSTANTS,
    {
      name: 'ARM64_NCAPS',
      value: '128',
      why: 'generated/asm/cpucap-defs.h; above the number of caps',
    },
    ...ARM64_REGISTERS,
  ],
};

const RISCV: ConfigurationProfile = {
  name: 'riscv',
  architecture: 'riscv',
  options: [
    ...COMMON_OPTIONS,
    ...['RISCV', 'RISCV_IOMMU', 'RISCV_IOMMU_PCI', 'RISCV_SBI', 'RISCV_ISA_SVNAPOT', 'FPU'],
    ...['RISCV_ISA_SVPBMT', 'RISCV_ISA_ZICBOM', 'RISCV_ALTERNATIVE', 'ARCH_RV64I', 'RISCV_IMSIC'],
    ...['RISCV_DMA_NONCOHERENT', 'THREAD_INFO_IN_TASK', 'GENERIC_IOREMAP'],
  ],
  values: [
    ...COMMON_VALUES,
    { name: 'THREAD_SIZE_ORDER', value: '2', why: 'Kconfig default for 64 bit' },
    { name: 'PGTABLE_LEVELS', value: '5', why: 'Sv57 compiled in' },
    { name: 'PAGE_OFFSET', value: '0xff60000000000000', why: 'arch/riscv default for 64 bit' },
  ],
  compiler: new Map([...GNU_C, ['__riscv', '1'], ['__riscv_xlen', '64']]),
  generated: GENERATED_CONSTANTS,
};

const PROFILES: Readonly<Record<Architecture, ConfigurationProfile>> = {
  x86: X86_64,
  arm64: ARM64,
  riscv: RISCV,
};

/** Folders and files that only make sense on one architecture; everything else is read as x86-64. */
const ARM64_PATHS =
  /^arch\/arm64\/|^drivers\/iommu\/(arm\/|apple-|exynos-|rockchip-|mtk_|sun50i-|sprd-|tegra-|msm_|omap-|ipmmu-|io-pgtable-(arm|dart))|^drivers\/gpu\/(drm\/(msm|tegra)|host1x)\/|^drivers\/vfio\/(platform|fsl-mc|cdx)\//;
const RISCV_PATHS = /^arch\/riscv\/|^drivers\/iommu\/riscv\//;

/** The default profile of a file, by its path in the tree. */
export function profileFor(path: string): ConfigurationProfile {
  if (ARM64_PATHS.test(path)) return PROFILES.arm64;
  return RISCV_PATHS.test(path) ? PROFILES.riscv : PROFILES.x86;
}

/** The profile of an architecture. */
export function profileOf(architecture: Architecture): ConfigurationProfile {
  return PROFILES[architecture];
}
