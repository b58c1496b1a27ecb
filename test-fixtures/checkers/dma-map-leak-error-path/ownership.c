// Who can still reach the handle decides whether it leaked.
#define QCAP_DOORBELL 0x80

struct qcap_req {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	struct list_head node;
};

struct qcap_queue {
	struct device *dev;
	struct list_head pending;
	dma_addr_t slot[16];
	unsigned int used;
	size_t slot_len;
	void __iomem *regs;
};

static int bad_taker_failed(struct qcap_queue *q, void *buf, size_t len)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(q->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, dma))
		return -ENOMEM;
	ret = qcap_enqueue(q, dma, len);
	if (ret)
		return ret;
//                     ^^^ error[dma-map-leak-error-path]: returns ret with dma of line 26 still mapped
	return 0;
}

static int bad_own_object(struct qcap_queue *q, void *buf, size_t len, bool full)
{
	struct qcap_req *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (!req)
		return -ENOMEM;
	req->dma = dma_map_single(q->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, req->dma)) {
		kfree(req);
		return -ENOMEM;
	}
	if (full) {
		kfree(req);
		return -ENOSPC;
//                     ^^^^^^^ error[dma-map-leak-error-path]: returns -ENOSPC with req->dma of line 42 still mapped
	}
	list_add_tail(&req->node, &q->pending);
	return 0;
}

static int bad_loop(struct qcap_queue *q, void **bufs)
{
	dma_addr_t dma[4];
	int i;

	for (i = 0; i < 4; i++) {
		dma[i] = dma_map_single(q->dev, bufs[i], q->slot_len, DMA_FROM_DEVICE);
		if (dma_mapping_error(q->dev, dma[i]))
			return -ENOMEM;
//                             ^^^^^^^ warning[dma-map-leak-error-path]: returns -ENOMEM with dma[i] of an earlier turn (line 62) still mapped
	}
	qcap_wait(q, dma);
	for (i = 0; i < 4; i++)
		dma_unmap_single(q->dev, dma[i], q->slot_len, DMA_FROM_DEVICE);
	return 0;
}

// The taker owns it once it succeeded.
static int good_taken(struct qcap_queue *q, void *buf, size_t len)
{
	dma_addr_t dma;
	int ret;

	dma = dma_map_single(q->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, dma))
		return -ENOMEM;
	ret = qcap_enqueue(q, dma, len);
	if (ret) {
		dma_unmap_single(q->dev, dma, len, DMA_TO_DEVICE);
		return ret;
	}
	ret = qcap_kick(q);
	if (ret)
		return ret; // ok[dma-map-leak-error-path]: qcap_enqueue() succeeded and owns it
	return 0;
}

// Stored in the queue before the failing call: the tear-down walks the slots.
static int good_slot(struct qcap_queue *q, void *buf)
{
	dma_addr_t dma = dma_map_single(q->dev, buf, q->slot_len, DMA_TO_DEVICE);

	if (dma_mapping_error(q->dev, dma))
		return -ENOMEM;
	q->slot[q->used++] = dma;
	if (q->used == 16)
		return -ENOSPC; // ok[dma-map-leak-error-path]: qcap_teardown() unmaps every used slot
	return 0;
}

static void qcap_teardown(struct qcap_queue *q)
{
	while (q->used--)
		dma_unmap_single(q->dev, q->slot[q->used], q->slot_len, DMA_TO_DEVICE);
}

// Published to hardware, and in flight on purpose.
static int good_in_progress(struct qcap_req *req, struct qcap_queue *q)
{
	req->dma = dma_map_single(q->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, req->dma))
		return -ENOMEM;
	writeq(req->dma, q->regs + QCAP_DOORBELL);
	return -EINPROGRESS; // ok[dma-map-leak-error-path]: the completion unmaps
}

static void qcap_req_unmap(struct qcap_req *req)
{
	dma_unmap_single(req->dev, req->dma, req->len, DMA_TO_DEVICE);
}

// A helper of this file unmaps.
static int good_helper(struct qcap_req *req)
{
	int ret;

	req->dma = dma_map_single(req->dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(req->dev, req->dma))
		return -ENOMEM;
	ret = qcap_check(req);
	if (ret) {
		qcap_req_unmap(req);
		return ret; // ok[dma-map-leak-error-path]: qcap_req_unmap() released it
	}
	return 0;
}

static void qcap_unmap_action(void *data)
{
	qcap_req_unmap(data);
}

// A managed action unmaps when the device goes.
static int good_action(struct device *dev, struct qcap_req *req)
{
	int ret;

	req->dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, req->dma))
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, qcap_unmap_action, req);
	if (ret)
		return ret; // ok[dma-map-leak-error-path]: or_reset runs the action at once
	return qcap_check(req); // ok[dma-map-leak-error-path]: the action runs later
}

static int good_out_parameter(struct device *dev, void *buf, size_t len, dma_addr_t *out)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	*out = dma; // ok[dma-map-leak-error-path]: the caller has it now
	return 0;
}

struct qcap_engine {
	void *ring;
	dma_addr_t ring_dma;
	void *shadow;
};

struct qcap_card {
	struct device *dev;
	struct qcap_engine *engine;
	struct sg_table extra;
};

static void qcap_release_engines(struct qcap_card *card, unsigned int n)
{
	unsigned int i;

	for (i = 0; card->engine && i < n; i++) {
		struct qcap_engine *e = &card->engine[i];

		if (e->ring) {
			dma_free_coherent(card->dev, QCAP_DOORBELL, e->ring, e->ring_dma);
			e->ring = NULL;
		}
		kfree(e->shadow);
	}
	kfree(card->engine);
}

