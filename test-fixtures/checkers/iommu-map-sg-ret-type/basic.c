// iommu_map_sg() and iommu_map_sgtable() return a negative errno or the bytes mapped.
struct qcap_bo {
	struct iommu_domain *domain;
	unsigned long iova;
	struct sg_table *sgt;
	size_t size;
};

static int bad_unsigned(struct qcap_bo *bo)
{
	size_t n;
//             ^ error[iommu-map-sg-ret-type]: keeps the ssize_t of iommu_map_sgtable() in size_t n: -ENOMEM reads as 0xfffffffffffffff4 bytes

	n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (!n)
		return -ENOMEM;
	bo->size = n;
	return 0;
}

static int bad_field(struct qcap_bo *bo)
{
	bo->size = iommu_map_sg(bo->domain, bo->iova, bo->sgt->sgl, bo->sgt->orig_nents,
//      ^^^^^^^^ error[iommu-map-sg-ret-type]: keeps the ssize_t of iommu_map_sg() in size_t bo->size
				IOMMU_READ, GFP_KERNEL);
	if (!bo->size)
		return -ENOMEM;
	return 0;
}

static int bad_int(struct qcap_bo *bo)
{
	int n;
//          ^ error[iommu-map-sg-ret-type]: keeps the ssize_t of iommu_map_sgtable() in int n: a map of 2 GiB reads as negative

	n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (n < 0)
		return n;
	return 0;
}

static int bad_zero(struct qcap_bo *bo)
{
	ssize_t n;

	n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (!n)
//          ^^ error[iommu-map-sg-ret-type]: tests n of iommu_map_sgtable() for 0, but failure is a negative errno: it passes as a mapped range
		return -ENOMEM;
	bo->size = n;
	return 0;
}

static int good_signed(struct qcap_bo *bo)
{
	ssize_t n;

	n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ); // ok[iommu-map-sg-ret-type]: kept as ssize_t
	if (n < 0)
		return n;
	bo->size = n;
	return 0;
}

static int good_compared(struct qcap_bo *bo)
{
	ssize_t n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);

	if (n < (ssize_t)bo->size) { // ok[iommu-map-sg-ret-type]: a signed comparison also catches the errno
		if (n > 0)
			iommu_unmap(bo->domain, bo->iova, n);
		return -ENOMEM;
	}
	return 0;
}

static long good_long(struct qcap_bo *bo)
{
	long n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ); // ok[iommu-map-sg-ret-type]: long is as wide as ssize_t

	return n;
}

// A size that is only filled after the test is no place where an errno could hide.
static int good_later(struct qcap_bo *bo)
{
	ssize_t n = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	size_t size;

	if (n < 0)
		return n;
	size = n; // ok[iommu-map-sg-ret-type]: not negative any more
	bo->size = size;
	return 0;
}
