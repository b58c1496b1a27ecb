// A streaming map can fail, and dma_mapping_error() is the only way to know.
#define QCAP_ADDR_LO 0x10
#define QCAP_ADDR_HI 0x14

struct qcap_desc {
	__le64 addr;
	__le32 len;
};

struct qcap_req {
	void *buf;
	size_t len;
	dma_addr_t dma;
	struct scatterlist *sgl;
	int nents;
	struct sg_table sgt;
};

static int bad_stored(struct device *dev, struct qcap_desc *desc, void *buf, size_t len)
{
	dma_addr_t buf_dma;

	buf_dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);
	desc->addr = cpu_to_le64(buf_dma);
//                               ^^^^^^^ error[dma-map-no-error-check]: stores buf_dma of line 23 unchecked: after a failed map the device is given ~0
	desc->len = cpu_to_le32(len);
	return 0;
}

static void bad_written(struct device *dev, void __iomem *regs, struct page *page)
{
	dma_addr_t dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);

	writel(lower_32_bits(dma), regs + QCAP_ADDR_LO);
//                           ^^^ error[dma-map-no-error-check]: passes dma of line 32 unchecked: after a failed map the device is given ~0
	writel(upper_32_bits(dma), regs + QCAP_ADDR_HI);
}

static int bad_sg(struct device *dev, struct qcap_req *req)
{
	struct scatterlist *sg;
	int i, n;

	n = dma_map_sg(dev, req->sgl, req->nents, DMA_TO_DEVICE);
//          ^^^^^^^^^^ error[dma-map-no-error-check]: never tests dma_map_sg() of req->sgl
	for_each_sg(req->sgl, sg, n, i)
		qcap_push(req, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

static void bad_table(struct device *dev, struct qcap_req *req)
{
	dma_map_sgtable(dev, &req->sgt, DMA_TO_DEVICE, 0);
//      ^^^^^^^^^^^^^^^ error[dma-map-no-error-check]: never tests dma_map_sgtable() of &req->sgt
	qcap_submit(req);
}

static int bad_second(struct device *dev, struct qcap_desc *desc, void *a, void *b, size_t len)
{
	dma_addr_t first, second;

	first = dma_map_single(dev, a, len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, first))
		return -ENOMEM;
	second = dma_map_single(dev, b, len, DMA_TO_DEVICE);
	desc[0].addr = cpu_to_le64(first);
	desc[1].addr = cpu_to_le64(second);
//                                 ^^^^^^ error[dma-map-no-error-check]: stores second of line 65 unchecked: after a failed map the device is given ~0
	return 0;
}

static int bad_wrong_variable(struct device *dev, struct qcap_req *req, struct qcap_desc *desc)
{
	dma_addr_t data = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, req->dma))
//                                 ^^^^^^^^ error[dma-map-no-error-check]: tests req->dma, not data of line 74: after a failed map the device is given ~0
		return -ENOMEM;
	desc->addr = cpu_to_le64(data);
	return 0;
}

static int bad_released(struct qcap_req *req, struct device *dev)
{
	dma_addr_t dma = dma_map_single(dev, req->buf, req->len, DMA_BIDIRECTIONAL);

	dma_unmap_single(dev, dma, req->len, DMA_BIDIRECTIONAL);
//                            ^^^ error[dma-map-no-error-check]: unmaps dma of line 85 unchecked: a failed map left ~0 and nothing to unmap
	return 0;
}

static void bad_dropped(struct device *dev, struct qcap_req *req)
{
	dma_addr_t dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
//                       ^^^^^^^^^^^^^^ error[dma-map-no-error-check]: never tests dma, the result of dma_map_single(): after a failed map the device is given ~0

	qcap_submit(req);
}

static int good_checked(struct device *dev, struct qcap_desc *desc, void *buf, size_t len)
{
	dma_addr_t buf_dma;

	buf_dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, buf_dma))
		return -ENOMEM;
	desc->addr = cpu_to_le64(buf_dma); // ok[dma-map-no-error-check]: checked above
	return 0;
}

static void bad_memory(struct device *dev, struct qcap_req *req)
{
	void *buf = dma_alloc_coherent(dev, req->len, &req->dma, GFP_KERNEL);

	memset(buf, 0, req->len);
	qcap_run_sync(req);
	dma_free_coherent(dev, req->len, buf, req->dma);
//                                       ^^^ error[dma-map-no-error-check]: frees buf of line 113 untested: after a failed dma_alloc_coherent() it is NULL, and its address stale
}

static int good_memory(struct device *dev, struct qcap_req *req)
{
	void *buf = dma_alloc_coherent(dev, req->len, &req->dma, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	memset(buf, 0, req->len); // ok[dma-map-no-error-check]: tested
	qcap_run_sync(req);
	dma_free_coherent(dev, req->len, buf, req->dma);
	return 0;
}

int qcap_shrink(struct device *dev);

// Tried again after something else was given up.
static int good_retry_list(struct device *dev, struct scatterlist *sgl, int nents)
{
	do {
		if (dma_map_sg(dev, sgl, nents, DMA_TO_DEVICE)) // ok[dma-map-no-error-check]: tested as it comes
			return 0;
	} while (qcap_shrink(dev));
	return -ENOSPC;
}

// What stands behind a loop of a fixed number of turns is looked at.
static void bad_behind_loop(struct device *dev, void *buf, size_t len, u64 *slot, void __iomem *regs)
{
	dma_addr_t dma;
	int i;

	for (i = 0; i < 8; i++)
		slot[i] = 0;
	dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);
	writeq(dma, regs);
//             ^^^ error[dma-map-no-error-check]: passes dma of line
	dma_unmap_single(dev, dma, len, DMA_TO_DEVICE);
}

// For the cache alone, and the handle is lost.
static void bad_lost(struct device *dev, void *buf, size_t len)
{
	dma_map_single(dev, buf, len, DMA_TO_DEVICE);
//      ^^^^^^^^^^^^^^ error[dma-map-no-error-check]: drops the result of dma_map_single(): a failed map goes unseen, and nothing can unmap a good one
	qcap_start(dev, virt_to_phys(buf));
}
