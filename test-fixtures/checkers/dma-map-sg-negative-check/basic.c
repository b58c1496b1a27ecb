// dma_map_sg() returns a count, and 0 for any failure.
struct qcap_req {
	struct device *dev;
	struct scatterlist *src;
	int src_nents;
	int mapped;
};

static int bad_negative(struct qcap_req *req)
{
	int nents;

	nents = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	if (nents < 0)
//          ^^^^^^^^^ error[dma-map-sg-negative-check]: tests nents for < 0, but dma_map_sg() fails with 0: the failure passes, 0 entries are used
		return nents;
	return qcap_program(req, nents);
}

static int bad_field(struct qcap_req *req)
{
	req->mapped = dma_map_sg_attrs(req->dev, req->src, req->src_nents, DMA_TO_DEVICE, 0);
	if (unlikely(req->mapped < 0))
//                   ^^^^^^^^^^^^^^^ error[dma-map-sg-negative-check]: tests req->mapped for < 0, but dma_map_sg_attrs() fails with 0
		return -ENOMEM;
	return qcap_program(req, req->mapped);
}

static int good_zero(struct qcap_req *req)
{
	int nents = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);

	if (!nents) // ok[dma-map-sg-negative-check]: 0 is the failure
		return -ENOMEM;
	return qcap_program(req, nents);
}

static int good_not_positive(struct qcap_req *req)
{
	int nents = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);

	if (nents <= 0) // ok[dma-map-sg-negative-check]: 0 is among the values
		return -ENOMEM;
	return qcap_program(req, nents);
}

static int good_table(struct device *dev, struct sg_table *sgt)
{
	int ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);

	if (ret < 0) // ok[dma-map-sg-negative-check]: dma_map_sgtable() returns an errno
		return ret;
	return 0;
}

static int good_scsi(struct scsi_cmnd *cmd)
{
	int nseg = scsi_dma_map(cmd);

	if (nseg < 0) // ok[dma-map-sg-negative-check]: scsi_dma_map() does fail with a negative value
		return nseg;
	return nseg;
}

// The same variable holds an errno later on.
static int good_reused(struct qcap_req *req)
{
	int ret;

	ret = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	if (!ret)
		return -ENOMEM;
	ret = qcap_program(req, ret);
	if (ret < 0) // ok[dma-map-sg-negative-check]: ret comes from qcap_program() now
		dma_unmap_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	return ret;
}
