// Others who have it by the time the function fails: a list, a queue, the remove function.
struct qcap_td {
	struct list_head node;
	dma_addr_t dma;
};

struct qcap_stream {
	struct list_head idle;
};

struct qcap_plan {
	struct list_head tds;
};

static void qcap_plan_free(struct qcap_stream *stream, struct qcap_plan *plan)
{
	if (!plan)
		return;
	list_splice(&plan->tds, &stream->idle);
	kfree(plan);
}

static int good_spliced(struct qcap_stream *stream, struct dma_pool *pool, int n)
{
	struct qcap_plan *plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	struct qcap_td *td;
	dma_addr_t dma;
	int i;

	if (!plan)
		return -ENOMEM;
	INIT_LIST_HEAD(&plan->tds);
	for (i = 0; i < n; i++) {
		td = dma_pool_alloc(pool, GFP_KERNEL, &dma);
		if (!td) {
			qcap_plan_free(stream, plan);
			return -ENOMEM; // ok[dma-map-leak-error-path]: what is on the plan goes to the idle list
		}
		td->dma = dma;
		list_add(&td->node, &plan->tds);
	}
	return qcap_run_plan(stream, plan);
}

static int bad_not_spliced(struct qcap_stream *stream, struct dma_pool *pool, int n)
{
	struct qcap_plan *plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	struct qcap_td *td;
	dma_addr_t dma;
	int i;

	if (!plan)
		return -ENOMEM;
	INIT_LIST_HEAD(&plan->tds);
	for (i = 0; i < n; i++) {
		td = dma_pool_alloc(pool, GFP_KERNEL, &dma);
		if (!td) {
			kfree(plan);
			return -ENOMEM;
//                             ^^^^^^^ error[dma-map-leak-error-path]: returns -ENOMEM with td of an earlier turn (line 56) still allocated
		}
		td->dma = dma;
		list_add(&td->node, &plan->tds);
	}
	return qcap_run_plan(stream, plan);
}

struct qcap_udc {
	struct device *dev;
	struct dma_pool *setups;
	struct dma_pool *datas;
	void *setup;
	dma_addr_t setup_dma;
	void *data;
	dma_addr_t data_dma;
};

static int good_init_pools(struct qcap_udc *udc)
{
	udc->setups = dma_pool_create("setups", udc->dev, 64, 0, 0);
	if (!udc->setups)
		return -ENOMEM;
	udc->datas = dma_pool_create("datas", udc->dev, 64, 0, 0);
	if (!udc->datas)
		return -ENOMEM; // ok[dma-map-leak-error-path]: the probe leaves through the remove function
	udc->setup = dma_pool_alloc(udc->setups, GFP_KERNEL, &udc->setup_dma);
	if (!udc->setup)
		return -ENOMEM; // ok[dma-map-leak-error-path]: as above
	udc->data = dma_pool_alloc(udc->datas, GFP_KERNEL, &udc->data_dma);
	if (!udc->data)
		return -ENOMEM; // ok[dma-map-leak-error-path]: as above
	return 0;
}

static void qcap_udc_remove(struct platform_device *pdev)
{
	struct qcap_udc *udc = platform_get_drvdata(pdev);

	if (udc->setups) {
		if (udc->setup)
			dma_pool_free(udc->setups, udc->setup, udc->setup_dma);
		if (udc->data)
			dma_pool_free(udc->datas, udc->data, udc->data_dma);
		dma_pool_destroy(udc->setups);
	}
	dma_pool_destroy(udc->datas);
}

static int qcap_udc_probe(struct platform_device *pdev)
{
	struct qcap_udc *udc = devm_kzalloc(&pdev->dev, sizeof(*udc), GFP_KERNEL);
	int ret;

	if (!udc)
		return -ENOMEM;
	udc->dev = &pdev->dev;
	platform_set_drvdata(pdev, udc);
	ret = good_init_pools(udc);
	if (ret)
		goto out;
	ret = qcap_udc_register(udc);
	if (ret)
		goto out;
	return 0;
out:
	qcap_udc_remove(pdev);
	return ret;
}

static const struct platform_driver qcap_udc_driver = {
	.probe = qcap_udc_probe,
	.remove = qcap_udc_remove,
};

struct qcap_slot {
	struct list_head node;
	dma_addr_t first;
};

struct qcap_packet {
	dma_addr_t first;
	size_t len;
};

struct qcap_link {
	struct device *dev;
	struct list_head idle;
	unsigned int busy;
};

static int qcap_prepare(struct qcap_link *link, struct qcap_packet *packet)
{
	struct qcap_slot *slot = NULL;
	int ret = 0;

	if (!packet->len)
		return -EINVAL;
	if (link->busy) {
		ret = -EBUSY;
		goto out;
	}
	slot = qcap_next_slot(link);
	slot->first = packet->first;
out:
	return ret;
}

// The first part is queued with the packet; what fails later is another part.
static int good_queued(struct qcap_link *link, void *buf, size_t len, void *more)
{
	struct qcap_packet packet = {};
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(link->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(link->dev, dma))
		return -ENOMEM;
	packet.first = dma;
	packet.len = len;
	ret = qcap_prepare(link, &packet);
	if (ret)
		goto err;
	ret = qcap_add_part(link, more);
	if (ret)
		return ret; // ok[dma-map-leak-error-path]: the slot has it
	return 0;
err:
	dma_unmap_single(link->dev, dma, len, DMA_TO_DEVICE);
	return ret;
}
