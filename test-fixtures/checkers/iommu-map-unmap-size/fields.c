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
		iommu_unmap(q->domain, q->iova + off, PAGE_SIZE);
//                                                    ^^^^^^^^^ error[iommu-map-unmap-size]: unmaps PAGE_SIZE per turn, but line 11 mapped q->ring_size in one call: it goes whole or not at all
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

struct qcap_kept {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t bytes;
};

static int bad_kept_init(struct qcap_kept *k, struct iommu_domain *domain, phys_addr_t phys)
{
	unsigned long iova = qcap_alloc_iova(domain, SZ_2M);
	int ret;

	ret = iommu_map(domain, iova, phys, SZ_2M, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	k->domain = domain;
	k->iova = iova;
	return 0;
}

static void bad_kept_exit(struct qcap_kept *k)
{
	iommu_unmap(k->domain, k->iova, SZ_64K);
//                                      ^^^^^^ error[iommu-map-unmap-size]: unmaps SZ_64K of the SZ_2M that line 58 mapped in one call: it goes whole or not at all
}

struct qcap_stored {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t bytes;
};

static int good_stored_init(struct qcap_stored *s, phys_addr_t phys, unsigned long iova, size_t size)
{
	size = PAGE_ALIGN(size);
	if (iommu_map(s->domain, iova, phys, size, IOMMU_READ, GFP_KERNEL))
		return -ENOMEM;
	s->iova = iova;
	s->bytes = size;
	return 0;
}

static void good_stored_exit(struct qcap_stored *s)
{
	iommu_unmap(s->domain, s->iova, s->bytes); // ok[iommu-map-unmap-size]: the size that was mapped was stored
}

// Two functions fill the members, each in its own way: which of them was here, nobody can tell.
struct qcap_either {
	struct iommu_domain *domain;
	unsigned long iova;
};

static int good_either_big(struct qcap_either *e, phys_addr_t phys)
{
	return iommu_map(e->domain, e->iova, phys, SZ_2M, IOMMU_READ, GFP_KERNEL);
}

static int good_either_small(struct qcap_either *e, phys_addr_t phys)
{
	return iommu_map(e->domain, e->iova, phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
}

static void good_either_exit(struct qcap_either *e)
{
	iommu_unmap(e->domain, e->iova, SZ_4K); // ok[iommu-map-unmap-size]: the mappers do not agree
}

// A member of the same name in another struct is another meeting point.
struct qcap_namesake {
	struct iommu_domain *domain;
	unsigned long iova;
};

static void good_namesake(struct qcap_namesake *n)
{
	iommu_unmap(n->domain, n->iova, SZ_4K); // ok[iommu-map-unmap-size]: nobody here mapped into this struct
}

struct qcap_pages {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t size;
};

static int good_pages_init(struct qcap_pages *p, phys_addr_t phys)
{
	size_t off;

	for (off = 0; off < p->size; off += PAGE_SIZE)
		if (iommu_map(p->domain, p->iova + off, phys + off, PAGE_SIZE, IOMMU_READ, GFP_KERNEL))
			goto err;
	return 0;
err:
	iommu_unmap(p->domain, p->iova, off);
	return -ENOMEM;
}

static void good_pages_exit(struct qcap_pages *p)
{
	size_t off;

	for (off = 0; off < p->size; off += PAGE_SIZE)
		iommu_unmap(p->domain, p->iova + off, PAGE_SIZE); // ok[iommu-map-unmap-size]: mapped page by page
}
