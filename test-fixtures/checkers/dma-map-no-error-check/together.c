// Several mappings tested in one condition.
struct qcap_pair {
	struct device *dev;
	void *in;
	void *out;
	size_t len;
	dma_addr_t in_dma;
	dma_addr_t out_dma;
	void __iomem *regs;
};

// Where the first failed the second is not asked, and no device is given it.
static int good_together(struct qcap_pair *pair)
{
	dma_addr_t in = dma_map_single(pair->dev, pair->in, pair->len, DMA_TO_DEVICE);
	dma_addr_t out = dma_map_single(pair->dev, pair->out, pair->len, DMA_FROM_DEVICE); // ok[dma-map-no-error-check]: tested with the first

	if (dma_mapping_error(pair->dev, in) || dma_mapping_error(pair->dev, out))
		return -ENOMEM;
	writel(in, pair->regs);
	writel(out, pair->regs + 4);
	return 0;
}

static int bad_used_between(struct qcap_pair *pair)
{
	dma_addr_t in = dma_map_single(pair->dev, pair->in, pair->len, DMA_TO_DEVICE);
	dma_addr_t out = dma_map_single(pair->dev, pair->out, pair->len, DMA_FROM_DEVICE);

	writel(out, pair->regs + 4); // error[dma-map-no-error-check]
	if (dma_mapping_error(pair->dev, in) || dma_mapping_error(pair->dev, out))
		return -ENOMEM;
	writel(in, pair->regs);
	return 0;
}

static int bad_only_one(struct qcap_pair *pair)
{
	dma_addr_t in = dma_map_single(pair->dev, pair->in, pair->len, DMA_TO_DEVICE);
	dma_addr_t out = dma_map_single(pair->dev, pair->out, pair->len, DMA_FROM_DEVICE);

	if (dma_mapping_error(pair->dev, in))
		return -ENOMEM;
	writel(in, pair->regs);
	writel(out, pair->regs + 4); // error[dma-map-no-error-check]
	return 0;
}
