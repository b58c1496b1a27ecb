// Behind the loop over the mapped entries somebody asks whether there were any.
// expect: unknown
#include "interfaces.h"

int rig_start(struct rig *rig)
{
	int i;

	rig->mapped = dma_map_sg_attrs(rig->dev, rig->list, rig->entries, 1, 0);
//-	if (!rig->mapped)
//-		return 0;
	for (i = 0; i < rig->mapped; i++)
		rig->length += rig->list[i].dma_length;
	if (rig->mapped) //+
		rig->count++; //+
	return 0;
}
