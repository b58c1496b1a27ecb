// A handle that another call gave out is not the one that is still mapped.
struct pair {
	struct device *dev;
	void *cmd;
	void *data;
	size_t len;
	dma_addr_t cmd_dma;
	dma_addr_t data_dma;
};

static int bad_label_of_the_other(struct pair *p)
{
	dma_addr_t first, second;
	int ret = -ENOMEM;

	first = dma_map_single(p->dev, p->cmd, p->len, DMA_TO_DEVICE);
	if (dma_mapping_error(p->dev, first))
		return ret;
	second = dma_map_single(p->dev, p->data, p->len, DMA_TO_DEVICE);
	if (dma_mapping_error(p->dev, second))
		goto err_second;
	p->cmd_dma = first;
	p->data_dma = second;
	return 0;

err_second:
	dma_unmap_single(p->dev, second, p->len, DMA_TO_DEVICE);
	return ret; // error[dma-map-leak-error-path]: returns ret with first of line 16 still mapped: p->len leaks on every failure here
}

static int good_label(struct pair *p)
{
	dma_addr_t first, second;
	int ret = -ENOMEM;

	first = dma_map_single(p->dev, p->cmd, p->len, DMA_TO_DEVICE);
	if (dma_mapping_error(p->dev, first))
		return ret;
	second = dma_map_single(p->dev, p->data, p->len, DMA_TO_DEVICE);
	if (dma_mapping_error(p->dev, second))
		goto err_first;
	p->cmd_dma = first;
	p->data_dma = second;
	return 0;

err_first:
	dma_unmap_single(p->dev, first, p->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: the first one is given back
}
