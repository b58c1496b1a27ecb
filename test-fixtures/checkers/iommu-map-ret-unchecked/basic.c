// A failed iommu_map() leaves nothing mapped; the device's first DMA faults.
#define QCAP_FW_ADDR 0x40

struct qcap_fw {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	size_t size;
	void __iomem *regs;
	struct sg_table *sgt;
};

static void bad_dropped(struct qcap_fw *fw)
{
	iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL);
//      ^^^^^^^^^ error[iommu-map-ret-unchecked]: drops the result of iommu_map(): on failure nothing is mapped at fw->iova and its DMA faults
	writel(fw->iova, fw->regs + QCAP_FW_ADDR);
}

static void bad_dropped_table(struct qcap_fw *fw)
{
	iommu_map_sgtable(fw->domain, fw->iova, fw->sgt, IOMMU_READ);
//      ^^^^^^^^^^^^^^^^^ error[iommu-map-ret-unchecked]: drops the result of iommu_map_sgtable()
	writel(fw->iova, fw->regs + QCAP_FW_ADDR);
}

static int bad_overwritten(struct qcap_fw *fw)
{
	int ret;

	ret = iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL);
	ret = qcap_boot(fw);
//      ^^^ error[iommu-map-ret-unchecked]: overwrites the result of iommu_map() of line 31 unread
	return ret;
}

static int good_checked(struct qcap_fw *fw)
{
	int ret;

	ret = iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-ret-unchecked]: tested on the next line
	if (ret)
		return ret;
	writel(fw->iova, fw->regs + QCAP_FW_ADDR);
	return 0;
}

static int good_returned(struct qcap_fw *fw)
{
	return iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-ret-unchecked]: the caller tests it
}

static int good_accumulated(struct qcap_fw *fw)
{
	int ret = 0;

	ret |= iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-ret-unchecked]: collected, tested at the end
	ret |= qcap_boot(fw);
	return ret ? -EIO : 0;
}

static bool good_in_condition(struct qcap_fw *fw)
{
	return WARN_ON(iommu_map(fw->domain, fw->iova, fw->phys, fw->size, // ok[iommu-map-ret-unchecked]: WARN_ON() looks at it
				 IOMMU_READ, GFP_KERNEL));
}
