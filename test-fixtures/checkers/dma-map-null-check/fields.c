// A handle that one function maps and another tests.
struct qcap_slot {
	dma_addr_t dma;
	size_t len;
	void *buf;
};

static int good_map(struct device *dev, struct qcap_slot *slot)
{
	dma_addr_t dma = dma_map_single(dev, slot->buf, slot->len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma)) {
		slot->dma = 0;
		return -ENOMEM;
	}
	slot->dma = dma;
	return 0;
}

static void good_unmap(struct device *dev, struct qcap_slot *slot)
{
	if (!slot->dma) // ok[dma-map-null-check]: only set after a good test
		return;
	dma_unmap_single(dev, slot->dma, slot->len, DMA_TO_DEVICE);
	slot->dma = 0;
}

// Both tests: the right one comes first.
static int good_both(struct device *dev, struct qcap_slot *slot)
{
	dma_addr_t dma = dma_map_single(dev, slot->buf, slot->len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	if (!dma) { // ok[dma-map-null-check]: this hardware cannot take address 0, and the failure was tested
		dma_unmap_single(dev, dma, slot->len, DMA_TO_DEVICE);
		return -EFBIG;
	}
	slot->dma = dma;
	return 0;
}

// A value that was never mapped is no DMA handle of this kind.
static int good_other_value(struct qcap_slot *slot, dma_addr_t given)
{
	if (!given) // ok[dma-map-null-check]: a parameter, not the result of a map
		return -EINVAL;
	slot->dma = given;
	return 0;
}
