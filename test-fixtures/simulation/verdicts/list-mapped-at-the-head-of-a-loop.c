// What asks for the mapping at the head of a loop looks at the failure by not going through the loop.
// expect: unknown
#include "interfaces.h"

int rig_start(struct rig *rig)
{
	while (dma_map_sg_attrs(rig->dev, rig->list, rig->entries, 1, 0) > 0) {
//-		rig->count = rig->count + 1;
		rig->count++; //+
		if (rig->count > 0)
			break;
	}
	return 0;
}
