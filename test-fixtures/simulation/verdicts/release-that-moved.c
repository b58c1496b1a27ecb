// expect: unknown, unknown
#include "interfaces.h"
int start(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 64, &r->dma, 0, 0);
	return r->cpu ? 0 : -12;
}
void stop(struct rig *r)
{
//-	dma_free_attrs(r->dev, 64, r->cpu, r->dma, 0);
	r->count = 0;
}
void remove(struct rig *r)
{
	r->count = 1;
	dma_free_attrs(r->dev, 64, r->cpu, r->dma, 0); //+
}
