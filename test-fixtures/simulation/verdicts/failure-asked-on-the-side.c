// expect: unknown
#include "interfaces.h"
int setup(struct rig *r)
{
	void *own = dma_alloc_attrs(r->dev, 256, &r->dma, 0, 0); //+
	if (!own && r->count == 7) //+
		return -12; //+
	return 0;
}
