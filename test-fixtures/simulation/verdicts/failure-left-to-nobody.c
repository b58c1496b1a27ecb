// expect: newly-broken C-UNCHECKED
#include "interfaces.h"
static void map_one(struct rig *r, void *p)
{
	r->count++;
//-	r->dma = 0;
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0); //+
}
int map(struct rig *r, void *p)
{
	map_one(r, p);
	return 0;
}
