// expect: unknown
#include "interfaces.h"
struct job {
	struct rig *owner;
	u64 iova;
};
int map(struct rig *r, struct job *job, phys_addr_t pa)
{
	int ret = iommu_map(r->domain, 0x100000, pa, 4096, 1, 0); //+
	if (ret) //+
		return ret; //+
	ret = iommu_map(r->domain, 0x200000, pa, 4096, 1, 0); //+
	if (ret) //+
		iommu_unmap(job->owner->domain, 0x100000, 4096); //+
	return ret; //+
//-	return 0;
}
