// A short result is legal, and what was mapped stays mapped until somebody unmaps it.
struct qcap_bo {
	struct iommu_domain *domain;
	unsigned long iova;
	struct sg_table *sgt;
	size_t size;
	struct qcap_dev *qdev;
	struct device *dev;
	struct mutex lock;
};

static int bad_short(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (mapped < (ssize_t)bo->size) {
		dev_err(bo->dev, "mapped %zd bytes only\n", mapped);
		return -ENOMEM;
//                     ^^^^^^^ warning[iommu-map-sg-short]: fails on mapped < …bo->size without unmapping: what iommu_map_sgtable() of line 16 mapped stays at bo->iova
	}
	return 0;
}

static int limit_two_tests(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sg(bo->domain, bo->iova, bo->sgt->sgl, bo->sgt->orig_nents,
			      IOMMU_READ, GFP_KERNEL);
	if (mapped < 0)
		return mapped;
	return mapped == bo->size ? 0 : -EINVAL; // todo-fn[iommu-map-sg-short]: the caller could unmap it, and is not in sight
}

static int good_unmaps(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (mapped < 0)
		return mapped;
	if (mapped < bo->size) {
		iommu_unmap(bo->domain, bo->iova, mapped);
		return -ENOMEM; // ok[iommu-map-sg-short]: what was mapped is unmapped
	}
	return 0;
}

// Unmapping the whole wanted range also covers the short one.
static int good_unmaps_all(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (mapped < 0)
		return mapped;
	if (mapped < bo->size) {
		iommu_unmap(bo->domain, bo->iova, bo->size);
		return -ENOMEM; // ok[iommu-map-sg-short]: unmaps the wanted size
	}
	return 0;
}

static int good_error_only(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (mapped < 0)
		return mapped; // ok[iommu-map-sg-short]: a failed call left nothing mapped
	bo->size = mapped;
	return 0;
}

static int limit_gives_iova_back(struct qcap_bo *bo)
{
	ssize_t mapped;

	mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, IOMMU_READ);
	if (mapped < (ssize_t)bo->size) {
		qcap_remove_node(bo->qdev, bo->iova);
		return -ENOMEM; // todo-fn[iommu-map-sg-short]: a call that removes something is taken to unmap
	}
	return 0;
}
