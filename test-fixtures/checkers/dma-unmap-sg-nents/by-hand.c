// The older style: nothing stores the result in the table, so nents is still the original count.
struct qcap_buf {
	struct device *dev;
	struct sg_table sgt;
};

static int qcap_buf_map(struct qcap_buf *buf)
{
	if (!dma_map_sg(buf->dev, buf->sgt.sgl, buf->sgt.nents, DMA_FROM_DEVICE))
		return -ENOMEM;
	return 0;
}

static void good_buf_unmap(struct qcap_buf *buf)
{
	dma_unmap_sg(buf->dev, buf->sgt.sgl, buf->sgt.nents, DMA_FROM_DEVICE); // ok[dma-unmap-sg-nents]: nobody overwrote nents
}
