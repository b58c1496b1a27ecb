// expect: newly-broken C-ERROR-USED C-TWICE
#include "interfaces.h"
int start(struct rig *r, void *p)
{
	r->cpu = dma_alloc_attrs(r->dev, 64, &r->second, 0, 0);
	if (!r->cpu)
		return -12;
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->dma)) {
		dma_free_attrs(r->dev, 64, r->cpu, r->second, 0); //+
		goto free;
	}
	return 0;
free:
	dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0); //+
	dma_free_attrs(r->dev, 64, r->cpu, r->second, 0);
	return -12;
}
