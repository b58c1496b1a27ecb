// Handlers that the driver core calls, and copies of what holds a handle.
struct qcap_hw {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	int stopped;
	int turns;
};

struct qcap_piece {
	dma_addr_t dma;
	size_t len;
};

static void qcap_unmap(void *data)
{
	struct qcap_hw *hw = data;

	dma_unmap_single(hw->dev, hw->dma, hw->len, DMA_TO_DEVICE);
}

static void qcap_stop(void *data)
{
	struct qcap_hw *hw = data;

	hw->stopped = 1;
}

static int good_action(struct qcap_hw *hw)
{
	int ret;

	hw->dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, hw->dma))
		return -ENOMEM;
	ret = devm_add_action(hw->dev, qcap_unmap, hw);
	if (ret) {
		dma_unmap_single(hw->dev, hw->dma, hw->len, DMA_TO_DEVICE);
		return ret;
	}
	if (hw->turns)
		return -EIO; // ok[dma-map-leak-error-path]: the driver core calls qcap_unmap()
	return 0;
}

static int good_action_or_reset(struct qcap_hw *hw)
{
	int ret;

	hw->dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, hw->dma))
		return -ENOMEM;
	ret = devm_add_action_or_reset(hw->dev, qcap_unmap, hw);
	if (ret)
		return ret; // ok[dma-map-leak-error-path]: qcap_unmap() was called
	return hw->turns ? -EIO : 0; // ok[dma-map-leak-error-path]: the driver core calls it
}

// Nothing was registered, so nobody will call it.
static int bad_action_failed(struct qcap_hw *hw, int mode)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = devm_add_action(hw->dev, qcap_stop, hw);
	if (ret)
		return ret; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return 0;
}

// The handler does something else.
static int bad_action(struct qcap_hw *hw)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = devm_add_action_or_reset(hw->dev, qcap_stop, hw);
	if (ret)
		goto unmap;
	if (hw->turns)
		return -EIO; // error[dma-map-leak-error-path]
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

static int good_copied_out(struct qcap_hw *hw, struct qcap_piece *out)
{
	struct qcap_piece piece;

	piece.dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, piece.dma))
		return -ENOMEM;
	memcpy(out, &piece, sizeof(piece));
	return hw->turns ? -EAGAIN : 0; // ok[dma-map-leak-error-path]: the caller has it
}

static int good_words_copied_out(struct qcap_hw *hw, u64 *out)
{
	u64 words[4];

	words[2] = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, words[2]))
		return -ENOMEM;
	memcpy(out, words, sizeof(words));
	return hw->turns ? -EAGAIN : 0; // ok[dma-map-leak-error-path]: the caller has it
}

// Copied the other way.
static int bad_copied_in(struct qcap_hw *hw, struct qcap_piece *in)
{
	struct qcap_piece other;
	struct qcap_piece piece;

	piece.dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, piece.dma))
		return -ENOMEM;
	memcpy(&other, in, sizeof(other));
	if (hw->turns)
		return -EAGAIN; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, piece.dma, hw->len, DMA_TO_DEVICE);
	return 0;
}

struct qcap_ring {
	void *desc;
	dma_addr_t dma;
};

// The driver core frees the ring, and reads nothing in it.
static int bad_in_managed_memory(struct qcap_hw *hw)
{
	struct qcap_ring *ring = devm_kzalloc(hw->dev, sizeof(*ring), GFP_KERNEL);

	if (!ring)
		return -ENOMEM;
	ring->desc = dma_alloc_coherent(hw->dev, SZ_4K, &ring->dma, GFP_KERNEL);
	if (!ring->desc)
		return -ENOMEM;
	if (hw->stopped)
		return -EIO; // error[dma-map-leak-error-path]
	hw->buf = ring;
	return 0;
}

static int good_in_managed_memory(struct qcap_hw *hw)
{
	struct qcap_ring *ring = devm_kzalloc(hw->dev, sizeof(*ring), GFP_KERNEL);

	if (!ring)
		return -ENOMEM;
	dev_set_drvdata(hw->dev, ring);
	ring->desc = dma_alloc_coherent(hw->dev, SZ_4K, &ring->dma, GFP_KERNEL);
	if (!ring->desc)
		return -ENOMEM;
	if (hw->stopped)
		return -EIO; // ok[dma-map-leak-error-path]: whoever has the device has the ring
	return 0;
}
