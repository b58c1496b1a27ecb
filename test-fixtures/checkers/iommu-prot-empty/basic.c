// A mapping with neither read nor write is refused by every format.
struct qcap_queue {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	int prot;
};

static int bad_cache_only(struct qcap_queue *q)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_CACHE, GFP_KERNEL);
//                                                           ^^^^^^^^^^^ error[iommu-prot-empty]: maps q->iova with IOMMU_CACHE, neither IOMMU_READ nor IOMMU_WRITE: the call fails with -EINVAL
}

static int bad_mmio_only(struct qcap_queue *q)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_MMIO | IOMMU_NOEXEC, GFP_KERNEL);
//                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-prot-empty]: neither IOMMU_READ nor IOMMU_WRITE
}

static int bad_built(struct qcap_queue *q, bool coherent)
{
	int prot = 0;

	if (coherent)
		prot |= IOMMU_CACHE;
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL);
//                                                           ^^^^ error[iommu-prot-empty]: maps q->iova with prot, neither IOMMU_READ nor IOMMU_WRITE
}

static int limit_one_way(struct qcap_queue *q, bool readable)
{
	int prot = 0;

	if (readable)
		prot |= IOMMU_READ;
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL); // todo-fn[iommu-prot-empty]: another path brings access, and callers may never ask for none
}

static int good_one_by_one(struct qcap_queue *q, bool readable, bool writable)
{
	int prot = 0;

	if (readable)
		prot |= IOMMU_READ;
	if (writable)
		prot |= IOMMU_WRITE;
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL); // ok[iommu-prot-empty]: neither is a case that nobody said can happen
}

static int limit_three_ways(struct qcap_queue *q, enum dma_data_direction dir)
{
	int prot = 0;

	if (dir == DMA_TO_DEVICE)
		prot |= IOMMU_READ;
	else if (dir == DMA_FROM_DEVICE)
		prot |= IOMMU_WRITE;
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL); // todo-fn[iommu-prot-empty]: the paths were merged, and prot is not known in full any more
}

static int good_read(struct qcap_queue *q)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-prot-empty]: read is access
}

static int good_field(struct qcap_queue *q)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, q->prot, GFP_KERNEL); // ok[iommu-prot-empty]: not known here
}

static int good_added(struct qcap_queue *q)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, q->prot | IOMMU_CACHE, GFP_KERNEL); // ok[iommu-prot-empty]: the field brings the rest
}

static int good_built(struct qcap_queue *q, bool write)
{
	int prot = IOMMU_CACHE | IOMMU_READ;

	if (write)
		prot |= IOMMU_WRITE;
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL); // ok[iommu-prot-empty]: read on every path
}

static int good_switch(struct qcap_queue *q, enum dma_data_direction dir)
{
	int prot;

	switch (dir) {
	case DMA_TO_DEVICE:
		prot = IOMMU_READ;
		break;
	case DMA_FROM_DEVICE:
		prot = IOMMU_WRITE;
		break;
	default:
		return -EINVAL;
	}
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL); // ok[iommu-prot-empty]: each case has one
}
