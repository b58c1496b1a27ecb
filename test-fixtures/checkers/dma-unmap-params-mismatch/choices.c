// Sizes that a condition or a helper decides, asked for at both ends.
struct qcap_hw {
	struct device *dev;
	void *buf;
	int wide;
	int asked;
};

// Both ends ask the same; what the other answer would give is on no path.
static int good_same_choice(struct qcap_hw *hw)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->wide ? 64 : 128, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	dma_unmap_single(hw->dev, dma, hw->wide ? 64 : 128, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: hw->wide is what it was
	return 0;
}

static size_t qcap_length(struct qcap_hw *hw, int large)
{
	hw->asked++;
	if (large)
		return 8192;
	return 4096;
}

static int good_same_helper(struct qcap_hw *hw, int large)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, qcap_length(hw, large), DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	dma_unmap_single(hw->dev, dma, qcap_length(hw, large), DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: large is what it was
	return 0;
}

// Opposite answers to the same question.
static int bad_other_choice(struct qcap_hw *hw)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->wide ? 64 : 128, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	dma_unmap_single(hw->dev, dma, hw->wide ? 128 : 64, DMA_TO_DEVICE); // error[dma-unmap-params-mismatch]
	return 0;
}
