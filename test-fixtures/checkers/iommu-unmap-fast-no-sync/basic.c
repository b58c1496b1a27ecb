// Until iommu_iotlb_sync() the IOTLB still translates what iommu_unmap_fast() removed.
struct qcap_pin {
	struct iommu_domain *domain;
	unsigned long iova;
	struct page *page;
	struct list_head node;
};

static void bad_unpin_first(struct qcap_pin *pin)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(pin->domain, pin->iova, PAGE_SIZE, &gather);
	unpin_user_page(pin->page);
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-unmap-fast-no-sync]: unpins pin->page before iommu_iotlb_sync() for line 14: through the IOTLB the device still reaches it
	iommu_iotlb_sync(pin->domain, &gather);
}

static void bad_free_first(struct iommu_domain *domain, unsigned long iova, void *buf)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(domain, iova, PAGE_SIZE, &gather);
	free_page((unsigned long)buf);
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-unmap-fast-no-sync]: frees buf before iommu_iotlb_sync() for line 25: through the IOTLB the device still reaches it
	iommu_iotlb_sync(domain, &gather);
}

static int bad_never(struct qcap_pin *pin)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	iommu_iotlb_gather_init(&gather);
	unmapped = iommu_unmap_fast(pin->domain, pin->iova, SZ_2M, &gather);
	return unmapped == SZ_2M ? 0 : -EIO;
//             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-unmap-fast-no-sync]: ends without iommu_iotlb_sync() for line 37: the IOTLB still translates what was unmapped
}

static void good_sync_first(struct qcap_pin *pin)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(pin->domain, pin->iova, PAGE_SIZE, &gather);
	iommu_iotlb_sync(pin->domain, &gather);
	unpin_user_page(pin->page); // ok[iommu-unmap-fast-no-sync]: synced on the line above
}

static void good_flush_all(struct qcap_pin *pin)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(pin->domain, pin->iova, PAGE_SIZE, &gather);
	iommu_flush_iotlb_all(pin->domain);
	unpin_user_page(pin->page); // ok[iommu-unmap-fast-no-sync]: a flush of everything covers the range
}

// A batch: many unmaps, one sync, then the pages.
static void good_batch(struct iommu_domain *domain, struct list_head *pins)
{
	struct iommu_iotlb_gather gather;
	struct qcap_pin *pin, *next;

	iommu_iotlb_gather_init(&gather);
	list_for_each_entry(pin, pins, node)
		iommu_unmap_fast(domain, pin->iova, PAGE_SIZE, &gather);
	iommu_iotlb_sync(domain, &gather);
	list_for_each_entry_safe(pin, next, pins, node) {
		unpin_user_page(pin->page); // ok[iommu-unmap-fast-no-sync]: one sync for the batch came before
		kfree(pin);
	}
}

// The caller owns the gather, and syncs it.
static size_t good_callers_gather(struct qcap_pin *pin, struct iommu_iotlb_gather *gather)
{
	return iommu_unmap_fast(pin->domain, pin->iova, PAGE_SIZE, gather); // ok[iommu-unmap-fast-no-sync]: the gather is a parameter
}

// iommu_unmap() flushes by itself.
static void good_unmap(struct qcap_pin *pin)
{
	iommu_unmap(pin->domain, pin->iova, PAGE_SIZE);
	unpin_user_page(pin->page); // ok[iommu-unmap-fast-no-sync]: not the fast form
}

// Memory that was never mapped there may go at any time.
static void good_other_memory(struct qcap_pin *pin, char *name)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	iommu_unmap_fast(pin->domain, pin->iova, PAGE_SIZE, &gather);
	kfree(name); // ok[iommu-unmap-fast-no-sync]: a string, not the page
	iommu_iotlb_sync(pin->domain, &gather);
}

struct qcap_range {
	struct iommu_domain *domain;
	unsigned long iova;
	size_t size;
	void *queue;
	int bounced;
	int coherent;
};

// Whether a queue takes the flush over is kept in a member; both that and the condition it came from are asked.
static void good_queued(struct qcap_range *range, unsigned long attrs, bool give_back)
{
	struct iommu_iotlb_gather gather;

	if (range->bounced || (!range->coherent && !(attrs & 3)))
		qcap_copy_back(range);
	iommu_iotlb_gather_init(&gather);
	gather.queued = give_back && range->queue;
	iommu_unmap_fast(range->domain, range->iova, range->size, &gather);
	if (!gather.queued)
		iommu_iotlb_sync(range->domain, &gather);
	if (give_back)
		qcap_give_back(range, &gather); // ok[iommu-unmap-fast-no-sync]: what was queued is synced there
}

static void bad_queued(struct qcap_range *range, unsigned long attrs, bool give_back)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	gather.queued = give_back || range->queue;
	iommu_unmap_fast(range->domain, range->iova, range->size, &gather);
	if (!gather.queued)
		iommu_iotlb_sync(range->domain, &gather);
	if (give_back)
		qcap_give_back(range, &gather);
} // error[iommu-unmap-fast-no-sync]
