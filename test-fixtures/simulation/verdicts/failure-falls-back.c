// expect: unknown
#include "interfaces.h"
int setup(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 256, &r->dma, 0, 0);
	if (!r->cpu)
//-		return -12;
		r->pio = 1; //+
	return 0;
}
