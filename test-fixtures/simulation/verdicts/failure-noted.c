// expect: unknown
#include "interfaces.h"
int setup(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 256, &r->dma, 0, 0); //+
	r->pio = !r->cpu; //+
	return 0;
}
