// expect: unknown
#include "interfaces.h"
int setup(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 8192, &r->dma, 0, 0); //+
	if (!r->cpu) //+
		r->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 0, 0); //+
	if (!r->cpu) //+
		return -12; //+
	return 0;
}
