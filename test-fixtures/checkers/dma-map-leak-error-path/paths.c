// Conditions that belong together, flags, and loops that unwind.
struct qcap_job {
	struct device *dev;
	void *in;
	void *out;
	size_t len;
	struct scatterlist *src;
	struct scatterlist *dst;
	int src_n;
	int dst_n;
	bool inplace;
};

// The same condition guards both sides.
static int good_correlated(struct qcap_job *job)
{
	dma_addr_t in = 0;
	int ret;

	if (job->in) {
		in = dma_map_single(job->dev, job->in, job->len, DMA_TO_DEVICE);
		if (dma_mapping_error(job->dev, in))
			return -ENOMEM;
	}
	ret = qcap_run(job, in);
	if (job->in)
		dma_unmap_single(job->dev, in, job->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: mapped and unmapped under the same condition
}

// A local flag remembers what was done.
static int good_flag(struct qcap_job *job)
{
	bool mapped = false;
	dma_addr_t in = 0;
	int ret;

	ret = qcap_check(job);
	if (ret)
		goto out;
	in = dma_map_single(job->dev, job->in, job->len, DMA_TO_DEVICE);
	if (dma_mapping_error(job->dev, in)) {
		ret = -ENOMEM;
		goto out;
	}
	mapped = true;
	ret = qcap_run(job, in);
out:
	if (mapped)
		dma_unmap_single(job->dev, in, job->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: the flag says what is mapped
}

// Source and destination are one list, or two.
static int good_inplace(struct qcap_job *job)
{
	int n, m, ret;

	if (job->src == job->dst) {
		n = dma_map_sg(job->dev, job->src, job->src_n, DMA_BIDIRECTIONAL);
		if (!n)
			return -ENOMEM;
		m = n;
	} else {
		n = dma_map_sg(job->dev, job->src, job->src_n, DMA_TO_DEVICE);
		if (!n)
			return -ENOMEM;
		m = dma_map_sg(job->dev, job->dst, job->dst_n, DMA_FROM_DEVICE);
		if (!m) {
			ret = -ENOMEM;
			goto err_src;
		}
	}
	ret = qcap_pair(job, n, m);
	if (job->src == job->dst) {
		dma_unmap_sg(job->dev, job->src, job->src_n, DMA_BIDIRECTIONAL);
		return ret; // ok[dma-map-leak-error-path]: one list was mapped once
	}
	dma_unmap_sg(job->dev, job->dst, job->dst_n, DMA_FROM_DEVICE);
err_src:
	dma_unmap_sg(job->dev, job->src, job->src_n, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: two lists, two releases
}

static int good_backwards(struct qcap_job *job, void **bufs, int count)
{
	dma_addr_t *dma;
	int i, ret = 0;

	dma = kcalloc(count, sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		dma[i] = dma_map_single(job->dev, bufs[i], job->len, DMA_TO_DEVICE);
		if (dma_mapping_error(job->dev, dma[i])) {
			ret = -ENOMEM;
			goto unwind;
		}
	}
	qcap_wait(job, dma);
unwind:
	for (i--; i >= 0; i--)
		dma_unmap_single(job->dev, dma[i], job->len, DMA_TO_DEVICE);
	kfree(dma);
	return ret; // ok[dma-map-leak-error-path]: unwinds what was mapped, success included
}

static int good_switch(struct qcap_job *job, int mode)
{
	dma_addr_t in;
	int ret;

	in = dma_map_single(job->dev, job->in, job->len, DMA_TO_DEVICE);
	if (dma_mapping_error(job->dev, in))
		return -ENOMEM;
	switch (mode) {
	case 0:
		ret = qcap_run(job, in);
		break;
	case 1:
		ret = qcap_run_slow(job, in);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	dma_unmap_single(job->dev, in, job->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: every case ends here
}

// goto into the middle of a ladder: the failing one is not released.
static int good_middle(struct qcap_job *job)
{
	dma_addr_t in, out;
	void *ctx;
	int ret = -ENOMEM;

	ctx = kmalloc(job->len, GFP_KERNEL);
	if (!ctx)
		return ret;
	in = dma_map_single(job->dev, job->in, job->len, DMA_TO_DEVICE);
	if (dma_mapping_error(job->dev, in))
		goto free_ctx;
	out = dma_map_single(job->dev, job->out, job->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(job->dev, out))
		goto unmap_in;
	ret = qcap_pair(job, in, out);
	dma_unmap_single(job->dev, out, job->len, DMA_FROM_DEVICE);
unmap_in:
	dma_unmap_single(job->dev, in, job->len, DMA_TO_DEVICE);
free_ctx:
	kfree(ctx);
	return ret; // ok[dma-map-leak-error-path]: each label releases what came before it
}

// Seven choices in one expression: more than are told apart, and none of them decides the last test.
static int bad_many_choices(struct qcap_job *ctx, int a, int b, int c, int d, int e, int f, int g)
{
	dma_addr_t dma = dma_map_single(ctx->dev, ctx->in, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(ctx->dev, dma))
		return -ENOMEM;
	qcap_tell((a ? 1 : 0) | (b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0) | (e ? 16 : 0) |
		  (f ? 32 : 0) | (g ? 64 : 0));
	if (!g)
		return -EIO; // error[dma-map-leak-error-path]
	dma_unmap_single(ctx->dev, dma, ctx->len, DMA_TO_DEVICE);
	return 0;
}

static int good_many_choices(struct qcap_job *ctx, int a, int b, int c, int d, int e, int f, int g)
{
	dma_addr_t dma = 0;

	if (g) {
		dma = dma_map_single(ctx->dev, ctx->in, ctx->len, DMA_TO_DEVICE);
		if (dma_mapping_error(ctx->dev, dma))
			return -ENOMEM;
	}
	qcap_tell((a ? 1 : 0) | (b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0) | (e ? 16 : 0) |
		  (f ? 32 : 0) | (g ? 64 : 0));
	if (!g)
		return -EIO; // ok[dma-map-leak-error-path]: nothing was mapped
	dma_unmap_single(ctx->dev, dma, ctx->len, DMA_TO_DEVICE);
	return 0;
}

// What was asked is kept in a variable, and asked again.
static int good_kept_answer(struct qcap_job *ctx, unsigned int kind)
{
	bool needed = kind == 3 || kind == 5;
	dma_addr_t dma = 0;

	if (needed) {
		dma = dma_map_single(ctx->dev, ctx->in, ctx->len, DMA_TO_DEVICE);
		if (dma_mapping_error(ctx->dev, dma))
			return -ENOMEM;
	}
	if (kind != 3 && kind != 5)
		return -EINVAL; // ok[dma-map-leak-error-path]: nothing was mapped
	dma_unmap_single(ctx->dev, dma, ctx->len, DMA_TO_DEVICE);
	return 0;
}

static int bad_kept_answer(struct qcap_job *ctx, unsigned int kind)
{
	bool needed = kind == 3 || kind == 5;
	dma_addr_t dma = 0;

	if (needed) {
		dma = dma_map_single(ctx->dev, ctx->in, ctx->len, DMA_TO_DEVICE);
		if (dma_mapping_error(ctx->dev, dma))
			return -ENOMEM;
	}
	if (kind != 3)
		return -EINVAL; // error[dma-map-leak-error-path]
	dma_unmap_single(ctx->dev, dma, ctx->len, DMA_TO_DEVICE);
	return 0;
}

static int good_compared_answer(struct qcap_job *ctx, void *iv)
{
	int has_iv = !!iv;
	bool same = ctx->src_n == ctx->dst_n;
	dma_addr_t dma = 0;

	if (has_iv == 1 && same == true) {
		dma = dma_map_single(ctx->dev, iv, ctx->len, DMA_TO_DEVICE);
		if (dma_mapping_error(ctx->dev, dma))
			return -ENOMEM;
	}
	if (!iv)
		return -EINVAL; // ok[dma-map-leak-error-path]: nothing was mapped
	if (ctx->src_n != ctx->dst_n)
		return -EINVAL; // ok[dma-map-leak-error-path]: nothing was mapped
	dma_unmap_single(ctx->dev, dma, ctx->len, DMA_TO_DEVICE);
	return 0;
}

static int bad_compared_answer(struct qcap_job *ctx, void *iv)
{
	int has_iv = !!iv;
	dma_addr_t dma = 0;

	if (has_iv == 1) {
		dma = dma_map_single(ctx->dev, iv, ctx->len, DMA_TO_DEVICE);
		if (dma_mapping_error(ctx->dev, dma))
			return -ENOMEM;
	}
	if (iv)
		return -EINVAL; // error[dma-map-leak-error-path]
	return 0;
}

struct qcap_port {
	struct device *dev;
	void *buf;
	size_t len;
};

struct qcap_sge {
	u64 addr;
	u32 length;
};

struct qcap_send {
	struct qcap_sge sge[4];
	int num_sge;
};

static int qcap_post(struct qcap_port *port, struct qcap_send *send)
{
	int i, ret;

	for (i = 0; i < send->num_sge; i++)
		qcap_note(i, send->sge[i].length);
	ret = qcap_ring(port, send->sge);
	if (ret) {
		qcap_drop(port);
		ret = -EAGAIN;
	} else
		qcap_restart(port);
	return ret;
}

// The helper went round its loop as often as the one behind the label does.
static int good_helper_with_loop(struct qcap_port *port, struct qcap_send *send)
{
	int i, ret;

	send->sge[0].addr = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);
	if (dma_mapping_error(port->dev, send->sge[0].addr))
		return -EIO;
	send->sge[0].length = port->len;
	ret = qcap_post(port, send);
	if (!ret)
		return 0;
	for (i = 0; i < send->num_sge; i++)
		dma_unmap_single(port->dev, send->sge[i].addr, send->sge[i].length, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: num_sge says what is held
}

// How many there are is what the helper found, and no answer of the helper's.
static void qcap_pull(struct qcap_port *port, struct qcap_send *send)
{
	send->num_sge = qcap_pieces(port);
}

static int good_number_from_helper(struct qcap_port *port)
{
	struct qcap_send send = {};
	int i, ret;

	qcap_pull(port, &send);
	send.sge[0].addr = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);
	if (dma_mapping_error(port->dev, send.sge[0].addr))
		return -EIO;
	ret = qcap_ring(port, port->buf);
	if (!ret)
		return 0;
	for (i = 0; i < send.num_sge; i++)
		dma_unmap_single(port->dev, send.sge[i].addr, port->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: num_sge says what is held
}

#define QCAP_READ_BACK 0 /* for bring-up */

// Never compiled as the file stands.
static int good_never_compiled(struct qcap_port *port)
{
	int ret;
#if QCAP_READ_BACK
	dma_addr_t dma;
	void *copy = dma_alloc_coherent(port->dev, port->len, &dma, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
#endif
	ret = qcap_load(port);
	if (ret)
		return ret; // ok[dma-map-leak-error-path]: nothing was allocated
#if QCAP_READ_BACK
	qcap_compare(copy, port->buf);
	dma_free_coherent(port->dev, port->len, copy, dma);
#endif
	return 0;
}

// What the label unmaps is the second mapping, which failed.
static int bad_overwritten(struct qcap_port *port, struct qcap_send *send)
{
	bool retry = false;
	dma_addr_t dma;
	int ret, n = 0;

again:
	dma = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);
	if (dma_mapping_error(port->dev, dma))
		return -ENOMEM;
	send->sge[n++].addr = dma;
	if (send->num_sge > 1) {
		dma = dma_map_single(port->dev, send, sizeof(*send), DMA_TO_DEVICE);
		ret = dma_mapping_error(port->dev, dma);
		if (ret)
			goto unmap;
		send->sge[3].addr = dma;
	}
	if (qcap_ring(port, send))
		return 0;
	ret = -ENOMEM;
	retry = qcap_other_ring(port);
unmap:
	dma_unmap_single(port->dev, dma, port->len, DMA_TO_DEVICE);
	if (retry)
		goto again;
	return ret;
//             ^^^ warning[dma-map-leak-error-path]: returns ret with dma of line 357 still mapped
}
