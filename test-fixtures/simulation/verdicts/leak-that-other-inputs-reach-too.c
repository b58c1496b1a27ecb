// expect: unknown
// because: leave different contents|behave differently
#include "interfaces.h"
int wait_for_rig(struct rig *r);

static int send(struct rig *r, void *p)
{
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	if (!wait_for_rig(r))
		return -110;
	dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0);
	return 0;
}

int submit(struct rig *r, void *p)
{
	int ret = -22;

//-	if (r->count == 3)
	if (r->entries == 3) //+
		ret = send(r, p);
	return ret;
}
