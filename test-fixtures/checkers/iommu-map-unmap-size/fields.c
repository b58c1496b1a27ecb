// Map and unmap meet in the fields of one object.
struct qcap_ring {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	size_t ring_size;
};

static int bad_ring_init(struct qcap_ring *q)
{
	return iommu_map(q->domain, q->iova, q->phys, q->ring_size,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
}

static void bad_ring_exit(struct qcap_ring *q)
{
	size_t off;

	for (off = 0; off < q->ring_size; off += PAGE_SIZE)
		iommu_unmap(q->domain, q->iova + off, PAGE_SIZE); // todo-fn[iommu-map-unmap-size]: mapped in bad_ring_init(); pairs of two functions are not compared yet
}

struct qcap_win {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	size_t size;
};

static int good_win_init(struct qcap_win *win)
{
	int ret;

	ret = iommu_map(win->domain, win->iova, win->phys, win->size, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	return 0;
}

static void good_win_exit(struct qcap_win *win)
{
	if (WARN_ON(iommu_unmap(win->domain, win->iova, win->size) != win->size)) // ok[iommu-map-unmap-size]: same fields on both sides
		return;
}
