import { defineChecker, type Checker } from '../checker.ts';
import { argument, replaceBy } from '../wording.ts';

/** RAM mapped as device memory. */
export const iommuMmioOnRam: Checker = defineChecker(
  {
    id: 'iommu-mmio-on-ram',
    summary: 'RAM is mapped without IOMMU_MMIO, and IOMMU_MMIO never stands beside IOMMU_CACHE.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls'],
    messages: {
      ram: 'maps {pa}, RAM, with IOMMU_MMIO: SME leaves out the C-bit, the device sees ciphertext',
      both: 'passes IOMMU_CACHE | IOMMU_MMIO for {pa}: no format can give both, IOMMU_MMIO wins',
    },
    sources: [
      { where: 'drivers/iommu/dma-iommu.c', what: 'dma_info_to_prot(): either of the two' },
      { where: 'drivers/iommu/iommufd/pages.c', what: 'batch_to_domain()' },
    ],
    falsePositives: [],
    limits: ['An address of unknown origin is not reported.'],
    holdsInPart: true,
    page: {
      what: 'Reports iommu_map() of RAM with IOMMU_MMIO, and IOMMU_MMIO together with IOMMU_CACHE.',
      why: "RAM with IOMMU_MMIO is mapped unencrypted on SME hosts, so both sides see the other's ciphertext, and as Device memory on Arm, where coherency and unaligned access end.",
      example: `
ret = iommu_map(dom, q->iova, virt_to_phys(ring), SZ_4K,
		IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, GFP_KERNEL);`,
      instead: `
ret = iommu_map(dom, q->iova, virt_to_phys(ring), SZ_4K,
		IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);`,
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      if (!/^iommu_map(_sg|_sgtable|_nosync)?$/.test(call.function)) continue;
      const prot = argument(call, 'prot');
      if (!prot?.flags.names.includes('IOMMU_MMIO')) continue;
      const pa = argument(call, 'paddr') ?? argument(call, 'sgtable') ?? argument(call, 'sg');
      if (!pa) continue;
      const flags = prot.text.split('|').map((flag) => flag.trim());
      const fixes = flags.includes('IOMMU_MMIO')
        ? [
            replaceBy(
              'Drop IOMMU_MMIO',
              prot.place,
              flags.filter((flag) => flag !== 'IOMMU_MMIO').join(' | '),
            ),
          ]
        : [];
      const common = { values: { pa }, at: prot.place, steps: call.steps };
      if (pa.provenance === 'ram') {
        const related = [{ place: pa.place, message: 'this is RAM' }];
        report({ ...common, message: 'ram', related, fixes });
      } else if (prot.flags.names.includes('IOMMU_CACHE')) {
        report({ ...common, message: 'both' });
      }
    }
  },
);