// A helper that goes over the elements of an array gives back each of them.
static int good_engines(struct qcap_card *card, unsigned int n)
{
	unsigned int i;

	card->engine = kcalloc(n, sizeof(*card->engine), GFP_KERNEL);
	if (!card->engine)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct qcap_engine *e = &card->engine[i];

		e->ring = dma_alloc_coherent(card->dev, QCAP_DOORBELL, &e->ring_dma, GFP_KERNEL);
		if (!e->ring)
			goto err;
		e->shadow = kzalloc(QCAP_DOORBELL, GFP_KERNEL);
		if (!e->shadow)
			goto err;
	}
	return 0;
err:
	qcap_release_engines(card, n);
	return -ENOMEM; // ok[dma-map-leak-error-path]: the helper releases per engine
}

// Where the code asks the object itself what is held, a path that cannot answer accuses nobody.
static int good_guarded_by_count(struct qcap_card *card, void *buf, size_t len)
{
	struct sg_table table = {};
	int ret;

	if (len) {
		ret = qcap_fill_table(&table, buf, len);
		if (ret)
			return ret;
		ret = dma_map_sgtable(card->dev, &table, DMA_TO_DEVICE, 0);
		if (ret)
			return ret;
	}
	ret = qcap_start(card);
	if (ret)
		goto out;
	return qcap_finish(card, &table);
out:
	if (table.nents)
		dma_unmap_sgtable(card->dev, &table, DMA_TO_DEVICE, 0);
	return ret; // ok[dma-map-leak-error-path]: the table knows whether it is mapped
}

static int good_entries_know(struct device *dev, struct sg_table **out, const phys_addr_t *bar, size_t size, unsigned int n)
{
	struct scatterlist *sg;
	int i, ret;

	*out = kzalloc(sizeof(**out), GFP_KERNEL);
	if (!*out)
		return -ENOMEM;
	ret = sg_alloc_table(*out, n, GFP_KERNEL);
	if (ret)
		goto err_free;
	for_each_sgtable_sg((*out), sg, i)
		sg->length = 0;
	for_each_sgtable_sg((*out), sg, i) {
		dma_addr_t addr = dma_map_resource(dev, bar[i], size, DMA_BIDIRECTIONAL, 0);

		ret = dma_mapping_error(dev, addr);
		if (ret)
			goto err_unmap;
		sg_set_page(sg, NULL, size, 0);
		sg->dma_address = addr;
	}
	return 0;
err_unmap:
	for_each_sgtable_sg((*out), sg, i) {
		if (!sg->length)
			continue;
		dma_unmap_resource(dev, sg_dma_address(sg), sg->length, DMA_BIDIRECTIONAL, 0);
	}
	sg_free_table(*out);
err_free:
	kfree(*out);
	return ret; // ok[dma-map-leak-error-path]: entries that were mapped have a length
}

struct qcap_frame {
	unsigned int count;
	dma_addr_t dma[4];
	size_t len[4];
};

// The members of arrays that macros are given are those of the loop that unmaps.
static int good_macro_elements(struct device *dev, struct qcap_frame *frame, void **bufs, size_t len, unsigned int n)
{
	dma_addr_t addr;
	unsigned int i;

	frame->count = 0;
	addr = dma_map_single(dev, bufs[0], len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, addr))
		goto err;
	dma_unmap_addr_set(frame, dma[frame->count], addr);
	frame->count++;
	for (i = 1; i < n; i++) {
		addr = dma_map_single(dev, bufs[i], len, DMA_TO_DEVICE);
		if (dma_mapping_error(dev, addr))
			goto err;
		dma_unmap_addr_set(frame, dma[frame->count], addr);
		frame->count++;
	}
	return 0;
err:
	for (i = 0; i < frame->count; i++)
		dma_unmap_single(dev, dma_unmap_addr(frame, dma[i]), len, DMA_TO_DEVICE);
	return -ENOMEM; // ok[dma-map-leak-error-path]: the loop goes over all that was mapped
}

struct qcap_mail {
	void *buf;
	dma_addr_t dma;
	size_t len;
};

struct qcap_box {
	struct device *dev;
	struct qcap_mail *next;
	bool stuck;
};

static void qcap_mail_post(struct qcap_box *box, void *buf, dma_addr_t dma, bool last)
{
	struct qcap_mail *mail = box->next;

	mail->buf = last ? buf : NULL;
	mail->dma = dma;
}

// The device may still read it: the box keeps the buffer together with its mapping.
static int good_kept_with_memory(struct qcap_box *box, size_t len)
{
	void *buf = kzalloc(len, GFP_KERNEL);
	dma_addr_t dma;
	int ret;

	if (!buf)
		return -ENOMEM;
	dma = dma_map_single(box->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(box->dev, dma)) {
		kfree(buf);
		return -ENOMEM;
	}
	qcap_mail_post(box, buf, dma, true);
	ret = qcap_poll(box);
	if (ret) {
		box->stuck = true;
		return ret; // ok[dma-map-leak-error-path]: mail->buf and mail->dma are kept
	}
	dma_unmap_single(box->dev, dma, len, DMA_TO_DEVICE);
	kfree(buf);
	return 0;
}

// Here only the mapping is.
static int bad_kept_without_memory(struct qcap_box *box, size_t len)
{
	void *buf = kzalloc(len, GFP_KERNEL);
	dma_addr_t dma;
	int ret;

	if (!buf)
		return -ENOMEM;
	dma = dma_map_single(box->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(box->dev, dma)) {
		kfree(buf);
		return -ENOMEM;
	}
	box->next->dma = dma;
	ret = qcap_poll(box);
	if (ret) {
		kfree(buf);
		return ret;
//                     ^^^ warning[dma-map-leak-error-path]: returns ret with dma of line
	}
	dma_unmap_single(box->dev, dma, len, DMA_TO_DEVICE);
	kfree(buf);
	return 0;
}
