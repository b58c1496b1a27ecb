#include <linux/dma-mapping.h>

struct qcap {
	struct device *dev;
	dma_addr_t dma;
	void *buf;
	size_t len;
	size_t pad;
};

int qcap_start(struct qcap *q)
{
	q->dma = dma_map_single(q->dev, q->buf, q->len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, q->dma))
		return -ENOMEM;
	return 0;
}

void qcap_stop(struct qcap *q)
{
	dma_unmap_single(q->dev, q->dma, q->len, DMA_TO_DEVICE);
}
