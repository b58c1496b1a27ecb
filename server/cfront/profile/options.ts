import type { Assumption } from './profile.ts';

/**
 * Options that are on in every profile. The rule: everything of the subsystems iovet reviews is on,
 * exclusive choices are fixed to what distributions ship, debugging is off.
 */
export const COMMON_OPTIONS: readonly string[] = [
  // Basics of a 64-bit SMP kernel with an MMU.
  ...['64BIT', 'SMP', 'MMU', 'MODULES', 'SYSFS', 'PROC_FS', 'PRINTK', 'BUG', 'GENERIC_BUG'],
  ...['BLOCK', 'NET', 'INET', 'TREE_RCU', 'TREE_SRCU', 'SRCU', 'PREEMPT_COUNT', 'CC_IS_GCC'],
  ...['NUMA', 'SPARSEMEM', 'SPARSEMEM_VMEMMAP', 'SPARSEMEM_EXTREME', 'SLUB', 'HOTPLUG_CPU'],
  ...['THREAD_INFO_IN_TASK', 'USE_PERCPU_NUMA_NODE_ID'],
  ...['TRANSPARENT_HUGEPAGE', 'HUGETLB_PAGE', 'HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD', 'CPUSETS'],
  ...['MMU_NOTIFIER', 'COMPAT', 'EVENTFD', 'SHMEM', 'MEMFD_CREATE', 'SPLIT_PTLOCK', 'DEBUG_FS'],
  ...[
    'HIGH_RES_TIMERS',
    'CGROUPS',
    'SECURITY',
    'KEYS',
    'ASSOCIATIVE_ARRAY',

    'PERF_EVENTS',
    'PM',
    'PM_SLEEP',
    'ACPI',
  ],
  ...['DEV_COREDUMP', 'CPU_FREQ', 'IRQ_WORK', 'XARRAY_MULTI', 'STACKTRACE', 'MEMORY_HOTPLUG'],
  ...['ARCH_USE_CMPXCHG_LOCKREF', 'ARCH_SUPPORTS_ATOMIC_RMW', 'KALLSYMS', 'FW_LOADER'],
  ...['PAGE_EXTENSION', 'HAS_IOPORT_MAP', 'MTK_SMI', 'AMD_IOMMU_DEBUGFS'],
  // DMA and IOMMU.
  ...['HAS_DMA', 'HAS_IOMEM', 'HAS_IOPORT', 'DMA_OPS', 'ARCH_HAS_DMA_OPS', 'SWIOTLB', 'ZONE_DMA32'],
  ...['ARCH_HAS_SET_MEMORY', 'ARCH_HAS_SET_DIRECT_MAP'],
  ...['NEED_DMA_MAP_STATE', 'NEED_SG_DMA_LENGTH', 'ARCH_DMA_ADDR_T_64BIT', 'PHYS_ADDR_T_64BIT'],
  ...['DMA_SHARED_BUFFER', 'IOMMU_API', 'IOMMU_SUPPORT', 'IOMMU_DMA', 'IOMMU_IOVA', 'IOMMU_SVA'],
  ...['IOMMU_IOPF', 'IOMMU_MM_DATA', 'IOMMU_DEBUGFS', 'IOMMU_IO_PGTABLE', 'IOMMU_IO_PGTABLE_LPAE'],
  ...['IOMMU_IO_PGTABLE_ARMV7S', 'GENERIC_PT', 'IOMMU_PT', 'IOMMUFD', 'IOMMUFD_DRIVER'],
  ...['INTERVAL_TREE', 'INTERVAL_TREE_SPAN_ITER'],
  ...['IOMMUFD_DRIVER_CORE', 'IOMMUFD_TEST', 'OF_IOMMU', 'DMA_DIRECT_REMAP', 'DMA_CMA', 'CMA'],
  ...['HMM_MIRROR', 'ZONE_DEVICE', 'DEVICE_PRIVATE', 'DMA_NEED_SYNC', 'DEV_DAX'],
  // VFIO and KVM.
  ...['VFIO', 'VFIO_GROUP', 'VFIO_CONTAINER', 'VFIO_IOMMU_TYPE1', 'VFIO_PCI_CORE', 'VFIO_VIRQFD'],
  ...[
    'VFIO_NOIOMMU',
    'VFIO_DEVICE_CDEV',
    'VFIO_PCI',
    'VFIO_PCI_MMAP',
    'VFIO_PCI_INTX',
    'VFIO_MDEV',
  ],
  ...['VFIO_DEBUGFS', 'VFIO_AMBA', 'VFIO_PLATFORM', 'VFIO_PLATFORM_BASE', 'KVM', 'HAVE_KVM'],
  ...['VFIO_FSL_MC', 'FSL_MC_BUS', 'VFIO_PCI_DMABUF', 'PCI_P2PDMA', 'EVENTFD', 'VIRTUALIZATION'],
  // Buses, interrupts, firmware.
  ...['PCI', 'PCI_ATS', 'PCI_PRI', 'PCI_PASID', 'PCI_MSI', 'PCI_IOV', 'PCI_TSM', 'HOTPLUG_PCI'],
  ...['PCI_QUIRKS', 'OF', 'OF_ADDRESS', 'OF_IRQ', 'OF_DYNAMIC', 'OF_EARLY_FLATTREE', 'ARM_AMBA'],
  ...['IRQ_DOMAIN', 'IRQ_DOMAIN_HIERARCHY', 'GENERIC_MSI_IRQ', 'GENERIC_MSI_IRQ_DOMAIN'],
  ...['PCI_MSI_IRQ_DOMAIN', 'GENERIC_IRQ_CHIP', 'IRQ_MSI_IOMMU', 'SPARSE_IRQ', 'COMMON_CLK'],
  ...['RESET_CONTROLLER', 'REGULATOR', 'GPIOLIB', 'I2C', 'NVMEM', 'PINCTRL', 'INTERCONNECT'],
  ...['PM_GENERIC_DOMAINS', 'PM_GENERIC_DOMAINS_OF', 'PM_OPP', 'PM_DEVFREQ', 'DEVFREQ_THERMAL'],
  ...[
    'VIRTIO',
    'VIRTIO_PCI_LIB',
    'VIRTIO_PCI_ADMIN_LEGACY',
    'VIRTIO_VFIO_PCI_ADMIN_LEGACY',
    'AUXILIARY_BUS',
    'THERMAL',
  ],
  // Graphics and networking that the DMA reviews meet.
  ...['DRM', 'DRM_KMS_HELPER', 'DRM_GEM_SHMEM_HELPER', 'DRM_FBDEV_EMULATION', 'DRM_PANEL'],
  ...[
    'DRM_BRIDGE',
    'DRM_PANEL_BRIDGE',
    'DRM_MIPI_DSI',
    'DRM_MSM',
    'DRM_MSM_KMS',
    'DRM_MSM_KMS_FBDEV',
    'DRM_MSM_DPU',
    'DRM_MSM_DP',
  ],
  ...['DRM_MSM_DSI', 'DRM_MSM_MDP4', 'DRM_MSM_MDP5', 'DRM_MSM_HDMI', 'DRM_MSM_MDSS', 'DRM_TEGRA'],
  ...['DRM_MSM_GPU_STATE', 'DRM_MSM_GPU_SUDO', 'DRM_MSM_DSI_28NM_PHY', 'DRM_MSM_DSI_20NM_PHY'],
  ...['DRM_MSM_DSI_28NM_8960_PHY', 'DRM_MSM_DSI_14NM_PHY', 'DRM_MSM_DSI_10NM_PHY', 'HDMI'],
  ...[
    'DRM_MSM_DSI_7NM_PHY',
    'DRM_DISPLAY_HELPER',
    'DRM_DISPLAY_DP_HELPER',
    'DRM_SCHED',
    'FB',
    'FB_DEVICE',
  ],
  ...['DRM_TEGRA_STAGING', 'TEGRA_HOST1X', 'TEGRA_IOMMU_SMMU', 'SYNC_FILE', 'QCOM_SCM', 'SND'],
  ...['SND_SOC_HDMI_CODEC', 'CEC_CORE', 'CEC_NOTIFIER', 'SND_SOC', 'BACKLIGHT_CLASS_DEVICE'],
  ...['QCOM_OCMEM', 'QCOM_COMMAND_DB', 'QCOM_MDT_LOADER', 'QCOM_LLCC', 'QCOM_AOSS_QMP'],
  ...['INFINIBAND', 'INFINIBAND_USNIC', 'INFINIBAND_USER_ACCESS', 'INFINIBAND_ADDR_TRANS', 'ENIC'],
  ...['TEGRA_MC', 'ARCH_TEGRA', 'ARCH_QCOM', 'INTERCONNECT_QCOM', 'RESET_TEGRA', 'TEGRA_BPMP'],
];

