// Variables that are cleaned up where their scope ends.
struct qcap_hw {
	struct device *dev;
	void *buf;
	size_t len;
	int stopped;
};

struct qcap_mapping {
	struct device *dev;
	dma_addr_t dma;
	size_t len;
};

static void qcap_unmap(struct qcap_mapping *mapping)
{
	if (mapping->len)
		dma_unmap_single(mapping->dev, mapping->dma, mapping->len, DMA_TO_DEVICE);
}

static void qcap_forget(struct qcap_mapping *mapping)
{
	mapping->len = 0;
}

// The clean-up gives it back on every way out.
static int good_cleaned_up(struct qcap_hw *hw)
{
	struct qcap_mapping mapping __cleanup(qcap_unmap) = { .dev = hw->dev };

	mapping.dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, mapping.dma))
		return -ENOMEM;
	mapping.len = hw->len;
	if (hw->stopped)
		return -EIO; // ok[dma-map-leak-error-path]: qcap_unmap() runs
	return qcap_run(hw, mapping.dma);
}

// This one only forgets.
static int bad_cleaned_up(struct qcap_hw *hw)
{
	struct qcap_mapping mapping __cleanup(qcap_forget) = { .dev = hw->dev };

	mapping.dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, mapping.dma))
		return -ENOMEM;
	mapping.len = hw->len;
	if (hw->stopped)
		return -EIO; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, mapping.dma, mapping.len, DMA_TO_DEVICE);
	return 0;
}

struct qcap_lease;
void qcap_put_lease(struct qcap_lease **lease);

// A clean-up that has nothing to do with the mapping, and is not in this file.
static int bad_beside_a_lease(struct qcap_hw *hw)
{
	struct qcap_lease *lease __cleanup(qcap_put_lease) = qcap_get_lease(hw);
	dma_addr_t dma;

	if (!lease)
		return -EBUSY;
	dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	if (hw->stopped)
		return -EIO; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return 0;
}
