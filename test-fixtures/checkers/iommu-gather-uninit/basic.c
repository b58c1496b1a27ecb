// An empty gather is not all zeroes: start is ULONG_MAX and the freelist is a list head.
static size_t bad_zeroed(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather = {};
	size_t unmapped;

	unmapped = iommu_unmap_fast(domain, iova, size, &gather);
//                                                      ^^^^^^^ error[iommu-gather-uninit]: passes gather set to {}, not by iommu_iotlb_gather_init(): start is 0 and the freelist is NULL
	iommu_iotlb_sync(domain, &gather);
	return unmapped;
}

static void bad_one_path(struct iommu_domain *domain, unsigned long iova, size_t size, bool batch)
{
	struct iommu_iotlb_gather gather;

	if (batch)
		iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(domain, iova, size, &gather);
//                                           ^^^^^^^ error[iommu-gather-uninit]: passes gather to iommu_unmap_fast() uninitialised: flush range and freelist are stack garbage
	iommu_iotlb_sync(domain, &gather);
}

static void good_init(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(domain, iova, size, &gather); // ok[iommu-gather-uninit]: initialised above
	iommu_iotlb_sync(domain, &gather);
}

// A sync leaves it ready for the next round.
static void good_again(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(domain, iova, size, &gather);
	iommu_iotlb_sync(domain, &gather);
	iommu_unmap_fast(domain, iova + size, size, &gather); // ok[iommu-gather-uninit]: iommu_iotlb_sync() initialised it again
	iommu_iotlb_sync(domain, &gather);
}

static size_t good_parameter(struct iommu_domain *domain, unsigned long iova,
			     struct iommu_iotlb_gather *gather)
{
	return iommu_unmap_fast(domain, iova, PAGE_SIZE, gather); // ok[iommu-gather-uninit]: the caller initialised it
}

// The dirty bitmap initialises the gather that it is given.
static void good_dirty(struct iommu_domain *domain, struct iova_bitmap *bitmap)
{
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap dirty;

	iommu_dirty_bitmap_init(&dirty, bitmap, &gather);
	iommu_iotlb_sync(domain, &gather); // ok[iommu-gather-uninit]: iommu_dirty_bitmap_init() did it
}

static void qcap_prepare(struct iommu_iotlb_gather *gather)
{
	iommu_iotlb_gather_init(gather);
	gather->queued = false;
}

static void good_helper(struct iommu_domain *domain, unsigned long iova)
{
	struct iommu_iotlb_gather gather;

	qcap_prepare(&gather);
	iommu_unmap_fast(domain, iova, PAGE_SIZE, &gather); // ok[iommu-gather-uninit]: the helper initialises it
	iommu_iotlb_sync(domain, &gather);
}

// Declarations of inner blocks, of several names and with an initialiser in between.
static size_t bad_inner(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	size_t all = 0;

	while (all < size) {
		struct iommu_iotlb_gather gather;
		size_t part = size - all, done;
		done = iommu_unmap_fast(domain, iova + all, part, &gather);
//                                                                ^^^^^^^ error[iommu-gather-uninit]: passes gather to iommu_unmap_fast() uninitialised
		iommu_iotlb_sync(domain, &gather);
		if (!done)
			break;
		all += done;
	}
	return all;
}

// Nothing can be put between two declarations.
static size_t bad_in_declaration(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather = {};
	size_t done = iommu_unmap_fast(domain, iova, size, &gather);
//                                                         ^^^^^^^ error[iommu-gather-uninit]: passes gather set to {}, not by iommu_iotlb_gather_init()

	iommu_iotlb_sync(domain, &gather);
	return done;
}
