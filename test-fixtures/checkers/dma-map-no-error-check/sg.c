// Scatter lists tell failure by their count.
struct qcap_xfer {
	struct device *dev;
	struct scatterlist *sgl;
	int count;
	int mapped;
	bool dma_done;
};

// One entry gives one segment or none: comparing with the count is a test.
static int good_one(struct qcap_xfer *x)
{
	if (dma_map_sg(x->dev, x->sgl, 1, DMA_TO_DEVICE) != 1)
		return -ENOMEM;
	return qcap_program(x->sgl, 1); // ok[dma-map-no-error-check]: 0 is not 1
}

static int good_assign_in_test(struct qcap_xfer *x)
{
	int n;

	if (!(n = dma_map_sg(x->dev, x->sgl, x->count, DMA_TO_DEVICE)))
		return -ENOMEM;
	return qcap_program(x->sgl, n); // ok[dma-map-no-error-check]: tested where it is assigned
}

static int good_bug_on(struct qcap_xfer *x)
{
	x->mapped = dma_map_sg(x->dev, x->sgl, x->count, DMA_TO_DEVICE);
	BUG_ON(!x->mapped);
	return qcap_program(x->sgl, x->mapped); // ok[dma-map-no-error-check]: BUG_ON() is a test, if a harsh one
}

static int good_loop_is_empty(struct qcap_xfer *x)
{
	int n = dma_map_sg(x->dev, x->sgl, x->count, DMA_TO_DEVICE);

	if (n > 0)
		return qcap_program(x->sgl, n); // ok[dma-map-no-error-check]: only when something was mapped
	return -ENOMEM;
}

// The raw count is the caller's to test.
static int good_raw(struct qcap_xfer *x)
{
	return dma_map_sg(x->dev, x->sgl, x->count, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: returned as it is
}

static int good_raw_user(struct qcap_xfer *x)
{
	x->mapped = good_raw(x);
	if (x->mapped == 0)
		return -ENOMEM;
	return qcap_program(x->sgl, x->mapped); // ok[dma-map-no-error-check]: tested here
}

static int good_table(struct qcap_xfer *x, struct sg_table *sgt)
{
	int ret = dma_map_sgtable(x->dev, sgt, DMA_TO_DEVICE, 0);

	if (ret)
		goto err;
	return qcap_program(sgt->sgl, sgt->nents); // ok[dma-map-no-error-check]: the errno was tested
err:
	sg_free_table(sgt);
	return ret;
}
