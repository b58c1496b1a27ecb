// Unmap and sync take the count that was passed to dma_map_sg(), not the one it returned.
struct qcap_req {
	struct device *dev;
	struct scatterlist *src;
	unsigned int src_nents;
	int nents;
	int given;
	struct sg_table *sgt;
};

static int bad_local(struct qcap_req *req)
{
	int n, ret;

	n = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	if (!n)
		return -ENOMEM;
	ret = qcap_run(req, n);
	dma_unmap_sg(req->dev, req->src, n, DMA_TO_DEVICE);
//                                       ^ error[dma-unmap-sg-nents]: unmaps n, what dma_map_sg() returned; line 15 mapped req->src_nents: merged entries stay unsynced
//fix: Pass req->src_nents
	return ret;
}

static int bad_sync(struct qcap_req *req)
{
	int n;

	n = dma_map_sg(req->dev, req->src, req->src_nents, DMA_FROM_DEVICE);
	if (!n)
		return -ENOMEM;
	qcap_run(req, n);
	dma_sync_sg_for_cpu(req->dev, req->src, n, DMA_FROM_DEVICE);
//                                              ^ error[dma-unmap-sg-nents]: syncs n, what dma_map_sg() returned; line 29 mapped req->src_nents: merged entries stay unsynced
	dma_unmap_sg(req->dev, req->src, req->src_nents, DMA_FROM_DEVICE);
	return 0;
}

static int bad_field_map(struct qcap_req *req)
{
	req->nents = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	if (!req->nents)
		return -ENOMEM;
	return 0;
}

static void bad_field_unmap(struct qcap_req *req)
{
	dma_unmap_sg(req->dev, req->src, req->nents, DMA_TO_DEVICE);
//                                       ^^^^^^^^^^ error[dma-unmap-sg-nents]: unmaps req->nents, set from dma_map_sg() at line 41: pass the count it was given, merged entries stay unsynced
}

static int bad_table(struct qcap_req *req)
{
	int ret;

	ret = dma_map_sgtable(req->dev, req->sgt, DMA_FROM_DEVICE, 0);
	if (ret)
		return ret;
	qcap_run(req, req->sgt->nents);
	dma_unmap_sg(req->dev, req->sgt->sgl, req->sgt->nents, DMA_FROM_DEVICE);
//                                            ^^^^^^^^^^^^^^^ error[dma-unmap-sg-nents]: unmaps req->sgt->nents, the DMA count; line 57 mapped orig_nents
	return 0;
}

static int good_same(struct qcap_req *req)
{
	int n, ret;

	n = dma_map_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE);
	if (!n)
		return -ENOMEM;
	ret = qcap_run(req, n);
	dma_unmap_sg(req->dev, req->src, req->src_nents, DMA_TO_DEVICE); // ok[dma-unmap-sg-nents]: the count that was given
	return ret;
}

static int good_one(struct qcap_req *req)
{
	int n = dma_map_sg(req->dev, req->src, 1, DMA_TO_DEVICE);

	if (!n)
		return -ENOMEM;
	dma_unmap_sg(req->dev, req->src, n, DMA_TO_DEVICE); // ok[dma-unmap-sg-nents]: one entry gives one segment
	return 0;
}

// sg_nents() of an unmodified list is the same number each time.
static int good_recount(struct qcap_req *req)
{
	int n = dma_map_sg(req->dev, req->src, sg_nents(req->src), DMA_TO_DEVICE);

	if (!n)
		return -ENOMEM;
	qcap_run(req, n);
	dma_unmap_sg(req->dev, req->src, sg_nents(req->src), DMA_TO_DEVICE); // ok[dma-unmap-sg-nents]: counted again
	return 0;
}

// The original count in a field whose name sounds like the other one.
static int good_stored_original(struct qcap_req *req)
{
	req->given = sg_nents(req->src);
	if (!dma_map_sg(req->dev, req->src, req->given, DMA_TO_DEVICE))
		return -ENOMEM;
	return 0;
}

static void good_stored_unmap(struct qcap_req *req)
{
	dma_unmap_sg(req->dev, req->src, req->given, DMA_TO_DEVICE); // ok[dma-unmap-sg-nents]: follow the assignment, not the name
}

static int good_table(struct qcap_req *req)
{
	int ret = dma_map_sgtable(req->dev, req->sgt, DMA_TO_DEVICE, 0);

	if (ret)
		return ret;
	qcap_run(req, req->sgt->nents); // ok[dma-unmap-sg-nents]: the DMA count is right for programming
	dma_unmap_sg(req->dev, req->sgt->sgl, req->sgt->orig_nents, DMA_TO_DEVICE); // ok[dma-unmap-sg-nents]: the CPU count
	return 0;
}
