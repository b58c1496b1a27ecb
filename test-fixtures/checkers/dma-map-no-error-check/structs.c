// A member is tested elsewhere only if it is the same member of the same struct.
struct qcap_tx {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	void __iomem *regs;
};

struct qcap_other {
	dma_addr_t dma;
};

struct qcap_rx {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t addr;
	void __iomem *regs;
};

static int bad_other_struct(struct qcap_tx *tx)
{
	tx->dma = dma_map_single(tx->dev, tx->buf, tx->len, DMA_TO_DEVICE);
	writel(tx->dma, tx->regs); // error[dma-map-no-error-check]
	return 0;
}

static int other_failed(struct device *dev, struct qcap_other *other)
{
	return dma_mapping_error(dev, other->dma);
}

static void good_tested_elsewhere(struct qcap_rx *rx)
{
	rx->addr = dma_map_single(rx->dev, rx->buf, rx->len, DMA_FROM_DEVICE); // ok[dma-map-no-error-check]: rx_failed() asks
}

static int rx_failed(struct qcap_rx *rx)
{
	return dma_mapping_error(rx->dev, rx->addr);
}
