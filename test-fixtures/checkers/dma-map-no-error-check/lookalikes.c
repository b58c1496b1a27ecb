// Correct code in which the check is not next to the map.
struct qcap_ops {
	int (*mapping_error)(struct device *dev, dma_addr_t addr);
};

struct qcap_ring {
	struct device *dev;
	const struct qcap_ops *ops;
	dma_addr_t dma;
	dma_addr_t slots[16];
	__le64 *descs;
};

// The raw handle goes to the caller, whose duty the check is.
static dma_addr_t good_wrapper(struct device *dev, void *buf, size_t len)
{
	return dma_map_single(dev, buf, len, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: the caller checks
}

static int good_wrapper_user(struct qcap_ring *ring, void *buf, size_t len)
{
	dma_addr_t dma = good_wrapper(ring->dev, buf, len);

	if (unlikely(dma_mapping_error(ring->dev, dma)))
		return -ENOMEM;
	ring->descs[0] = cpu_to_le64(dma); // ok[dma-map-no-error-check]: checked in this function
	return 0;
}

// Stored first, checked through the field.
static int good_field(struct qcap_ring *ring, void *buf, size_t len)
{
	ring->dma = dma_map_single(ring->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(ring->dev, ring->dma)) {
		ring->dma = 0;
		return -ENOMEM;
	}
	ring->descs[0] = cpu_to_le64(ring->dma); // ok[dma-map-no-error-check]: the field was checked
	return 0;
}

// Two maps, one combined test.
static int good_combined(struct qcap_ring *ring, void *a, void *b, size_t len)
{
	dma_addr_t src = dma_map_single(ring->dev, a, len, DMA_TO_DEVICE);
	dma_addr_t dst = dma_map_single(ring->dev, b, len, DMA_FROM_DEVICE);

	if (dma_mapping_error(ring->dev, src) || dma_mapping_error(ring->dev, dst))
		goto err;
	ring->descs[0] = cpu_to_le64(src);
	ring->descs[1] = cpu_to_le64(dst); // ok[dma-map-no-error-check]: both were tested
	return 0;
err:
	if (!dma_mapping_error(ring->dev, src))
		dma_unmap_single(ring->dev, src, len, DMA_TO_DEVICE);
	if (!dma_mapping_error(ring->dev, dst))
		dma_unmap_single(ring->dev, dst, len, DMA_FROM_DEVICE);
	return -ENOMEM;
}

// A check behind an ops table.
static int good_ops(struct qcap_ring *ring, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(ring->dev, buf, len, DMA_TO_DEVICE);

	if (ring->ops->mapping_error(ring->dev, dma))
		return -ENOMEM;
	ring->descs[0] = cpu_to_le64(dma); // ok[dma-map-no-error-check]: mapping_error() of the ops table tests it
	return 0;
}

static bool qcap_bad_handle(struct qcap_ring *ring, dma_addr_t dma)
{
	return dma_mapping_error(ring->dev, dma) != 0;
}

static int good_helper(struct qcap_ring *ring, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(ring->dev, buf, len, DMA_TO_DEVICE);

	if (qcap_bad_handle(ring, dma))
		return -ENOMEM;
	ring->descs[0] = cpu_to_le64(dma); // ok[dma-map-no-error-check]: the helper tests it
	return 0;
}

static int good_loop(struct qcap_ring *ring, void **bufs, size_t len)
{
	int i;

	for (i = 0; i < 16; i++) {
		ring->slots[i] = dma_map_single(ring->dev, bufs[i], len, DMA_FROM_DEVICE);
		if (dma_mapping_error(ring->dev, ring->slots[i]))
			goto unwind;
		ring->descs[i] = cpu_to_le64(ring->slots[i]); // ok[dma-map-no-error-check]: tested in the same turn
	}
	return 0;
unwind:
	while (i--)
		dma_unmap_single(ring->dev, ring->slots[i], len, DMA_FROM_DEVICE);
	return -ENOMEM;
}

// The comparison is another rule's business, but it does find the failure.
static int good_by_value(struct qcap_ring *ring, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(ring->dev, buf, len, DMA_TO_DEVICE);

	if (dma == DMA_MAPPING_ERROR)
		return -ENOMEM;
	ring->descs[0] = cpu_to_le64(dma); // ok[dma-map-no-error-check]: tested, if by hand
	return 0;
}

// A count of 0 tested by its truth.
static int good_sg(struct device *dev, struct scatterlist *sgl, int nents)
{
	int n = dma_map_sg(dev, sgl, nents, DMA_TO_DEVICE);

	if (unlikely(!n))
		return -ENOMEM;
	return qcap_program(sgl, n); // ok[dma-map-no-error-check]: 0 was tested
}

struct qcap_entry {
	u64 word;
};

struct qcap_entry qcap_encode(u64 addr, u32 flags);

// Another form of the address goes to the caller, and the duty to test it as well.
static struct qcap_entry good_encoded(struct device *dev, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	return qcap_encode(dma, 1); // ok[dma-map-no-error-check]: the caller gets it
}

struct qcap_piece {
	dma_addr_t dma;
	size_t len;
};

// In a struct that is returned: the caller tests it.
static struct qcap_piece good_in_a_struct(struct device *dev, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: the caller tests it

	return (struct qcap_piece){ .dma = dma, .len = len };
}

// In a struct that is not.
static void bad_in_a_struct(struct device *dev, void *buf, size_t len, void __iomem *regs)
{
	struct qcap_piece piece;

	piece = (struct qcap_piece){ .dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE), .len = len };
	writel(piece.dma, regs); // error[dma-map-no-error-check]
	dma_unmap_single(dev, piece.dma, piece.len, DMA_TO_DEVICE);
}
