// Coherent memory, pools and sg_tables leak in the same way as streaming mappings.
struct qcap_ring {
	struct device *dev;
	void *descs;
	dma_addr_t descs_dma;
	void *status;
	dma_addr_t status_dma;
	size_t size;
	struct dma_pool *pool;
};

static int bad_coherent(struct device *dev, size_t size, void __iomem *regs)
{
	dma_addr_t dma;
	void *buf;

	buf = dma_alloc_coherent(dev, size, &dma, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (upper_32_bits(dma))
		return -EFBIG;
//                     ^^^^^^ error[dma-map-leak-error-path]: returns -EFBIG with buf of line 17 still allocated: size leaks on every failure here
	qcap_run_sync(regs, dma);
	dma_free_coherent(dev, size, buf, dma);
	return 0;
}

static int bad_pool_memory(struct qcap_ring *ring, bool ready)
{
	dma_addr_t dma;
	void *desc;

	desc = dma_pool_alloc(ring->pool, GFP_KERNEL, &dma);
	if (!desc)
		return -ENOMEM;
	if (!ready)
		return -EAGAIN;
//                     ^^^^^^^ error[dma-map-leak-error-path]: returns -EAGAIN with desc of line 33 still allocated
	qcap_push_sync(ring, dma);
	dma_pool_free(ring->pool, desc, dma);
	return 0;
}

static int bad_pool(struct device *dev, struct qcap_ring *ring)
{
	struct dma_pool *pool;
	int ret;

	pool = dma_pool_create("qcap", dev, 64, 64, 0);
	if (!pool)
		return -ENOMEM;
	ret = qcap_check(ring);
	if (ret)
		return ret;
//                     ^^^ error[dma-map-leak-error-path]: returns ret with pool of line 49 still allocated
	ring->pool = pool;
	return 0;
}

static int bad_table(struct device *dev, struct page **pages, unsigned int n, size_t size)
{
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, pages, n, 0, size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
//                     ^^^ error[dma-map-leak-error-path]: returns ret with &sgt of line 65 still allocated
	qcap_go(&sgt);
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&sgt);
	return 0;
}

static int bad_rings(struct qcap_ring *ring)
{
	ring->descs = dma_alloc_coherent(ring->dev, ring->size, &ring->descs_dma, GFP_KERNEL);
	if (!ring->descs)
		return -ENOMEM;
	ring->status = dma_alloc_coherent(ring->dev, PAGE_SIZE, &ring->status_dma, GFP_KERNEL);
	if (!ring->status)
		return -ENOMEM; // todo-fn[dma-map-leak-error-path]: ring->descs stays behind when no caller unwinds
	return 0;
}

static int good_coherent(struct qcap_ring *ring)
{
	ring->descs = dma_alloc_coherent(ring->dev, ring->size, &ring->descs_dma, GFP_KERNEL);
	if (!ring->descs)
		return -ENOMEM; // ok[dma-map-leak-error-path]: a failed allocation left nothing
	ring->status = dma_alloc_coherent(ring->dev, PAGE_SIZE, &ring->status_dma, GFP_KERNEL);
	if (!ring->status) {
		dma_free_coherent(ring->dev, ring->size, ring->descs, ring->descs_dma);
		ring->descs = NULL;
		return -ENOMEM; // ok[dma-map-leak-error-path]: the first one is freed
	}
	return 0;
}

// Managed memory goes with the device.
static int good_managed(struct device *dev, bool ready)
{
	dma_addr_t dma;
	void *buf = dmam_alloc_coherent(dev, PAGE_SIZE, &dma, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	if (!ready)
		return -EPROBE_DEFER; // ok[dma-map-leak-error-path]: dmam_ memory is freed by the driver core
	return qcap_set_ring(dev, buf, dma);
}

// Coherent memory begins at a page: the second half of the test is never true.
static int good_misaligned(struct device *dev, size_t size, void **out, dma_addr_t *dma)
{
	void *ring = dma_alloc_coherent(dev, size, dma, GFP_KERNEL);

	if (!ring || (unsigned long)ring & 0xFF)
		return -ENOMEM; // ok[dma-map-leak-error-path]: there is no misaligned memory to leak
	*out = ring;
	return 0;
}
