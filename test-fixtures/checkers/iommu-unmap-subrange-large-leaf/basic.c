// An unmap that starts inside a mapping is refused.
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
//                               ^^^^^^^^^^^^^^^^^^ error[iommu-unmap-subrange-large-leaf]: unmaps SZ_4K at win->iova + SZ_64K, inside the SZ_2M of line 12: 7.x removes nothing and returns 0
	return 0;
}

static int good_whole(struct qcap_win *win)
{
	int ret;

	ret = iommu_map(win->domain, win->iova, win->phys, SZ_2M,
			IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	if (ret)
		return ret;
	iommu_unmap(win->domain, win->iova, SZ_2M); // ok[iommu-unmap-subrange-large-leaf]: starts where the mapping starts
	return 0;
}

// Pages that may go one by one were mapped one by one.
static int good_small(struct qcap_win *win)
{
	unsigned int i;
	int ret;

	for (i = 0; i < 16; i++) {
		ret = iommu_map(win->domain, win->iova + i * SZ_4K, win->phys + i * SZ_4K, SZ_4K,
				IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
		if (ret)
			goto err;
	}
	iommu_unmap(win->domain, win->iova + SZ_4K, SZ_4K); // ok[iommu-unmap-subrange-large-leaf]: the second page is a mapping of its own
	return 0;
err:
	iommu_unmap(win->domain, win->iova, i * SZ_4K);
	return ret;
}

static int good_two_halves(struct qcap_win *win)
{
	int ret;

	ret = iommu_map(win->domain, win->iova, win->phys, SZ_1M, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = iommu_map(win->domain, win->iova + SZ_1M, win->phys, SZ_1M, IOMMU_READ, GFP_KERNEL);
	if (ret) {
		iommu_unmap(win->domain, win->iova, SZ_1M);
		return ret;
	}
	iommu_unmap(win->domain, win->iova + SZ_1M, SZ_1M); // ok[iommu-unmap-subrange-large-leaf]: the second half was mapped by its own call
	return 0;
}
