//! kernel: 6.12
// The same code on a tree where io-pgtable-arm still splits.
struct qcap_win {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
};

static int bad_punch(struct qcap_win *win)
{
	int ret;

	ret = iommu_map(win->domain, win->iova, win->phys, SZ_2M,
			IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	if (ret)
		return ret;
	iommu_unmap(win->domain, win->iova + SZ_64K, SZ_4K);
//                               ^^^^^^^^^^^^^^^^^^ error[iommu-unmap-subrange-large-leaf]: only Arm splits it in 6.12
	return 0;
}
