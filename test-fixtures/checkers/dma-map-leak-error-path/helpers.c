// What a helper of the file answers and writes decides which paths there are.
struct qcap_hw {
	struct device *dev;
	void *buf;
	size_t len;
	void __iomem *regs;
	int state;
	int busy;
	dma_addr_t dma;
};

static int qcap_enough(struct qcap_hw *hw, int have, int want)
{
	if (have < want) {
		hw->state = 2;
		return -EINVAL;
	}
	return 0;
}

// The helper let it pass, so there is enough; whichever parameter comes first.
static int good_answered(struct qcap_hw *hw, int want, int have)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want)
		return -EIO; // ok[dma-map-leak-error-path]: cannot be
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

static int good_answered_swapped(struct qcap_hw *hw, int have, int want)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want)
		return -EIO; // ok[dma-map-leak-error-path]: cannot be
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

// One more than the helper asked about.
static int bad_answered_otherwise(struct qcap_hw *hw, int want, int have)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want + 1)
		return -EIO; // error[dma-map-leak-error-path]
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}
