// expect: unknown
#include "interfaces.h"
void push(struct rig *r)
{
	r->mapped = dma_map_sg_attrs(r->dev, r->list, r->entries, 1, 0); //+
	if (!r->mapped) //+
		return; //+
	dma_unmap_sg_attrs(r->dev, r->list, r->entries, 1, 0); //+
}
