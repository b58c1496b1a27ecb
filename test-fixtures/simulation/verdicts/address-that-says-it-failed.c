// A function that returns DMA addresses fails by DMA_MAPPING_ERROR, and must hold nothing then.
// expect: newly-broken C-LEAK
// because: fails and keeps a mapping of 512 bytes
#include "interfaces.h"

static dma_addr_t rig_map_both(struct rig *rig, void *head, void *tail)
{
	rig->dma = dma_map_single_attrs(rig->dev, head, 512, 1, 0);
	if (dma_mapping_error(rig->dev, rig->dma))
		return DMA_MAPPING_ERROR;
	rig->second = dma_map_single_attrs(rig->dev, tail, 256, 1, 0);
	if (dma_mapping_error(rig->dev, rig->second)) {
//-		dma_unmap_single_attrs(rig->dev, rig->dma, 512, 1, 0);
		rig->dma = 0; //+
		return DMA_MAPPING_ERROR;
	}
	return rig->dma;
}
