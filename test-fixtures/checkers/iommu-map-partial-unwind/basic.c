// One iommu_map() maps all or nothing; a loop of them does not.
struct qcap_buf {
	struct device *dev;
	struct iommu_domain *domain;
	unsigned long iova;
	struct page **pages;
	unsigned int npages;
};

static int bad_return(struct qcap_buf *buf)
{
	unsigned int i;
	int ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE,
				page_to_phys(buf->pages[i]), PAGE_SIZE,
				IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
		if (ret)
			return ret;
//                             ^^^ error[iommu-map-partial-unwind]: returns ret from the loop at line 16, but the turns before it stay mapped at buf->iova + i * PAGE_SIZE
	}
	return 0;
}

static int bad_break(struct qcap_buf *buf)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE,
				page_to_phys(buf->pages[i]), PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			break;
	}
	if (ret)
		dev_err(buf->dev, "mapping page %u failed: %d\n", i, ret);
	return ret;
//             ^^^ error[iommu-map-partial-unwind]: returns ret from the loop at line 32, but the turns before it stay mapped
}

static int good_total(struct qcap_buf *buf)
{
	unsigned long mapped = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + mapped,
				page_to_phys(buf->pages[i]), PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			goto err_unmap;
		mapped += PAGE_SIZE;
	}
	return 0;

err_unmap:
	iommu_unmap(buf->domain, buf->iova, mapped);
	return ret; // ok[iommu-map-partial-unwind]: the label unmaps the total
}

static int good_backwards(struct qcap_buf *buf)
{
	int i, ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE,
				page_to_phys(buf->pages[i]), PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			goto unwind;
	}
	return 0;

unwind:
	while (--i >= 0)
		iommu_unmap(buf->domain, buf->iova + i * PAGE_SIZE, PAGE_SIZE);
	return ret; // ok[iommu-map-partial-unwind]: turn by turn, backwards
}

static void qcap_buf_unmap(struct qcap_buf *buf, unsigned int n)
{
	iommu_unmap(buf->domain, buf->iova, n * PAGE_SIZE);
}

static int good_helper(struct qcap_buf *buf)
{
	unsigned int i;
	int ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE,
				page_to_phys(buf->pages[i]), PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret) {
			qcap_buf_unmap(buf, i);
			return ret; // ok[iommu-map-partial-unwind]: the helper unmaps the earlier turns
		}
	}
	return 0;
}

// The caller of this file unmaps the whole buffer whatever the result is.
static int good_map_all(struct qcap_buf *buf)
{
	unsigned int i;
	int ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE,
				page_to_phys(buf->pages[i]), PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			return ret; // ok[iommu-map-partial-unwind]: good_caller() unwinds
	}
	return 0;
}

int good_caller(struct qcap_buf *buf)
{
	int ret = good_map_all(buf);

	if (ret)
		iommu_unmap(buf->domain, buf->iova, buf->npages * PAGE_SIZE);
	return ret;
}
