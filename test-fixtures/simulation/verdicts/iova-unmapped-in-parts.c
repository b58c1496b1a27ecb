// expect: unknown
#include "interfaces.h"
int probe(struct rig *r, phys_addr_t pa)
{
	int ret = iommu_map(r->domain, 0x100000, pa, 8192, 1, 0);
	if (ret)
		return ret;
//-	iommu_unmap(r->domain, 0x100000, 8192);
	iommu_unmap(r->domain, 0x100000, 4096); //+
	iommu_unmap(r->domain, 0x101000, 4096); //+
	return 0;
}
