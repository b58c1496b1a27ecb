// What was decided for each chunk on the first map has to be decided again when a second domain comes.
struct qcap_area {
	struct iommu_domain *domain;
	unsigned long iova;
	unsigned int pages;
	int prot;
};

extern bool qcap_is_mmio(unsigned long pfn);
extern unsigned long qcap_frame(struct qcap_area *area, unsigned int page);

static int qcap_first(struct qcap_area *area)
{
	unsigned int i;

	for (i = 0; i < area->pages; i++) {
		unsigned long pfn = qcap_frame(area, i);

		if (qcap_is_mmio(pfn))
			area->prot |= IOMMU_MMIO;
		else
			area->prot &= ~IOMMU_MMIO;
		if (iommu_map(area->domain, area->iova + i * PAGE_SIZE, pfn << PAGE_SHIFT,
			      PAGE_SIZE, area->prot, GFP_KERNEL)) { // ok[vfio-replay-mmio]: decided in the same turn
			iommu_unmap(area->domain, area->iova, i * PAGE_SIZE);
			return -ENOMEM;
		}
	}
	return 0;
}

static int bad_second(struct iommu_domain *domain, struct qcap_area *area)
{
	unsigned int i;

	for (i = 0; i < area->pages; i++) {
		unsigned long iova = area->iova + i * PAGE_SIZE;

		if (iommu_map(domain, iova, iommu_iova_to_phys(area->domain, iova), PAGE_SIZE,
			      area->prot, GFP_KERNEL)) {
//                            ^^^^^^^^^^ warning[vfio-replay-mmio]: maps chunks with area->prot, but line 20 sets IOMMU_MMIO there per chunk: all get the type of the last
			iommu_unmap(domain, area->iova, i * PAGE_SIZE);
			return -ENOMEM;
		}
	}
	return 0;
}
