// expect: unknown
#include "interfaces.h"
int open(struct rig *r, phys_addr_t pa)
{
	struct iommu_domain *made = iommu_domain_alloc(r->dev); //+
	int ret; //+
	if (!made) //+
		return -12; //+
	ret = iommu_map(made, 0x100000, pa, 4096, 1, 0); //+
	if (ret) //+
		goto free; //+
	ret = iommu_attach_device(made, r->dev); //+
	if (ret) //+
		goto free; //+
	r->domain = made; //+
	return 0;
free: //+
	iommu_domain_free(made); //+
	return ret; //+
}
