// iommu_unmap() returns bytes: never negative, and 0 is the failure.
struct qcap_dma {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t size;
};

static int bad_negative(struct qcap_dma *dma)
{
	int ret;

	ret = iommu_unmap(dma->domain, dma->iova, dma->size);
	if (ret < 0)
//          ^^^^^^^ warning[iommu-unmap-ret]: tests iommu_unmap() for < 0, but it returns size_t bytes: the test is never true
		return ret;
	return 0;
}

static long bad_ssize(struct qcap_dma *dma)
{
	ssize_t unmapped = iommu_unmap(dma->domain, dma->iova, dma->size);

	if (unmapped < 0)
//          ^^^^^^^^^^^^ warning[iommu-unmap-ret]: tests iommu_unmap() for < 0
		return unmapped;
	return 0;
}

static int good_compare(struct qcap_dma *dma)
{
	size_t unmapped = iommu_unmap(dma->domain, dma->iova, dma->size);

	if (unmapped != dma->size) // ok[iommu-unmap-ret]: bytes are compared with bytes
		return -EIO;
	return 0;
}

static int good_short(struct qcap_dma *dma)
{
	if (WARN_ON(iommu_unmap(dma->domain, dma->iova, dma->size) < dma->size)) // ok[iommu-unmap-ret]: less than asked for
		return -EIO;
	return 0;
}

static int good_zero_is_failure(struct qcap_dma *dma)
{
	if (!iommu_unmap(dma->domain, dma->iova, dma->size)) // ok[iommu-unmap-ret]: 0 is taken for the failure it is
		return -EIO;
	return 0;
}

// On an unwind path nobody needs the result.
static void good_ignored(struct qcap_dma *dma)
{
	iommu_unmap(dma->domain, dma->iova, dma->size); // ok[iommu-unmap-ret]: nothing is handed back by this size
}

// A later errno in the same variable is another value.
static int good_reused(struct qcap_dma *dma)
{
	ssize_t ret;

	ret = iommu_unmap(dma->domain, dma->iova, dma->size);
	if (ret != dma->size)
		return -EIO;
	ret = qcap_release_iova(dma);
	if (ret < 0) // ok[iommu-unmap-ret]: ret comes from another call now
		return ret;
	return 0;
}

static int limit_zero_is_success(struct qcap_dma *dma)
{
	if (iommu_unmap(dma->domain, dma->iova, dma->size)) // todo-fn[iommu-unmap-ret]: takes 0 for success
		return -EIO;
	return 0;
}
