// A table is mapped in one function, and synced in another.
struct qcap_buf {
	struct device *dev;
	struct sg_table *dma_sgt;
	enum dma_data_direction dir;
};

static int qcap_buf_map(struct qcap_buf *buf)
{
	return dma_map_sgtable(buf->dev, buf->dma_sgt, buf->dir, DMA_ATTR_SKIP_CPU_SYNC);
}

static int bad_begin_access(struct qcap_buf *buf)
{
	struct sg_table *sgt = buf->dma_sgt;

	dma_sync_sg_for_cpu(buf->dev, sgt->sgl, sgt->nents, buf->dir);
//                                              ^^^^^^^^^^ error[dma-unmap-sg-nents]: syncs sgt->nents, the DMA count; line 10 mapped orig_nents: merged entries stay unsynced
//fix: Use orig_nents
	return 0;
}

static int good_begin_access(struct qcap_buf *buf)
{
	struct sg_table *sgt = buf->dma_sgt;

	dma_sync_sg_for_cpu(buf->dev, sgt->sgl, sgt->orig_nents, buf->dir); // ok[dma-unmap-sg-nents]: the CPU count
	return 0;
}