/** Options with a value that every profile shares. */
export const COMMON_VALUES: readonly Assumption[] = [
  { name: 'NR_CPUS', value: '64', why: 'a distribution allows more; layouts only need one value' },
  { name: 'NODES_SHIFT', value: '6', why: 'default of 64-bit NUMA kernels' },
  { name: 'HZ', value: '250', why: 'default of distributions' },
  { name: 'PAGE_SHIFT', value: '12', why: '4 KiB pages' },
  { name: 'PAGE_SIZE_LESS_THAN_64KB', value: '1', why: '4 KiB pages' },
  { name: 'PAGE_SIZE_LESS_THAN_256KB', value: '1', why: '4 KiB pages' },
  { name: 'HAVE_PAGE_SIZE_4KB', value: '1', why: '4 KiB pages' },
  { name: 'PAGE_SIZE_4KB', value: '1', why: '4 KiB pages' },
  { name: 'SWIOTLB_DEFAULT_SIZE_MB', value: '64', why: 'Kconfig default' },
  { name: 'SPLIT_PTLOCK_CPUS', value: '4', why: 'Kconfig default' },
  { name: 'LOG_BUF_SHIFT', value: '17', why: 'Kconfig default' },
  { name: 'BASE_SMALL', value: '0', why: 'Kconfig default' },
  { name: 'DEFAULT_HOSTNAME', value: '"(none)"', why: 'Kconfig default' },
  { name: 'DEFAULT_MMAP_MIN_ADDR', value: '4096', why: 'Kconfig default' },
  { name: 'ARCH_MMAP_RND_BITS_MIN', value: '28', why: 'Kconfig default' },
  { name: 'FUNCTION_ALIGNMENT', value: '16', why: 'Kconfig default' },
  { name: 'CMA_ALIGNMENT', value: '8', why: 'Kconfig default' },
  { name: 'CMA_SIZE_MBYTES', value: '16', why: 'Kconfig default' },
  { name: 'INTERVAL_TREE', value: '1', why: 'selected by VFIO and iommufd' },
  { name: 'ARCH_FORCE_MAX_ORDER', value: '10', why: 'Kconfig default' },
  { name: 'BLK_DEV_RAM_SIZE', value: '4096', why: 'Kconfig default' },
  { name: 'DRM_MSM_VALIDATE_XML', value: '0', why: 'a build-time check only' },
  { name: 'PAGE_BLOCK_MAX_ORDER', value: '10', why: 'Kconfig default' },
  { name: 'PAGE_BLOCK_ORDER', value: '10', why: 'Kconfig default' },
  {
    ...{ name: 'ILLEGAL_POINTER_VALUE', value: '0' },
    why: 'list poison stays a small number, so a poisoned pointer reads as a bad pointer',
  },
];

