#include <linux/iommu.h>

struct qcap {
	struct iommu_domain *domain;
	unsigned long iova;
};

int qcap_ring(struct qcap *q, phys_addr_t pa)
{
	return iommu_map(q->domain, q->iova, pa, SZ_4K, IOMMU_READ);
}
