// expect: unknown
#include "interfaces.h"
int map(struct rig *r, void *p)
{
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0); //+
	if (r->dma == DMA_MAPPING_ERROR) { //+
		r->dma = 0; //+
		return 0; //+
	} //+
	return 0;
}
