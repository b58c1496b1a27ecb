// The test is in a helper that does more, or is the last statement of a loop.
struct qcap_slot {
	struct list_head list;
	void *skb;
	dma_addr_t dma;
};

struct qcap_ring {
	struct device *dev;
	struct list_head slots;
	size_t size;
};

static bool qcap_unusable(struct qcap_ring *ring, dma_addr_t handle, size_t size)
{
	if (unlikely(dma_mapping_error(ring->dev, handle)))
		return true;
	if (handle + size > 0x40000000)
		goto out_of_reach;
	return false;

out_of_reach:
	dma_unmap_single(ring->dev, handle, size, DMA_TO_DEVICE);
	return true;
}

static int good_predicate(struct qcap_ring *ring, void *buf)
{
	dma_addr_t dma = dma_map_single(ring->dev, buf, 64, DMA_TO_DEVICE);

	if (qcap_unusable(ring, dma, 64))
		return -ENOMEM;
	dma_unmap_single(ring->dev, dma, 64, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: the predicate asked first
	return 0;
}

static int qcap_push_checked(struct qcap_ring *ring, dma_addr_t handle, size_t len)
{
	int ret;

	if (dma_mapping_error(ring->dev, handle))
		return -ENOMEM;
	ret = qcap_push(ring, handle, len);
	if (ret < 0)
		dma_unmap_single(ring->dev, handle, len, DMA_TO_DEVICE);
	return ret;
}

static int good_push(struct qcap_ring *ring, void *buf)
{
	dma_addr_t dma = dma_map_single(ring->dev, buf, 64, DMA_TO_DEVICE);

	return qcap_push_checked(ring, dma, 64); // ok[dma-map-no-error-check]: tested before it is used there
}

static int good_last_in_loop(struct qcap_ring *ring)
{
	struct qcap_slot *slot;

	list_for_each_entry(slot, &ring->slots, list) {
		slot->dma = dma_map_single(ring->dev, slot->skb, ring->size, DMA_FROM_DEVICE);
		if (dma_mapping_error(ring->dev, slot->dma)) // ok[dma-map-no-error-check]: the last statement of the body is a test too
			return -ENOMEM;
	}
	return 0;
}

struct qcap_box {
	void *buf;
	dma_addr_t dma;
	bool busy;
};

static void drop_box(struct device *dev, struct qcap_box *box)
{
	if (box->busy)
		return;
	if (box->buf)
		dma_free_coherent(dev, SZ_4K, box->buf, box->dma);
	box->buf = NULL;
}

static int ok_tested_where_freed(struct device *dev, struct qcap_box *box)
{
	int ret;

	box->buf = dma_alloc_coherent(dev, SZ_4K, &box->dma, GFP_KERNEL);
	ret = qcap_reset(dev);
	if (ret)
		drop_box(dev, box);
	return ret;
}

static void drop_box_untested(struct device *dev, struct qcap_box *box)
{
	if (box->busy)
		return;
	dma_free_coherent(dev, SZ_4K, box->buf, box->dma);
	box->buf = NULL;
}

static int bad_untested_where_freed(struct device *dev, struct qcap_box *box)
{
	int ret;

	box->buf = dma_alloc_coherent(dev, SZ_4K, &box->dma, GFP_KERNEL);
	ret = qcap_reset(dev);
	if (ret)
		drop_box_untested(dev, box);
//              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[dma-map-no-error-check]: frees box->buf of line 106 untested: after a failed dma_alloc_coherent() it is NULL, and its address stale
	return ret;
}
