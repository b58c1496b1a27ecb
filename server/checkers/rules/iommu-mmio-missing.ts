import { defineChecker, type Checker } from '../checker.ts';
import { argument, replaceBy } from '../wording.ts';

/** Device memory mapped as if it were RAM. */
export const iommuMmioMissing: Checker = defineChecker(
  {
    id: 'iommu-mmio-missing',
    summary:
      'A physical address that belongs to a device is mapped with IOMMU_MMIO, without IOMMU_CACHE.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls'],
    messages: {
      missing:
        'maps {pa}, {what}, without IOMMU_MMIO: SME sets the C-bit, Arm makes it Normal memory',
    },
    sources: [
      { where: 'include/linux/iommu.h', what: 'IOMMU_MMIO: MSI doorbells and the like' },
      { where: 'drivers/iommu/generic_pt/fmt/amdv1.h', what: 'amdv1pt_iommu_set_prot()' },
      { where: 'drivers/iommu/io-pgtable-arm.c', what: 'arm_lpae_prot_to_pte()' },
      { where: 'drivers/iommu/dma-iommu.c', what: 'iommu_dma_get_msi_page()' },
    ],
    falsePositives: [],
    limits: [
      'SRAM, carve-outs and reserved memory are not MMIO; the rule speaks only where the address is known to be a BAR, a doorbell or PFNMAP memory.',
      'A prot value that is not known in full on the path is taken to be right.',
    ],
    holdsInPart: true,
    page: {
      what: 'Reports iommu_map() of an address known to be device memory whose prot is known and lacks IOMMU_MMIO.',
      why: 'The flag chooses the memory type of the leaf. Without it AMD hosts with SME set the C-bit in the MMIO address, so the write goes elsewhere; Arm uses Normal memory, which gathers and speculates; on VT-d the flag has no effect. SRAM and carve-outs are not MMIO.',
      example: `
ret = iommu_map(dom, q->db_iova, pci_resource_start(pdev, 2), SZ_4K,
		IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);`,
      instead: `
ret = iommu_map(dom, q->db_iova, pci_resource_start(pdev, 2), SZ_4K,
		IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, GFP_KERNEL);`,
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      if (call.function !== 'iommu_map' && call.function !== 'iommu_map_nosync') continue;
      const pa = argument(call, 'paddr');
      const prot = argument(call, 'prot');
      if (pa?.provenance !== 'mmio' || !prot?.flags.complete) continue;
      const { names } = prot.flags;
      if (names.length === 0 || names.includes('IOMMU_MMIO')) continue;
      const spelled = /^[\w\s|()]+$/.test(prot.text) && prot.text.includes('IOMMU_');
      const kept = prot.text
        .split('|')
        .map((flag) => flag.trim())
        .filter((flag) => flag !== 'IOMMU_CACHE');
      const title = names.includes('IOMMU_CACHE')
        ? 'Add IOMMU_MMIO and drop IOMMU_CACHE'
        : 'Add IOMMU_MMIO';
      report({
        message: 'missing',
        values: {
          pa,
          what: /pci_resource|bar/i.test(`${pa.text} ${pa.canonical}`) ? 'a BAR' : 'device memory',
        },
        at: prot.place,
        steps: call.steps,
        related: [{ place: pa.place, message: 'this is device memory' }],
        fixes: spelled ? [replaceBy(title, prot.place, [...kept, 'IOMMU_MMIO'].join(' | '))] : [],
      });
    }
  },
);
