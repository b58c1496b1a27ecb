// expect: not-simulated
#include "interfaces.h"
int once(struct rig *r, void *p)
{
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0);
	dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0); //+
	asm volatile("cpuid"); //+
	return 0;
}
