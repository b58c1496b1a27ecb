// A loop over the mapped entries does nothing when there are none: that is no look at the failure.
// expect: newly-broken C-UNCHECKED
#include "interfaces.h"

static void rig_fill(struct rig *rig)
{
	int i;

	for (i = 0; i < rig->mapped; i++)
		rig->length += rig->list[i].dma_length;
}

int rig_start(struct rig *rig)
{
	rig->mapped = dma_map_sg_attrs(rig->dev, rig->list, rig->entries, 1, 0);
//-	if (!rig->mapped)
//-		return -12;
	rig_fill(rig);
	return 0;
}
