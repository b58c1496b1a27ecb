// expect: newly-broken C-FREE-ARGUMENTS
// because: frees by another device \(NULL \+ 8 instead of general\)
#include "interfaces.h"
struct card { long slot; struct device dev; };
int dma_rest(struct device *dev);
int start(struct rig *r, struct device *general, int is_card)
{
	struct card *card = NULL;

	r->cpu = dma_alloc_attrs(general, 64, &r->dma, 0, 0);
	if (!r->cpu)
		return -12;
	if (dma_rest(general)) {
//-		dma_free_attrs(general, 64, r->cpu, r->dma, 0);
		dma_free_attrs(&card->dev, 64, r->cpu, r->dma, 0); //+
		return -5;
	}
	return 0;
}
