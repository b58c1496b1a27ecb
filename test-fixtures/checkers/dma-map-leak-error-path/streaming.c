// Every exit that does not hand a streaming mapping on has to unmap it.
struct qcap_req {
	struct device *dev;
	void *src;
	void *dst;
	size_t len;
	unsigned int n;
	dma_addr_t src_dma;
	dma_addr_t dst_dma;
	struct scatterlist *sgl;
	int sg_count;
	struct list_head node;
};

struct qcap_pool {
	unsigned int max;
};

static int bad_early_return(struct qcap_req *req, struct qcap_pool *pool)
{
	dma_addr_t src_dma;
	int ret;

	src_dma = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src_dma))
		return -ENOMEM;
	if (req->n > pool->max)
		return -EINVAL;
//                     ^^^^^^^ error[dma-map-leak-error-path]: returns -EINVAL with src_dma of line 24 still mapped: req->len leaks on every failure here
	ret = qcap_run(req, src_dma);
	dma_unmap_single(req->dev, src_dma, req->len, DMA_TO_DEVICE);
	return ret;
}

static int bad_second_fails(struct qcap_req *req)
{
	dma_addr_t src, dst;

	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		return -ENOMEM;
	dst = dma_map_single(req->dev, req->dst, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(req->dev, dst))
		return -ENOMEM;
//                     ^^^^^^^ error[dma-map-leak-error-path]: returns -ENOMEM with src of line 39 still mapped
	qcap_run(req, src);
	dma_unmap_single(req->dev, dst, req->len, DMA_FROM_DEVICE);
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
	return 0;
}

static int bad_wrong_label(struct qcap_req *req)
{
	dma_addr_t src, dst;
	int ret;

	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		return -ENOMEM;
	dst = dma_map_single(req->dev, req->dst, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(req->dev, dst)) {
		ret = -ENOMEM;
		goto err_src;
	}
	ret = qcap_check(req);
	if (ret)
		goto err_src;
	qcap_run(req, src);
	dma_unmap_single(req->dev, dst, req->len, DMA_FROM_DEVICE);
err_src:
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
	return ret;
//             ^^^ error[dma-map-leak-error-path]: returns ret with dst of line 60 still mapped
}

static int bad_sg(struct qcap_req *req, struct qcap_pool *pool)
{
	int n;

	n = dma_map_sg(req->dev, req->sgl, req->sg_count, DMA_TO_DEVICE);
	if (!n)
		return -ENOMEM;
	if (n > pool->max)
		return -EINVAL;
//                     ^^^^^^^ warning[dma-map-leak-error-path]: returns -EINVAL with req->sgl of line 80 still mapped: it leaks on every failure here
	qcap_program(req, n);
	dma_unmap_sg(req->dev, req->sgl, req->sg_count, DMA_TO_DEVICE);
	return 0;
}

static int good_ladder(struct qcap_req *req)
{
	dma_addr_t src, dst;
	int ret;

	src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, src))
		return -ENOMEM;
	dst = dma_map_single(req->dev, req->dst, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(req->dev, dst)) {
		ret = -ENOMEM;
		goto err_src;
	}
	ret = qcap_check(req);
	if (ret)
		goto err_dst;
	ret = qcap_run(req, src);

err_dst:
	dma_unmap_single(req->dev, dst, req->len, DMA_FROM_DEVICE);
err_src:
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: the labels release in reverse order
}

static void bad_void(struct qcap_req *req, struct qcap_pool *pool)
{
	dma_addr_t src = dma_map_single(req->dev, req->src, req->len, DMA_TO_DEVICE);

	if (dma_mapping_error(req->dev, src))
		return;
	if (req->n > pool->max)
		return; // todo-fn[dma-map-leak-error-path]: a function without a result does not say that this is an error
	qcap_run(req, src);
	dma_unmap_single(req->dev, src, req->len, DMA_TO_DEVICE);
}
