// expect: newly-broken C-FREE-ARGUMENTS
#include "interfaces.h"
struct note { short size; };
int start(struct rig *r, u64 size)
{
	r->length = size;
	r->cpu = dma_alloc_attrs(r->dev, size, &r->dma, 0, 0);
	return r->cpu ? 0 : -12;
}
void stop(struct rig *r, struct note *n, short size)
{
	n->size = size;
//-	dma_free_attrs(r->dev, r->length, r->cpu, r->dma, 0);
	dma_free_attrs(r->dev, r->length / 2, r->cpu, r->dma, 0); //+
}
