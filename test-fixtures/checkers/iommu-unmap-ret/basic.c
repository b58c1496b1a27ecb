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

static int bad_zero_is_success(struct qcap_dma *dma)
{
	if (iommu_unmap(dma->domain, dma->iova, dma->size))
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[iommu-unmap-ret]: takes 0 from iommu_unmap() for success: 0 bytes were removed and dma->iova stays mapped
		return -EIO;
	return 0;
}

static int bad_as_errno(struct qcap_dma *dma)
{
	int ret = iommu_unmap(dma->domain, dma->iova, dma->size);

	if (ret)
//          ^^^ warning[iommu-unmap-ret]: takes 0 from iommu_unmap() for success: 0 bytes were removed and dma->iova stays mapped
		return -EIO;
	return 0;
}

static int bad_by_not(struct qcap_dma *dma)
{
	if (!iommu_unmap(dma->domain, dma->iova, dma->size))
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[iommu-unmap-ret]: takes 0 from iommu_unmap() for success
		return 0;
	return -EIO;
}

struct qcap_pinned {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t size;
	struct page **pages;
	struct page *page;
	unsigned long npages;
};

static void bad_unpin(struct qcap_pinned *p)
{
	iommu_unmap(p->domain, p->iova, p->size);
	unpin_user_pages(p->pages, p->npages);
//                       ^^^^^^^^ warning[iommu-unmap-ret]: unpins p->pages, but nothing compares iommu_unmap() of line 109 with p->size: the rest stays mapped
}

static void bad_free(struct qcap_pinned *p)
{
	iommu_unmap(p->domain, p->iova, p->size);
	__free_pages(p->page, 2);
//                   ^^^^^^^ warning[iommu-unmap-ret]: frees p->page, but nothing compares iommu_unmap() of line 116 with p->size: the rest stays mapped
}

static void good_unpin(struct qcap_pinned *p)
{
	if (WARN_ON(iommu_unmap(p->domain, p->iova, p->size) != p->size))
		return;
	unpin_user_pages(p->pages, p->npages); // ok[iommu-unmap-ret]: all of it was removed
}

static void good_counted(struct qcap_pinned *p)
{
	size_t gone = iommu_unmap(p->domain, p->iova, p->size);

	unpin_user_pages(p->pages, gone >> PAGE_SHIFT); // ok[iommu-unmap-ret]: what was removed decides what goes back
}

// Whose pages these are, the unmap does not say.
static void good_other(struct qcap_pinned *p, struct page **others, unsigned long n)
{
	iommu_unmap(p->domain, p->iova, p->size);
	unpin_user_pages(others, n); // ok[iommu-unmap-ret]: pages of somebody else
}

static int good_unwind(struct qcap_pinned *p)
{
	int ret;

	ret = iommu_map(p->domain, p->iova, page_to_phys(p->page), p->size, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(p);
	if (ret) {
		iommu_unmap(p->domain, p->iova, p->size);
		__free_pages(p->page, 2); // ok[iommu-unmap-ret]: on an unwind path nobody needs the result
		return ret;
	}
	return 0;
}
