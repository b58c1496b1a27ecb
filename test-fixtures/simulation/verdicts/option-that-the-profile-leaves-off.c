// expect: newly-broken C-UNCHECKED
#include "interfaces.h"
#ifndef CONFIG_RIG_COMMON
#define RIG_BYTES 32
#endif
#ifdef CONFIG_RIG_RARE
int start(struct rig *r, void *p)
{
	r->dma = dma_map_single_attrs(r->dev, p, RIG_BYTES, 1, 0);
//-	if (dma_mapping_error(r->dev, r->dma))
//-		return -12;
	return 0;
}
#else
int start(struct rig *r, void *p)
{
	return 0;
}
#endif
