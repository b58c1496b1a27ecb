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

#define QCAP_MAX_ENTRIES 8

struct qcap_cipher {
	struct device *dev;
	struct scatterlist *src;
	unsigned int len;
};

static bool qcap_needs_fallback(struct qcap_cipher *cipher)
{
	return cipher->len == 0 || sg_nents_for_len(cipher->src, cipher->len) > QCAP_MAX_ENTRIES;
}

// Longer lists went to the fallback.
static int good_bounded_before(struct qcap_cipher *cipher)
{
	int nents = sg_nents_for_len(cipher->src, cipher->len);
	int mapped = dma_map_sg(cipher->dev, cipher->src, nents, DMA_TO_DEVICE);

	if (mapped <= 0 || mapped > QCAP_MAX_ENTRIES)
		return -EINVAL; // ok[dma-map-leak-error-path]: a map gives no more entries than it got
	qcap_encrypt(cipher, mapped);
	dma_unmap_sg(cipher->dev, cipher->src, nents, DMA_TO_DEVICE);
	return 0;
}

// The bound says nothing about the other ends.
static int bad_bounded_before(struct qcap_cipher *cipher)
{
	int nents = sg_nents_for_len(cipher->src, cipher->len);
	int mapped = dma_map_sg(cipher->dev, cipher->src, nents, DMA_TO_DEVICE);

	if (mapped <= 0 || mapped > QCAP_MAX_ENTRIES)
		return -EINVAL;
	if (qcap_encrypt(cipher, mapped))
		return -EIO;
//                     ^^^^ warning[dma-map-leak-error-path]: returns -EIO with cipher->src of line
	dma_unmap_sg(cipher->dev, cipher->src, nents, DMA_TO_DEVICE);
	return 0;
}
