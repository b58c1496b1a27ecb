// A range of guest memory holds RAM and MMIO in any order; it is pinned page by page and mapped chunk by chunk.
struct qcap_range {
	struct iommu_domain *domain;
	unsigned long iova;
	unsigned long vaddr;
	size_t size;
	int prot;
};

extern long qcap_pin(unsigned long vaddr, int write, unsigned long *pfn);
extern bool qcap_is_ram(unsigned long pfn);
extern unsigned long qcap_lookup(struct iommu_domain *domain, unsigned long iova);

// The type goes through a pointer to the member, and the next page is looked at before the chunk ends.
static long qcap_frame(unsigned long vaddr, int *prot, unsigned long *pfn)
{
	long ret = qcap_pin(vaddr, *prot & IOMMU_WRITE, pfn);

	if (ret)
		return ret;
	if (qcap_is_ram(*pfn))
		*prot &= ~IOMMU_MMIO;
	else
		*prot |= IOMMU_MMIO;
//              ^^^^^^^^^^^^^^^^^^^ error[vfio-mmio-per-range]: range->prot gets IOMMU_MMIO at line 24 and loses it at line 22: RAM and MMIO chunks get each other's type
	return 0;
}

static long qcap_chunk(struct qcap_range *range, unsigned long vaddr, unsigned long *first)
{
	unsigned long pfn;
	long pinned = 0;

	while (vaddr < range->vaddr + range->size) {
		if (qcap_frame(vaddr, &range->prot, &pfn))
			return -EFAULT;
		if (!pinned)
			*first = pfn;
		else if (pfn != *first + pinned)
			break;
		pinned++;
		vaddr += PAGE_SIZE;
	}
	return pinned;
}

static int bad_map_range(struct qcap_range *range)
{
	size_t done = 0;
	unsigned long first;
	int ret;

	while (done < range->size) {
		long pages = qcap_chunk(range, range->vaddr + done, &first);

		if (pages <= 0)
			return -EFAULT;
		ret = iommu_map(range->domain, range->iova + done, first << PAGE_SHIFT,
				pages << PAGE_SHIFT, range->prot | IOMMU_CACHE, GFP_KERNEL);
		if (ret)
			break;
		done += pages << PAGE_SHIFT;
	}
	if (done < range->size) {
		iommu_unmap(range->domain, range->iova, done);
		return -ENOMEM;
	}
	return 0;
}

//- kept.c
// Set for one page and never cleared: everything behind it is MMIO.
struct qcap_area {
	struct iommu_domain *domain;
	unsigned long iova;
	unsigned int pages;
	int prot;
};

extern long qcap_next(struct qcap_area *area, unsigned int page, unsigned long *pfn);
extern bool qcap_is_mmio(unsigned long pfn);

static int bad_sticky(struct qcap_area *area)
{
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < area->pages; i++) {
		if (qcap_next(area, i, &pfn))
			return -EFAULT;
		if (qcap_is_mmio(pfn))
			area->prot |= IOMMU_MMIO;
//                      ^^^^^^^^^^^^^^^^^^^^^^^^ error[vfio-mmio-per-range]: area->prot gets IOMMU_MMIO at line 21 and keeps it: every later RAM chunk is mapped as MMIO
		if (iommu_map(area->domain, area->iova + i * PAGE_SIZE, pfn << PAGE_SHIFT,
			      PAGE_SIZE, area->prot, GFP_KERNEL)) {
			iommu_unmap(area->domain, area->iova, i * PAGE_SIZE);
			return -ENOMEM;
		}
	}
	return 0;
}

//- cleared.c
// The part of a patch that clears the flag, without the one that sets it and without who calls it.
extern long qcap_pin(unsigned long vaddr, int write, unsigned long *pfn);

static long qcap_frame(unsigned long vaddr, int *prot, unsigned long *pfn)
{
	long ret = qcap_pin(vaddr, *prot & IOMMU_WRITE, pfn);

	if (ret > 0) {
		*prot &= ~IOMMU_MMIO;
//              ^^^^^^^^^^^^^^^^^^^^ error[vfio-mmio-per-range]: *prot loses IOMMU_MMIO with the next RAM page: the chunk before it is mapped with the wrong type
		return ret;
	}
	return -EFAULT;
}

//- good.c
// The type stands beside the chunk, in a local, or belongs to an object that is one chunk.
struct qcap_area {
	struct iommu_domain *domain;
	unsigned long iova;
	unsigned int pages;
	int prot;
};

struct qcap_segment {
	unsigned long pfn;
	unsigned long iova;
	int prot;
};

extern bool qcap_is_mmio(unsigned long pfn);
extern long qcap_run(struct qcap_area *area, unsigned int page, unsigned long *pfn, bool *mmio);

static int good_local(struct qcap_area *area)
{
	unsigned int i = 0;

	while (i < area->pages) {
		int prot = area->prot;
		unsigned long pfn;
		bool mmio;
		long run = qcap_run(area, i, &pfn, &mmio);

		if (run <= 0)
			return -EFAULT;
		if (mmio)
			prot |= IOMMU_MMIO; // ok[vfio-mmio-per-range]: a local of the chunk
		if (iommu_map(area->domain, area->iova + i * PAGE_SIZE, pfn << PAGE_SHIFT,
			      run * PAGE_SIZE, prot, GFP_KERNEL)) {
			iommu_unmap(area->domain, area->iova, i * PAGE_SIZE);
			return -ENOMEM;
		}
		i += run;
	}
	return 0;
}

static int good_segment(struct iommu_domain *domain, struct qcap_segment *segments, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		struct qcap_segment *segment = &segments[i];

		if (qcap_is_mmio(segment->pfn))
			segment->prot |= IOMMU_MMIO; // ok[vfio-mmio-per-range]: each turn has a segment of its own
		ret = iommu_map(domain, segment->iova, segment->pfn << PAGE_SHIFT, PAGE_SIZE,
				segment->prot, GFP_KERNEL);
		if (ret)
			break;
	}
	while (ret && i--)
		iommu_unmap(domain, segments[i].iova, PAGE_SIZE);
	return ret;
}

static void good_once(struct qcap_area *area, bool mmio)
{
	area->prot = IOMMU_READ;
	if (mmio)
		area->prot |= IOMMU_MMIO; // ok[vfio-mmio-per-range]: the whole area is of one type, decided when it is made
}

static int good_decided(struct qcap_area *area, unsigned long first)
{
	unsigned int i;

	for (i = 0; i < area->pages; i++) {
		if (qcap_is_mmio(first + i))
			area->prot |= IOMMU_MMIO; // ok[vfio-mmio-per-range]: set and cleared for the page that is mapped next
		else
			area->prot &= ~IOMMU_MMIO;
		if (iommu_map(area->domain, area->iova + i * PAGE_SIZE, (first + i) << PAGE_SHIFT,
			      PAGE_SIZE, area->prot, GFP_KERNEL)) {
			iommu_unmap(area->domain, area->iova, i * PAGE_SIZE);
			return -ENOMEM;
		}
	}
	return 0;
}
