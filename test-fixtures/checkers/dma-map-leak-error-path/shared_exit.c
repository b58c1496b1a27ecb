// One way out for success and failure, with the value that is returned set on the way.
struct qcap_burst {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	int nents;
	int busy;
	void __iomem *regs;
};

#define QCAP_MOST 4096

static int bad_past_the_unmap(struct qcap_burst *burst)
{
	dma_addr_t dma;
	int ret = -EINVAL;

	dma = dma_map_single(burst->dev, burst->buf, burst->len, DMA_TO_DEVICE);
	if (dma_mapping_error(burst->dev, dma))
		return -ENOMEM;
	if (burst->len > QCAP_MOST)
		goto out;
	writel(dma, burst->regs);
	dma_unmap_single(burst->dev, dma, burst->len, DMA_TO_DEVICE);
	ret = 0;
out:
	return ret; // error[dma-map-leak-error-path]
}

static int bad_only_if_small(struct qcap_burst *burst)
{
	dma_addr_t dma;
	int ret = -EINVAL;

	dma = dma_map_single(burst->dev, burst->buf, burst->len, DMA_TO_DEVICE);
	if (dma_mapping_error(burst->dev, dma))
		return -ENOMEM;
	if (burst->len <= QCAP_MOST) {
		writel(dma, burst->regs);
		dma_unmap_single(burst->dev, dma, burst->len, DMA_TO_DEVICE);
		ret = 0;
	}
	return ret; // error[dma-map-leak-error-path]
}

static int bad_break(struct qcap_burst *burst)
{
	dma_addr_t dma;
	int ret = -ENOMEM;

	do {
		dma = dma_map_single(burst->dev, burst->buf, burst->len, DMA_TO_DEVICE);
		if (dma_mapping_error(burst->dev, dma))
			break;
		if (burst->busy)
			break;
		dma_unmap_single(burst->dev, dma, burst->len, DMA_TO_DEVICE);
		ret = 0;
	} while (0);
	return ret; // error[dma-map-leak-error-path]
}

// The same outcome on both sides: the condition asks whether something is held.
static int good_guarded(struct qcap_burst *burst)
{
	dma_addr_t dma;
	int ret = -EINVAL;

	dma = dma_map_single(burst->dev, burst->buf, burst->len, DMA_TO_DEVICE);
	if (dma_mapping_error(burst->dev, dma))
		return -ENOMEM;
	burst->dma = dma;
	if (burst->nents)
		dma_unmap_single(burst->dev, dma, burst->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: nents tells what is held
}
