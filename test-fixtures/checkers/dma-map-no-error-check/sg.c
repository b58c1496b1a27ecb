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

struct qcap_fifo {
	struct device *dev;
	struct {
		__le64 addr;
	} slots[64];
};

// Every turn of the loop counts what it wrote; for a list that was not mapped that is nothing.
static int qcap_fill(struct qcap_fifo *fifo, struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int used = 0;
	int n, i;

	n = dma_map_sg(fifo->dev, sgl, nents, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: the caller refuses 0
	for_each_sg(sgl, sg, n, i) {
		fifo->slots[used].addr = cpu_to_le64(sg_dma_address(sg));
		used += qcap_split(fifo, sg);
	}
	return used;
}

static int good_told_by_number(struct qcap_fifo *fifo, struct scatterlist *sgl, int nents)
{
	int used = qcap_fill(fifo, sgl, nents);

	if (used == 0)
		return -ENOMEM;
	return qcap_start(fifo, used);
}

static int good_told_by_error(struct qcap_fifo *fifo, struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int ret = -EIO;
	int n, i;

	n = dma_map_sg(fifo->dev, sgl, nents, DMA_TO_DEVICE); // ok[dma-map-no-error-check]: without entries it stays -EIO
	for_each_sg(sgl, sg, n, i)
		ret = qcap_send(fifo, sg_dma_address(sg));
	return ret;
}

// 0 is success here, and what the caller asks for is an error.
static int qcap_fill_all(struct qcap_fifo *fifo, struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int n, i;

	n = dma_map_sg(fifo->dev, sgl, nents, DMA_TO_DEVICE);
//          ^^^^^^^^^^ error[dma-map-no-error-check]: never tests dma_map_sg() of sgl
	for_each_sg(sgl, sg, n, i)
		fifo->slots[i].addr = cpu_to_le64(sg_dma_address(sg));
	return 0;
}

static int bad_errno_asked(struct qcap_fifo *fifo, struct scatterlist *sgl, int nents)
{
	int ret = qcap_fill_all(fifo, sgl, nents);

	if (ret)
		return ret;
	return qcap_start(fifo, nents);
}
