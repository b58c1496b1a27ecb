// expect: newly-broken C-NENTS
// because: passes nents 1 for a table with orig_nents 2
#include "interfaces.h"
struct sg_table { struct scatterlist *sgl; unsigned int nents, orig_nents; };
void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg, int nents, int dir);
void look(struct rig *r, struct sg_table *t)
{
//-	dma_sync_sg_for_cpu(r->dev, t->sgl, t->orig_nents, 2);
	dma_sync_sg_for_cpu(r->dev, t->sgl, t->nents, 2); //+
}
