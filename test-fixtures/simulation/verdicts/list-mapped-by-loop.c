// A loop that asks for the mapping by itself ends when it fails: that is a look.
// expect: unknown
#include "interfaces.h"

int rig_start(struct rig *rig)
{
	int left = 2;

//-	for (left = 2; left && dma_map_sg_attrs(rig->dev, rig->list, rig->entries, 1, 0); left--)
	while (left && dma_map_sg_attrs(rig->dev, rig->list, rig->entries, 1, 0)) { //+
		rig->count++;
		left--; //+
	} //+
	return 0;
}
