// 0 is a valid DMA address; a failed map gives all ones.
struct qcap_req {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	bool mapped;
};

static int bad_not(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (!req->dma)
//          ^^^^^^^^^ error[dma-map-null-check]: tests req->dma for 0, but a failed dma_map_single() gives ~0: the failure passes, address 0 is refused
//fix: Use dma_mapping_error(req->dev, req->dma)
		return -ENOMEM;
	return qcap_submit(req);
}

static int bad_null(struct device *dev, struct page *page, struct qcap_req *req)
{
	dma_addr_t dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);

	if (dma == 0) {
//          ^^^^^^^^ error[dma-map-null-check]: tests dma for 0, but a failed dma_map_page() gives ~0
		dev_err(dev, "cannot map\n");
		return -ENOMEM;
	}
	req->dma = dma;
	return 0;
}

static int bad_minus_one(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (req->dma == (dma_addr_t)-1)
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^ error[dma-map-null-check]: compares req->dma with -1 by hand: dma-debug sees no check and warns at unmap
		return -ENOMEM;
	return qcap_submit(req);
}

static int bad_by_name(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (req->dma == DMA_MAPPING_ERROR)
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[dma-map-null-check]: compares req->dma with DMA_MAPPING_ERROR by hand
		return -ENOMEM;
	return qcap_submit(req);
}

static int good_error(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, req->dma)) // ok[dma-map-null-check]: the one test there is
		return -ENOMEM;
	return qcap_submit(req);
}

static int good_negated(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (!dma_mapping_error(req->dev, req->dma)) // ok[dma-map-null-check]: the helper's result is negated, not the address
		return qcap_submit(req);
	return -ENOMEM;
}

// 0 is the driver's own mark for "not mapped", set after a good check.
static int good_mark(struct qcap_req *req)
{
	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, req->dma)) {
		req->dma = 0;
		return -ENOMEM;
	}
	return 0;
}

static void good_mark_exit(struct qcap_req *req)
{
	if (req->dma) // ok[dma-map-null-check]: the driver's own mark
		dma_unmap_single(req->dev, req->dma, req->len, DMA_TO_DEVICE);
	req->dma = 0;
}

// The CPU pointer of coherent memory is a pointer, and NULL is its failure.
static int good_coherent(struct qcap_req *req)
{
	req->buf = dma_alloc_coherent(req->dev, req->len, &req->dma, GFP_KERNEL);
	if (!req->buf) // ok[dma-map-null-check]: a pointer, not a DMA address
		return -ENOMEM;
	return 0;
}
