// expect: unknown
#include "interfaces.h"
static void undo(void *data)
{
	struct rig *r = data;
	dma_unmap_single_attrs(r->dev, r->dma, 64, 1, 0);
}
int probe(struct rig *r, void *p)
{
	int ret;
	r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	ret = devm_add_action(r->dev, undo, r); //+
	if (ret) { //+
		undo(r); //+
		return ret; //+
	} //+
	if (dma_set_mask(r->dev, 0xffffffff)) {
//-		undo(r);
		return -5;
	}
//-	undo(r);
	return 0;
}
