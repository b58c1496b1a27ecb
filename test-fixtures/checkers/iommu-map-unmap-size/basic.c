// One iommu_map() call makes one mapping, and iommu_unmap() removes whole mappings only.
struct qcap_queue {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	size_t size;
	bool busy;
};

static int bad_page_loop(struct qcap_queue *q)
{
	size_t off;
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, q->size,
			IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret) {
		for (off = 0; off < q->size; off += SZ_4K)
			iommu_unmap(q->domain, q->iova + off, SZ_4K);
//                                                            ^^^^^ error[iommu-map-unmap-size]: unmaps SZ_4K per turn, but line 15 mapped q->size in one call: it goes whole or not at all
	}
	return ret;
}

static int bad_part(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_2M,
			IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret)
		iommu_unmap(q->domain, q->iova, SZ_64K);
//                                              ^^^^^^ error[iommu-map-unmap-size]: unmaps SZ_64K of the SZ_2M that line 32 mapped in one call: it goes whole or not at all
	return ret;
}

static int bad_beyond(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, SZ_64K,
			IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret)
		iommu_unmap(q->domain, q->iova, SZ_2M);
//                                              ^^^^^ error[iommu-map-unmap-size]: unmaps SZ_2M, but line 47 mapped only SZ_64K: it also removes what is mapped behind it
	return ret;
}

static int bad_odd_size(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, 0x2000, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret)
		iommu_unmap(q->domain, q->iova, 0x1800);
//                                              ^^^^^^ error[iommu-map-unmap-size]: unmaps 0x1800, but line 62 mapped 0x2000: io-pgtable refuses the odd size and all of it stays mapped
	return ret;
}

static int bad_address(struct qcap_queue *q, unsigned long iova)
{
	int ret;

	ret = iommu_map(q->domain, iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret)
		iommu_unmap(q->domain, iova + SZ_4K, SZ_4K);
//                                     ^^^^^^^^^^^^ error[iommu-map-unmap-size]: unmaps at iova + SZ_4K, but line 76 mapped at iova: the mapping at iova stays
	return ret;
}

static int good_same(struct qcap_queue *q)
{
	int ret;

	ret = iommu_map(q->domain, q->iova, q->phys, q->size, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	ret = qcap_start(q);
	if (ret)
		iommu_unmap(q->domain, q->iova, q->size); // ok[iommu-map-unmap-size]: the whole mapping
	return ret;
}
