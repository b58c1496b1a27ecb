// Where a label releases exactly what is held at the exit, leaving by it mends the leak.
struct qcap_req {
	struct device *dev;
	void *src;
	void *dst;
	size_t len;
	int state;
};

static int bad_same_result(struct qcap_req *req)
{
	dma_addr_t src, dst;
	void *ctx;
	int ret = -ENOMEM;

	ctx = kmalloc(req->len, GFP_KERNEL);
	if (!ctx)
		return ret;
	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		goto err_ctx;
	dst = dma_map_single(req->dev, req->dst, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(req->dev, dst))
		goto err_src;
	ret = qcap_check(req);
	if (ret)
		return ret;
//                     ^^^ error[dma-map-leak-error-path]: returns ret with src of line 19 still mapped
//fix: goto err_dst
	ret = qcap_run(req, src);
err_dst:
	dma_unmap_single(req->dev, dst, req->len, DMA_FROM_DEVICE);
err_src:
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
err_ctx:
	kfree(ctx);
	return ret; // ok[dma-map-leak-error-path]: each label releases what came before it
}

static int bad_braces_needed(struct qcap_req *req)
{
	dma_addr_t src;
	int ret;

	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		return -ENOMEM;
	if (req->state)
		return -EINVAL;
//                     ^^^^^^^ error[dma-map-leak-error-path]: returns -EINVAL with src of line 45 still mapped
//fix: goto unmap
	ret = qcap_run(req, src);
unmap:
	dev_dbg(req->dev, "done\n");
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: success and failure end here
}

static int bad_in_block(struct qcap_req *req)
{
	dma_addr_t src;
	int ret;

	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		return -ENOMEM;
	if (req->state) {
		dev_err(req->dev, "busy\n");
		return -EIO;
//                     ^^^^ error[dma-map-leak-error-path]: returns -EIO with src of line 64 still mapped
//fix: goto unmap
	}
	ret = qcap_run(req, src);
unmap:
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: success and failure end here
}
