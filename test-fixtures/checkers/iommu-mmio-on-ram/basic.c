// RAM with IOMMU_MMIO loses the C-bit on SME hosts, and becomes Device memory on Arm.
struct qcap_queue {
	struct iommu_domain *domain;
	unsigned long iova;
	void *ring;
	bool is_io;
};

static int bad_kmalloc(struct qcap_queue *q)
{
	void *ring = kzalloc(SZ_4K, GFP_KERNEL);
	int ret;

	if (!ring)
		return -ENOMEM;
	ret = iommu_map(q->domain, q->iova, virt_to_phys(ring), SZ_4K,
			IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, GFP_KERNEL);
//                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-mmio-on-ram]: maps virt_to_phys(ring), RAM, with IOMMU_MMIO
	if (ret) {
		kfree(ring);
		return ret;
	}
	q->ring = ring;
	return 0;
}

static int bad_page(struct qcap_queue *q, struct page *page)
{
	int prot = IOMMU_READ | IOMMU_MMIO;

	return iommu_map(q->domain, q->iova, page_to_phys(page), PAGE_SIZE, prot, GFP_KERNEL);
//                                                                          ^^^^ error[iommu-mmio-on-ram]: maps page_to_phys(page), RAM, with IOMMU_MMIO: SME leaves out the C-bit, the device sees ciphertext
}

static int bad_both(struct qcap_queue *q, phys_addr_t pa)
{
	return iommu_map(q->domain, q->iova, pa, SZ_4K,
			 IOMMU_READ | IOMMU_CACHE | IOMMU_MMIO, GFP_KERNEL);
//                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-mmio-on-ram]: passes IOMMU_CACHE | IOMMU_MMIO for pa: no format can give both, IOMMU_MMIO wins
}

static int good_ram(struct qcap_queue *q, struct page *page)
{
	return iommu_map(q->domain, q->iova, page_to_phys(page), PAGE_SIZE,
			 IOMMU_READ | IOMMU_CACHE, GFP_KERNEL); // ok[iommu-mmio-on-ram]: RAM as RAM
}

static int good_bar(struct qcap_queue *q, struct pci_dev *pdev)
{
	return iommu_map(q->domain, q->iova, pci_resource_start(pdev, 0), SZ_4K,
			 IOMMU_READ | IOMMU_MMIO, GFP_KERNEL); // ok[iommu-mmio-on-ram]: device memory with its flag
}

static int good_either(struct qcap_queue *q, struct page *page, phys_addr_t bar)
{
	phys_addr_t pa = q->is_io ? bar : page_to_phys(page);
	int prot = IOMMU_READ;

	if (q->is_io)
		prot |= IOMMU_MMIO;
	else
		prot |= IOMMU_CACHE;
	return iommu_map(q->domain, q->iova, pa, PAGE_SIZE, prot, GFP_KERNEL); // ok[iommu-mmio-on-ram]: one flag each, by the same condition
}
