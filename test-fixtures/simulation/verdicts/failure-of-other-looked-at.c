// expect: newly-broken C-UNCHECKED
#include "interfaces.h"
int map(struct rig *r, void *p, void *q)
{
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
//-	if (dma_mapping_error(r->dev, r->dma))
//-		return -12;
	r->second = dma_map_single_attrs(r->dev, q, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->second)) {
		dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0);
		return -12;
	}
	return 0;
}
