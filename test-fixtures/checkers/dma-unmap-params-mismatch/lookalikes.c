// Correct code whose two sides are spelled differently.
struct qcap_slot {
	void *buf;
	struct page *page;
	dma_addr_t dma;
	size_t len;
	bool mapped_as_page;
};

struct qcap_hw {
	struct device *dev;
	struct pci_dev *pdev;
};

// A tag remembers which call mapped the slot.
static int good_tagged_map(struct qcap_hw *hw, struct qcap_slot *slot)
{
	if (slot->page) {
		slot->dma = dma_map_page(hw->dev, slot->page, 0, slot->len, DMA_TO_DEVICE);
		slot->mapped_as_page = true;
	} else {
		slot->dma = dma_map_single(hw->dev, slot->buf, slot->len, DMA_TO_DEVICE);
		slot->mapped_as_page = false;
	}
	return dma_mapping_error(hw->dev, slot->dma) ? -ENOMEM : 0;
}

static void good_tagged_unmap(struct qcap_hw *hw, struct qcap_slot *slot)
{
	if (slot->mapped_as_page)
		dma_unmap_page(hw->dev, slot->dma, slot->len, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: chosen by the tag
	else
		dma_unmap_single(hw->dev, slot->dma, slot->len, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: chosen by the tag
}

// The same direction by way of the same condition.
static int good_direction(struct qcap_hw *hw, struct qcap_slot *slot, bool write)
{
	dma_addr_t dma;

	dma = dma_map_single(hw->dev, slot->buf, slot->len,
			     write ? DMA_TO_DEVICE : DMA_FROM_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_go(hw, dma);
	if (write)
		dma_unmap_single(hw->dev, dma, slot->len, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: write is still true
	else
		dma_unmap_single(hw->dev, dma, slot->len, DMA_FROM_DEVICE); // ok[dma-unmap-params-mismatch]: write is still false
	return 0;
}

// A size that is kept in a variable, cast and in parentheses.
static int good_spelling(struct qcap_hw *hw, struct qcap_slot *slot)
{
	size_t size = ALIGN(slot->len, 64);
	dma_addr_t dma = dma_map_single(hw->dev, slot->buf, ALIGN(slot->len, 64), DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_go(hw, dma);
	dma_unmap_single(hw->dev, dma, (unsigned int)size, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: the same size
	return 0;
}

// Attributes that are free to differ.
static int good_skip_sync(struct qcap_hw *hw, struct qcap_slot *slot)
{
	dma_addr_t dma = dma_map_single(hw->dev, slot->buf, slot->len, DMA_FROM_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_go(hw, dma);
	dma_unmap_single_attrs(hw->dev, dma, slot->len, DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC); // ok[dma-unmap-params-mismatch]: SKIP_CPU_SYNC is free to differ
	return 0;
}

// Two names of one device.
static int good_alias(struct qcap_hw *hw, struct qcap_slot *slot)
{
	struct device *dev = &hw->pdev->dev;
	dma_addr_t dma = dma_map_single(dev, slot->buf, slot->len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	qcap_go(hw, dma);
	dma_unmap_single(&hw->pdev->dev, dma, slot->len, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: dev is that address
	return 0;
}

// dma_map_page() and dma_unmap_single() are one call since 7.x.
static int good_page_single(struct qcap_hw *hw, struct qcap_slot *slot)
{
	dma_addr_t dma = dma_map_page(hw->dev, slot->page, 0, slot->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_go(hw, dma);
	dma_unmap_single(hw->dev, dma, slot->len, DMA_TO_DEVICE); // ok[dma-unmap-params-mismatch]: tolerated
	return 0;
}
