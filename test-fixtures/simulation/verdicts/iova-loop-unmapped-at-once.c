// expect: unknown
#include "interfaces.h"
int map(struct rig *r, phys_addr_t pa)
{
	int i, ret;
	for (i = 0; i < 3; i++) {
		ret = iommu_map(r->domain, 0x100000 + i * 4096, pa + i * 4096, 4096, 1, 0);
		if (ret)
			goto undo;
	}
	return 0;
undo:
//-	while (i--)
//-		iommu_unmap(r->domain, 0x100000 + i * 4096, 4096);
	iommu_unmap(r->domain, 0x100000, i * 4096); //+
	return ret;
}
