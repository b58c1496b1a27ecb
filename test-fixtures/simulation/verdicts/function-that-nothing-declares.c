// expect: newly-broken C-LEAK
// compiles: no
#include "interfaces.h"
int start(struct rig *r, void *p)
{
	struct rig *other = rig_of_another_release(r);

	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	if (!other) {
//-		dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0);
		return -5;
	}
	other->count++;
	return 0;
}
