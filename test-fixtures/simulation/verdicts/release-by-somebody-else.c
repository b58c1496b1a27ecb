// expect: unknown
#include "interfaces.h"
void rig_free_elsewhere(struct rig *r);
int start(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 64, &r->dma, 0, 0);
	return r->cpu ? 0 : -12;
}
void remove(struct rig *r)
{
//-	dma_free_attrs(r->dev, 64, r->cpu, r->dma, 0);
	rig_free_elsewhere(r); //+
}
