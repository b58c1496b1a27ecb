// DMA memory is freed with the device, size and interface that allocated it.
struct qcap_mem {
	struct device *dev;
	struct device *dma_dev;
	size_t max;
	size_t used;
	size_t sz;
	struct dma_pool *small;
	struct dma_pool *large;
};

static int bad_less(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *descs;
	int ret;

	descs = dma_alloc_coherent(mem->dev, SZ_64K, &dma, GFP_KERNEL);
	if (!descs)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, SZ_4K, descs, dma);
//                                  ^^^^^ error[dma-coherent-free-mismatch]: frees SZ_4K of descs, but line 18 allocated SZ_64K: the pages past it stay allocated
//fix: Free SZ_64K
	return ret;
}

static int bad_more(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *descs;
	int ret;

	descs = dma_alloc_coherent(mem->dev, SZ_4K, &dma, GFP_KERNEL);
	if (!descs)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, SZ_64K, descs, dma);
//                                  ^^^^^^ error[dma-coherent-free-mismatch]: frees SZ_64K of descs, but line 34 allocated only SZ_4K
	return ret;
}

static int bad_other(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *descs;
	int ret;

	descs = dma_alloc_coherent(mem->dev, mem->sz + 64, &dma, GFP_KERNEL);
	if (!descs)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, mem->sz, descs, dma);
//                                  ^^^^^^^ error[dma-coherent-free-mismatch]: frees mem->sz of descs, but line 49 allocated mem->sz + 64
	return ret;
}

static int bad_device(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *buf;

	buf = dma_alloc_coherent(mem->dma_dev, SZ_4K, &dma, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (mem->dma_dev != mem->dev)
		dma_free_coherent(mem->dev, SZ_4K, buf, dma);
//                                ^^^^^^^^ error[dma-coherent-free-mismatch]: frees buf for mem->dev, but line 63 allocated it for mem->dma_dev
	return 0;
}

static int bad_pool(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *desc;

	desc = dma_pool_alloc(mem->small, GFP_KERNEL, &dma);
	if (!desc)
		return -ENOMEM;
	if (mem->small == mem->large)
		return qcap_keep(mem, desc, dma);
	dma_pool_free(mem->large, desc, dma);
//                    ^^^^^^^^^^ error[dma-coherent-free-mismatch]: frees desc into mem->large, but line 77 took it from mem->small
	return 0;
}

static int bad_interface(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *fb;
	int ret;

	fb = dma_alloc_wc(mem->dev, SZ_1M, &dma, GFP_KERNEL);
	if (!fb)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, SZ_1M, fb, dma);
//      ^^^^^^^^^^^^^^^^^ error[dma-coherent-free-mismatch]: frees fb with dma_free_coherent(), but line 93 used dma_alloc_wc()
	return ret;
}

static int good_same(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *descs;
	int ret;

	descs = dma_alloc_coherent(mem->dev, mem->max * mem->sz, &dma, GFP_KERNEL);
	if (!descs)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, mem->sz * mem->max, descs, dma); // ok[dma-coherent-free-mismatch]: a product in the other order
	return ret;
}

static int good_aligned(struct qcap_mem *mem)
{
	size_t size = PAGE_ALIGN(mem->sz);
	dma_addr_t dma;
	void *descs;
	int ret;

	descs = dma_alloc_coherent(mem->dev, size, &dma, GFP_KERNEL);
	if (!descs)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_coherent(mem->dev, PAGE_ALIGN(mem->sz), descs, dma); // ok[dma-coherent-free-mismatch]: aligned on both sides
	return ret;
}

static int good_wc(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *fb = dma_alloc_wc(mem->dev, SZ_1M, &dma, GFP_KERNEL);
	int ret;

	if (!fb)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	dma_free_wc(mem->dev, SZ_1M, fb, dma); // ok[dma-coherent-free-mismatch]: its own counterpart
	return ret;
}

static int good_pool(struct qcap_mem *mem, bool big)
{
	struct dma_pool *pool = big ? mem->large : mem->small;
	dma_addr_t dma;
	void *desc = dma_pool_zalloc(pool, GFP_KERNEL, &dma);

	if (!desc)
		return -ENOMEM;
	qcap_run(mem, dma);
	dma_pool_free(pool, desc, dma); // ok[dma-coherent-free-mismatch]: the same pool
	return 0;
}

// To kfree() it is no memory of its own.
static int bad_kfree(struct qcap_mem *mem)
{
	dma_addr_t dma;
	void *ring = dma_alloc_coherent(mem->dev, mem->sz, &dma, GFP_KERNEL);
	int ret;

	if (!ring)
		return -ENOMEM;
	ret = qcap_run(mem, dma);
	if (ret) {
		kfree(ring);
//              ^^^^^ error[dma-coherent-free-mismatch]: frees ring with kfree(), but line 161 used dma_alloc_coherent(): the two do not belong together
		return ret;
	}
	dma_free_coherent(mem->dev, mem->sz, ring, dma);
	return 0;
}

struct qcap_note {
	void *ring;
	dma_addr_t dma;
};

// What kfree() gets is the driver's own record.
static int good_kfree(struct qcap_mem *mem)
{
	struct qcap_note *note = kzalloc(sizeof(*note), GFP_KERNEL);

	if (!note)
		return -ENOMEM;
	note->ring = dma_alloc_coherent(mem->dev, mem->sz, &note->dma, GFP_KERNEL);
	if (!note->ring) {
		kfree(note); // ok[dma-coherent-free-mismatch]: kzalloc() made it
		return -ENOMEM;
	}
	qcap_keep(mem, note);
	return 0;
}
