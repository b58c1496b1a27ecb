// Unmap gets the device, size, direction and attributes of the map.
struct qcap_req {
	struct device *dev;
	struct device *dma_dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	enum dma_data_direction dir;
};

static int bad_direction(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dev, req->buf, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, req->len, DMA_TO_DEVICE);
//                                                ^^^^^^^^^^^^^ error[dma-unmap-params-mismatch]: unmaps DMA_TO_DEVICE, but line 16 mapped DMA_FROM_DEVICE: what the device wrote is not synced back
//fix: Use DMA_FROM_DEVICE
	return ret;
}

static int bad_size(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dev, req->buf, SZ_4K, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, SZ_1K, DMA_TO_DEVICE);
//                                      ^^^^^ error[dma-unmap-params-mismatch]: unmaps SZ_1K, but line 31 mapped SZ_4K: the rest keeps its IOVA and bounce buffer
	return ret;
}

static int bad_size_beyond(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dev, req->buf, 64, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, 128, DMA_TO_DEVICE);
//                                      ^^^ error[dma-unmap-params-mismatch]: unmaps 128, but line 45 mapped only 64
	return ret;
}

static int bad_size_other(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dev, req->buf, req->len + 16, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, req->len, DMA_TO_DEVICE);
//                                      ^^^^^^^^ error[dma-unmap-params-mismatch]: unmaps req->len, but line 59 mapped req->len + 16
	return ret;
}

static int bad_attrs(struct qcap_req *req, phys_addr_t bar)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_phys(req->dev, bar, SZ_4K, DMA_BIDIRECTIONAL, DMA_ATTR_MMIO);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_phys(req->dev, dma, SZ_4K, DMA_BIDIRECTIONAL, 0);
//                                                              ^ error[dma-unmap-params-mismatch]: unmaps with 0, but line 73 mapped with DMA_ATTR_MMIO
	return ret;
}

static int bad_device(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dma_dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dma_dev, dma))
		return -ENOMEM;
	if (req->dma_dev == req->dev)
		return qcap_run(req, dma);
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, req->len, DMA_TO_DEVICE);
//                       ^^^^^^^^ error[dma-unmap-params-mismatch]: unmaps for req->dev, but line 87 mapped for req->dma_dev
	return ret;
}

static int bad_interface(struct qcap_req *req, phys_addr_t bar)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_resource(req->dev, bar, SZ_4K, DMA_BIDIRECTIONAL, 0);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, SZ_4K, DMA_BIDIRECTIONAL);
//      ^^^^^^^^^^^^^^^^ error[dma-unmap-params-mismatch]: with dma_unmap_single(), but line 103 used dma_map_resource()
	return ret;
}

static int good_same(struct qcap_req *req)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(req->dev, req->buf, req->len, req->dir);
	if (dma_mapping_error(req->dev, dma))
		return -ENOMEM;
	ret = qcap_run(req, dma);
	dma_unmap_single(req->dev, dma, req->len, req->dir); // ok[dma-unmap-params-mismatch]: the same values
	return ret;
}
