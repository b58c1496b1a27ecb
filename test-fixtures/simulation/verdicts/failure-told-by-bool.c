// expect: unknown
#include "interfaces.h"
bool setup(struct rig *r)
{
//-	return 1;
	r->cpu = dma_alloc_attrs(r->dev, 256, &r->dma, 0, 0); //+
	return r->cpu != NULL; //+
}
