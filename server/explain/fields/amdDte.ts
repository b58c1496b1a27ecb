import { bit, family, field, inWord, mask, number, value, type FieldFamily } from './define.ts';

/** AMD device table entry (DTE): drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdDteFields: FieldFamily = family({
  format: 'amd-dte',
  title: 'AMD device table entry (DTE)',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
  noun: 'DTE',
  prefixes: ['DTE_FLAG_', 'DTE_', 'DEV_ENTRY_'],
  setBy: 'set_dte_entry() builds it, update_dte256() stores it: two 128-bit halves, V last when set and first when cleared',
  readBy: 'the IOMMU, 256 bits at once, when its DTE cache misses',
  model: 'read by the AMD walker when its DTE cache misses',
  modelled: ['DTE_FLAG_V', 'DTE_FLAG_TV', 'DTE_MODE_MASK', 'DTE_HOST_TRP', 'DTE_FLAG_GV', 'DTE_FLAG_GIOV', 'DTE_GLX', 'DTE_GCR3_14_12', 'DTE_GCR3_30_15', 'DTE_GCR3_51_31', 'DTE_FLAG_IR', 'DTE_FLAG_IW', 'DTE_DOMID_MASK', 'DTE_GPT_LEVEL_MASK', 'DEV_ENTRY_NO_PAGE_FAULT', 'DEV_ENTRY_VALID', 'DEV_ENTRY_TRANSLATION', 'DEV_ENTRY_IR', 'DEV_ENTRY_IW'],
  source: 'AMD I/O Virtualization specification 48882',
}, [
  ...inWord(0, [
    bit('DEV_ENTRY_VALID', 0, 'V: the entry counts'),
    bit('DEV_ENTRY_TRANSLATION', 1, 'TV: the translation fields count'),
    bit('DEV_ENTRY_HAD', 7, 'lowest bit of HAD: accessed and dirty updates'),
    bit('DEV_ENTRY_PPR', 52, 'page requests are allowed'),
    bit('DEV_ENTRY_IR', 61, 'DMA reads are allowed'),
    bit('DEV_ENTRY_IW', 62, 'DMA writes are allowed'),
  ]),
  ...inWord(1, [
    bit('DEV_ENTRY_NO_PAGE_FAULT', 98, 'SA: I/O page faults are not logged'),
    bit('DEV_ENTRY_SYSMGT1', 104, 'system management messages, low bit'),
    bit('DEV_ENTRY_SYSMGT2', 105, 'system management messages, high bit'),
    field('DTE_DATA1_SYSMGT_MASK', '41:40', 'what becomes of system management messages'),
  ]),
  ...inWord(2, [
    bit('DEV_ENTRY_IRQ_TBL_EN', 128, 'IV: interrupts are remapped'),
    bit('DEV_ENTRY_INIT_PASS', 184, 'INIT passes'),
    bit('DEV_ENTRY_EINT_PASS', 185, 'external interrupts pass'),
    bit('DEV_ENTRY_NMI_PASS', 186, 'NMI passes'),
    bit('DEV_ENTRY_LINT0_PASS', 190, 'LINT0 passes'),
    bit('DEV_ENTRY_LINT1_PASS', 191, 'LINT1 passes'),
  ]),
  field('DEV_ENTRY_MODE_MASK', '2:0'),
  number('DEV_ENTRY_MODE_SHIFT', 9),
  ...inWord(2, [
    field('DTE_IRQ_PHYS_ADDR_MASK', '51:6', 'address of the interrupt table'),
    field('DTE_IRQ_REMAP_INTCTL_MASK', '61:60', 'what becomes of fixed interrupts'),
    value('DTE_IRQ_REMAP_INTCTL', 2, '61:60', 'DTE_IRQ_REMAP_INTCTL_MASK', 'remap fixed interrupts'),
    field('DTE_IRQ_REMAP_ENABLE', '0', 'IV: interrupts are remapped'),
  ]),
  number('DTE_INTTAB_ALIGNMENT', 128),
  ...inWord(2, [
    field('DTE_INTTABLEN_MASK', '4:1', 'lg2 of the interrupt table\'s entries'),
    value('DTE_INTTABLEN_VALUE_512', 9, '4:1', 'DTE_INTTABLEN_MASK', '512 entries, before the shift'),
    value('DTE_INTTABLEN_512', 18, '4:1', 'DTE_INTTABLEN_MASK', '512 entries'),
    value('DTE_INTTABLEN_VALUE_2K', 11, '4:1', 'DTE_INTTABLEN_MASK', '2048 entries, before the shift'),
    value('DTE_INTTABLEN_2K', 22, '4:1', 'DTE_INTTABLEN_MASK', '2048 entries'),
  ]),
  ...inWord(0, [
    field('DTE_FLAG_V', '0', 'valid; 0 lets all DMA of the device pass untranslated'),
    field('DTE_FLAG_TV', '1', 'translation fields are valid; V without TV blocks all DMA'),
    field('DTE_FLAG_HAD', '8:7', 'accessed and dirty updates: 1 accessed, 3 both'),
    field('DTE_MODE_MASK', '11:9', 'levels of the v1 page table'),
    field('DTE_HOST_TRP', '51:12', 'address of the v1 table, with the C-bit under SME'),
    field('DTE_FLAG_PPR', '52', 'page requests are allowed'),
    field('DTE_FLAG_GIOV', '54', 'DMA without PASID uses the table of PASID 0'),
    field('DTE_FLAG_GV', '55', 'guest tables are in use: GCR3 counts'),
    field('DTE_GLX', '57:56', 'levels of the GCR3 table, minus 1'),
    field('DTE_FLAG_IR', '61', 'DMA reads are allowed'),
    field('DTE_FLAG_IW', '62', 'DMA writes are allowed'),
  ]),
  ...inWord(1, [
    field('DTE_FLAG_IOTLB', '32', 'the device may use ATS'),
    field('DTE_FLAG_MASK', '41:32', 'flags of word 1 that belong to the device'),
    field('DTE_DOMID_MASK', '15:0', 'domain id: tags IOTLB entries'),
  ]),
  ...inWord(0, [
    field('DTE_GCR3_14_12', '60:58', 'address of the GCR3 table, bits 14:12'),
  ]),
  ...inWord(1, [
    field('DTE_GCR3_30_15', '31:16', 'address of the GCR3 table, bits 30:15'),
    field('DTE_GCR3_51_31', '63:43', 'address of the GCR3 table, bits 51:31'),
  ]),
  number('DTE_GPT_LEVEL_SHIFT', 54),
  ...inWord(2, [
    field('DTE_GPT_LEVEL_MASK', '55:54', 'levels of guest tables: 0 is 4, 1 is 5'),
    mask('DTE_DATA2_INTR_MASK', '0xff0fffffffffffff', 'what interrupt remapping owns in word 2: all but 55:52'),
  ]),
]);
