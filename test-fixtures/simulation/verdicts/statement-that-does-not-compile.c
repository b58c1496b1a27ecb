// expect: newly-broken C-LEAK
// because: start\(\): no run gets past this statement: .*no member named_otherwise
// compiles: no
#include "interfaces.h"
int start(struct rig *r, void *p)
{
	r->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 0, 0);
	if (!r->cpu)
		return -12;
	r->second = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->second)) {
//-		dma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0);
		return -12;
	}
	r->named_otherwise = 1;
	return 0;
}
