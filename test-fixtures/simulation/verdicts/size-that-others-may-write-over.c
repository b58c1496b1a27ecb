// expect: unknown
#include "interfaces.h"
void prepare(struct rig *r);

int start(struct rig *r)
{
	dma_addr_t handle;
	void *cpu;

	r->length = 64;
	cpu = dma_alloc_attrs(r->dev, 64, &handle, 0, 0);
	if (!cpu)
		return -12;
	prepare(r);
//-	dma_free_attrs(r->dev, 64, cpu, handle, 0);
	dma_free_attrs(r->dev, r->length, cpu, handle, 0); //+
	return 0;
}
