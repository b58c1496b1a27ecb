// Correct code that looks like a mismatch.
struct qcap_buf {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t *pages;
	size_t npages;
	size_t len;
	size_t mapped;
};

// One unmap may cover many whole mappings.
static int good_aggregate(struct qcap_buf *buf)
{
	size_t i;
	int ret;

	for (i = 0; i < buf->npages; i++) {
		ret = iommu_map(buf->domain, buf->iova + i * PAGE_SIZE, buf->pages[i],
				PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			goto err_unmap;
	}
	return 0;

err_unmap:
	iommu_unmap(buf->domain, buf->iova, i * PAGE_SIZE); // ok[iommu-map-unmap-size]: all whole pages of earlier turns
	return ret;
}

// The same size, spelled and parenthesised in another way.
static int good_spelling(struct qcap_buf *buf)
{
	size_t size = PAGE_ALIGN(buf->len);
	int ret;

	ret = iommu_map(buf->domain, buf->iova, buf->pages[0], ALIGN(buf->len, PAGE_SIZE),
			IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(buf);
	if (ret)
		iommu_unmap(buf->domain, buf->iova, (size_t)size); // ok[iommu-map-unmap-size]: PAGE_ALIGN is ALIGN to PAGE_SIZE
	return ret;
}

static int good_shift(struct qcap_buf *buf)
{
	int ret;

	ret = iommu_map(buf->domain, buf->iova, buf->pages[0], buf->npages << PAGE_SHIFT,
			IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(buf);
	if (ret)
		iommu_unmap(buf->domain, buf->iova, buf->npages * PAGE_SIZE); // ok[iommu-map-unmap-size]: a shift is a product
	return ret;
}

// The size that was mapped is stored, and that field is unmapped.
static int good_stored(struct qcap_buf *buf)
{
	size_t size = round_up(buf->len, SZ_64K);
	int ret;

	ret = iommu_map(buf->domain, buf->iova, buf->pages[0], size, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	buf->mapped = size;
	return 0;
}

static void good_stored_exit(struct qcap_buf *buf)
{
	iommu_unmap(buf->domain, buf->iova, buf->mapped); // ok[iommu-map-unmap-size]: the rounded size was stored
}

// Mapped per page on purpose, so that pages can go one by one.
static int good_per_page(struct qcap_buf *buf)
{
	size_t off;
	int ret;

	for (off = 0; off < buf->len; off += PAGE_SIZE) {
		ret = iommu_map(buf->domain, buf->iova + off, buf->pages[off >> PAGE_SHIFT],
				PAGE_SIZE, IOMMU_READ, GFP_KERNEL);
		if (ret)
			goto err;
	}
	return 0;
err:
	while (off) {
		off -= PAGE_SIZE;
		iommu_unmap(buf->domain, buf->iova + off, PAGE_SIZE); // ok[iommu-map-unmap-size]: one page was one mapping
	}
	return ret;
}

// How much goes is the question here: what is left is unmapped only where something is.
static bool good_probe(struct iommu_domain *domain, phys_addr_t phys, unsigned long iova)
{
	bool whole = false;
	size_t gone;

	if (iommu_map(domain, iova, phys, 2 * SZ_4K, IOMMU_READ, GFP_KERNEL))
		return false;
	gone = iommu_unmap(domain, iova, SZ_4K); // ok[iommu-map-unmap-size]: the result is compared, and the rest goes by it
	if (gone == SZ_4K)
		iommu_unmap(domain, iova + SZ_4K, SZ_4K); // ok[iommu-map-unmap-size]: the rest
	else
		whole = true;
	return whole;
}

static void bad_asks_in_vain(struct iommu_domain *domain, phys_addr_t phys, unsigned long iova)
{
	size_t gone;

	if (iommu_map(domain, iova, phys, 2 * SZ_4K, IOMMU_READ, GFP_KERNEL))
		return;
	gone = iommu_unmap(domain, iova, SZ_4K);
//                                       ^^^^^ error[iommu-map-unmap-size]: unmaps SZ_4K of the 2 * SZ_4K
	if (gone != SZ_4K)
		pr_err("unmapped %zu\n", gone);
}
