// Device memory needs IOMMU_MMIO, or the leaf gets the memory type of RAM.
struct qcap_dev {
	struct pci_dev *pdev;
	struct iommu_domain *domain;
	unsigned long db_iova;
	phys_addr_t sram_phys;
};

static int bad_bar(struct qcap_dev *qdev)
{
	return iommu_map(qdev->domain, qdev->db_iova, pci_resource_start(qdev->pdev, 2), SZ_4K,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
//                       ^^^^^^^^^^^^^^^^^^^^^^^^ error[iommu-mmio-missing]: a BAR, without IOMMU_MMIO: SME sets the C-bit, Arm makes it Normal memory
//fix: Add IOMMU_MMIO
}

static int bad_bar_local(struct qcap_dev *qdev)
{
	phys_addr_t db = pci_resource_start(qdev->pdev, 2);
	int prot = IOMMU_WRITE | IOMMU_CACHE;

	return iommu_map(qdev->domain, qdev->db_iova, db + SZ_4K, SZ_4K, prot, GFP_KERNEL);
//                                                                       ^^^^ error[iommu-mmio-missing]: maps db + SZ_4K, a BAR, without IOMMU_MMIO
}

static int good_bar(struct qcap_dev *qdev)
{
	return iommu_map(qdev->domain, qdev->db_iova, pci_resource_start(qdev->pdev, 2), SZ_4K,
			 IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, GFP_KERNEL); // ok[iommu-mmio-missing]: has the flag
}

static int good_ram(struct qcap_dev *qdev, struct page *page)
{
	return iommu_map(qdev->domain, qdev->db_iova, page_to_phys(page), PAGE_SIZE,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL); // ok[iommu-mmio-missing]: a page of RAM
}

// On-chip SRAM and carve-outs are mapped as Normal memory on purpose.
static int good_sram(struct qcap_dev *qdev)
{
	return iommu_map(qdev->domain, qdev->db_iova, qdev->sram_phys, SZ_64K,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL); // ok[iommu-mmio-missing]: nothing says that this is device memory
}

static int good_reserved(struct qcap_dev *qdev, struct reserved_mem *rmem)
{
	return iommu_map(qdev->domain, rmem->base, rmem->base, rmem->size,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL); // ok[iommu-mmio-missing]: reserved RAM is RAM
}

// The flags come from a firmware table.
static int good_table(struct qcap_dev *qdev, int flags)
{
	return iommu_map(qdev->domain, qdev->db_iova, pci_resource_start(qdev->pdev, 0), SZ_4K,
			 flags, GFP_KERNEL); // ok[iommu-mmio-missing]: what flags holds is not known here
}

// The flag is added on the path that needs it.
static int good_conditional(struct qcap_dev *qdev, struct page *page, bool doorbell)
{
	int prot = IOMMU_READ | IOMMU_WRITE;
	phys_addr_t pa;

	if (doorbell) {
		pa = pci_resource_start(qdev->pdev, 2);
		prot |= IOMMU_MMIO;
	} else {
		pa = page_to_phys(page);
	}
	return iommu_map(qdev->domain, qdev->db_iova, pa, SZ_4K, prot, GFP_KERNEL); // ok[iommu-mmio-missing]: the flag goes with the BAR
}