/** Constants that a build generates into bounds.h, rq-offsets.h, asm-offsets.h. */
export const GENERATED_CONSTANTS: readonly Assumption[] = [
  { name: 'REQUIRED_MASK_BIT_SET(x)', value: '0', why: 'asm/cpufeaturemasks.h: nothing required' },
  { name: 'DISABLED_MASK_BIT_SET(x)', value: '0', why: 'asm/cpufeaturemasks.h: nothing disabled' },
  { name: 'NR_PAGEFLAGS', value: '25', why: 'generated/bounds.h; any value above the flag count' },
  {
    name: 'MAX_NR_ZONES',
    value: '5',
    why: 'generated/bounds.h: DMA, DMA32, Normal, Movable, Device',
  },
  { name: 'ZONES_SHIFT', value: '3', why: 'generated/bounds.h' },
  { name: 'NR_CPUS_BITS', value: '6', why: 'generated/bounds.h: log2 of CONFIG_NR_CPUS' },
  { name: 'SPINLOCK_SIZE', value: '4', why: 'generated/bounds.h: no lock debugging' },
  { name: 'LRU_GEN_WIDTH', value: '0', why: 'generated/bounds.h: CONFIG_LRU_GEN off' },
  { name: '__LRU_REFS_WIDTH', value: '0', why: 'generated/bounds.h: CONFIG_LRU_GEN off' },
  {
    name: 'RQ_nr_pinned',
    value: '8',
    why: 'generated/rq-offsets.h; used by inline code that never runs',
  },
];
