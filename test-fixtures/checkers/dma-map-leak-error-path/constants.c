// Conditions about directions and about numbers that a driver gives names to.
#define DMA_LANE_RX 0
#define DMA_LANE_TX 1

struct qcap_lane {
	struct device *dev;
	void *buf;
	size_t len;
	int started;
};

// One value cannot be both directions.
static int good_other_direction(struct qcap_lane *lane, enum dma_data_direction dir)
{
	dma_addr_t dma = 0;

	if (dir == DMA_TO_DEVICE) {
		dma = dma_map_single(lane->dev, lane->buf, lane->len, DMA_TO_DEVICE);
		if (dma_mapping_error(lane->dev, dma))
			return -ENOMEM;
	}
	lane->started = 1;
	if (dir == DMA_FROM_DEVICE)
		return -EINVAL; // ok[dma-map-leak-error-path]: nothing was mapped
	if (dir == DMA_TO_DEVICE)
		dma_unmap_single(lane->dev, dma, lane->len, DMA_TO_DEVICE);
	return 0;
}

static int bad_same_direction(struct qcap_lane *lane, enum dma_data_direction dir)
{
	dma_addr_t dma = 0;

	if (dir == DMA_TO_DEVICE) {
		dma = dma_map_single(lane->dev, lane->buf, lane->len, DMA_TO_DEVICE);
		if (dma_mapping_error(lane->dev, dma))
			return -ENOMEM;
	}
	lane->started = 1;
	if (dir != DMA_FROM_DEVICE)
		return -EINVAL; // error[dma-map-leak-error-path]
	if (dir == DMA_TO_DEVICE)
		dma_unmap_single(lane->dev, dma, lane->len, DMA_TO_DEVICE);
	return 0;
}

// A driver's own name that begins like the kernel's is its number, here 0.
static int good_own_name(struct qcap_lane *lane, int which)
{
	dma_addr_t dma = 0;

	if (which == DMA_LANE_RX) {
		dma = dma_map_single(lane->dev, lane->buf, lane->len, DMA_FROM_DEVICE);
		if (dma_mapping_error(lane->dev, dma))
			return -ENOMEM;
	}
	lane->started = 1;
	if (which)
		return -EINVAL; // ok[dma-map-leak-error-path]: nothing was mapped
	dma_unmap_single(lane->dev, dma, lane->len, DMA_FROM_DEVICE);
	return 0;
}

static int bad_own_name(struct qcap_lane *lane, int which)
{
	dma_addr_t dma = 0;

	if (which == DMA_LANE_TX) {
		dma = dma_map_single(lane->dev, lane->buf, lane->len, DMA_FROM_DEVICE);
		if (dma_mapping_error(lane->dev, dma))
			return -ENOMEM;
	}
	lane->started = 1;
	if (which)
		return -EINVAL; // error[dma-map-leak-error-path]
	return 0;
}
