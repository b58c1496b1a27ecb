// iommu_map() never replaces: over a live entry it fails and the old one stays.
struct qcap_queue {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	bool rw;
};

static int bad_upgrade(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	if (q->rw)
		ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K,
//                                         ^^^^^^^ error[iommu-map-overlap]: maps q->iova again, still mapped by line 13: the call fails and IOMMU_READ stays in force
				IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	return ret;
}

static int bad_move(struct qcap_queue *q, phys_addr_t next)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	return iommu_map(q->domain, q->iova, next, SZ_4K, IOMMU_READ, GFP_KERNEL);
//                                  ^^^^^^^ error[iommu-map-overlap]: still mapped by line 27: the call fails and q->phys stays in force
}

static int good_unmap_first(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	if (q->rw) {
		if (iommu_unmap(q->domain, q->iova, SZ_4K) != SZ_4K)
			return -EIO;
		ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, // ok[iommu-map-overlap]: unmapped before
				IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	}
	return ret;
}

static int good_either(struct qcap_queue *q)
{
	if (q->rw)
		return iommu_map(q->domain, q->iova, q->phys, SZ_4K,
				 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-overlap]: only one of the two runs
}

// A failed map left nothing: the second attempt is the first mapping.
static int good_retry(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_2M, IOMMU_READ, GFP_KERNEL);
	if (ret)
		ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-overlap]: the first call failed here
	return ret;
}

// Neighbours are no overlap.
static int good_next(struct qcap_queue *q)
{
	unsigned long iova = q->iova;
	int i, ret;

	for (i = 0; i < 4; i++) {
		ret = iommu_map(q->domain, iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-overlap]: iova moves on each turn
		if (ret)
			goto err;
		iova += SZ_4K;
	}
	return 0;
err:
	iommu_unmap(q->domain, q->iova, iova - q->iova);
	return ret;
}

// Two domains have two page tables.
static int good_two_domains(struct qcap_queue *q, struct iommu_domain *other)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = iommu_map(other, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-overlap]: another domain
	if (ret)
		iommu_unmap(q->domain, q->iova, SZ_4K);
	return ret;
}

struct qcap_window {
	struct list_head node;
	unsigned long first, last;
};

// The windows are apart, which only the list's owner knows.
static int good_windows(struct qcap_queue *q, struct list_head *windows, unsigned long va)
{
	struct qcap_window *w;
	unsigned long start = va;
	int ret;

	list_for_each_entry(w, windows, node) {
		for (; va <= w->last; va += SZ_4K) {
			if (va < w->first)
				continue;
			if (va == w->first)
				start = va;
			if (va == w->last) {
				ret = iommu_map(q->domain, start, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-overlap]: another turn of the list
				if (ret)
					return ret;
				break;
			}
		}
	}
	return 0;
}
