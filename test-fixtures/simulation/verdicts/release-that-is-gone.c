// expect: newly-broken C-LEAK
// because: keeps 64 bytes of coherent memory, which it gave back before the change in remove\(\) after start\(\)
#include "interfaces.h"
int start(struct rig *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 64, &r->dma, 0, 0);
	return r->cpu ? 0 : -12;
}
void remove(struct rig *r)
{
//-	dma_free_attrs(r->dev, 64, r->cpu, r->dma, 0);
	r->cpu = NULL;
}
