// expect: unknown
#include "interfaces.h"
int map(struct rig *r, phys_addr_t pa)
{
	int ret = iommu_map(r->domain, 0x100000, pa, 4096, 1, 0); //+
	if (ret) //+
		return ret; //+
	ret = iommu_map(r->other, 0x100000, pa, 8192, 1, 0); //+
	iommu_unmap(r->domain, 0x100000, 4096); //+
	if (ret) //+
		return ret; //+
	iommu_unmap(r->other, 0x100000, 8192); //+
	return 0;
}
