// expect: newly-broken C-LEAK
#include "interfaces.h"
struct slot { u32 address, length; };
int fill(struct rig *r, struct slot *slots, void *p, unsigned char count)
{
	int i;

	for (i = 0; i < count; i++) {
		slots[i].address = dma_map_single_attrs(r->dev, p, 64, 1, 0);
		if (dma_mapping_error(r->dev, slots[i].address))
			goto unwind;
	}
	return 0;
unwind:
//-	while (--i >= 0)
	while (--i > 0) //+
		dma_unmap_single_attrs(r->dev, slots[i].address, 64, 1, 0);
	return -12;
}
