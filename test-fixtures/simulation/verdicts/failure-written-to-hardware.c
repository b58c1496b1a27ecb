// expect: newly-broken C-UNCHECKED
#include "interfaces.h"
static u32 ring[4];
int map(struct rig *r, void *p)
{
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
//-	if (dma_mapping_error(r->dev, r->dma))
//-		return -12;
	ring[0] = (u32)r->dma;
	ring[1] = (u32)(r->dma >> 32);
	return 0;
}
