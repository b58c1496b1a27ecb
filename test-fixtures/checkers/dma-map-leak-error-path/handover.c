// Handing over has many spellings.
struct qcap_ctx {
	struct device *dev;
	void *buf;
	size_t len;
};

struct qcap_desc {
	__le64 addr;
	__le32 len;
	__le32 flags;
};

struct qcap_hw {
	struct device *dev;
	struct qcap_desc *ring;
	void __iomem *win;
	unsigned int head;
	struct list_head jobs;
};

struct qcap_job {
	struct list_head node;
	dma_addr_t dma;
	size_t len;
};

// A local descriptor is copied to the device.
static int good_copied(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_desc desc = {};
	dma_addr_t dma;

	dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	desc.addr = cpu_to_le64(dma);
	desc.len = cpu_to_le32(ctx->len);
	memcpy_toio(hw->win, &desc, sizeof(desc));
	return 0; // ok[dma-map-leak-error-path]: the device owns it until it completes
}

// A descriptor of the ring records it before the last thing fails.
static int good_ring(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_desc *desc = &hw->ring[hw->head];
	dma_addr_t dma;

	dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	desc->addr = cpu_to_le64(dma);
	desc->len = cpu_to_le32(ctx->len);
	hw->head++;
	return qcap_kick(hw); // ok[dma-map-leak-error-path]: the ring knows it
}

// An object that is on a list already.
static int good_listed(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return -ENOMEM;
	list_add_tail(&job->node, &hw->jobs);
	job->len = ctx->len;
	job->dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, job->dma)) {
		list_del(&job->node);
		kfree(job);
		return -ENOMEM;
	}
	if (!qcap_ready(hw))
		return -EAGAIN; // ok[dma-map-leak-error-path]: the job is on the list, and the list is walked later
	return 0;
}

// The wrapper gives it to its caller.
static int good_struct_out(struct qcap_hw *hw, struct qcap_ctx *ctx, struct qcap_job *out)
{
	out->dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, out->dma))
		return -ENOMEM;
	out->len = ctx->len;
	return qcap_note(hw); // ok[dma-map-leak-error-path]: the caller's object holds it
}

// An object made here, given back to the caller.
static struct qcap_job *good_returned(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return NULL;
	job->dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, job->dma)) {
		kfree(job);
		return NULL;
	}
	return job; // ok[dma-map-leak-error-path]: the caller has the job
}

static void qcap_job_free(struct qcap_hw *hw, struct qcap_job *job)
{
	if (!job)
		return;
	dma_unmap_single(hw->dev, job->dma, job->len, DMA_TO_DEVICE);
	kfree(job);
}

static int good_free_helper(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_job *job = good_returned(hw, ctx);
	int ret;

	if (!job)
		return -ENOMEM;
	ret = qcap_start_job(hw, job->dma);
	if (ret) {
		qcap_job_free(hw, job);
		return ret; // ok[dma-map-leak-error-path]: the helper unmaps and frees
	}
	list_add_tail(&job->node, &hw->jobs);
	return 0;
}

// A retry does not map twice.
static int good_retry(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	dma_addr_t dma;
	int tries = 3;
	int ret;

	dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
again:
	ret = qcap_try(hw, dma);
	if (ret == -EAGAIN && --tries)
		goto again;
	dma_unmap_single(hw->dev, dma, ctx->len, DMA_TO_DEVICE);
	return ret; // ok[dma-map-leak-error-path]: unmapped whatever the tries gave
}

// Pages that cannot be made private again are leaked on purpose.
static void *good_deliberate(struct device *dev, size_t size, dma_addr_t *dma)
{
	void *buf = dma_alloc_coherent(dev, size, dma, GFP_KERNEL);

	if (!buf)
		return NULL;
	if (qcap_share(buf, size)) {
		if (qcap_unshare(buf, size)) {
			pr_warn("qcap: leaking shared memory\n");
			return NULL; // todo-fp[dma-map-leak-error-path]: leaked on purpose, which the code says only in words
		}
		dma_free_coherent(dev, size, buf, *dma);
		return NULL;
	}
	return buf;
}

// An array of words that is given away by its name, the address packed into one of them.
static int good_command(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	u64 command[4] = { 0x10, 0 };
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	command[1] = cpu_to_le64(dma);
	command[2] = ctx->len;
	qcap_send(hw, command);
	if (hw->head)
		return -EAGAIN; // ok[dma-map-leak-error-path]: the command was sent
	return 0;
}

static int good_packed_command(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	u64 command[4];
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	command[1] = dma | 1;
	qcap_send(hw, &command[0]);
	if (hw->head)
		return -EAGAIN; // ok[dma-map-leak-error-path]: the command was sent
	return 0;
}

static int good_second_part(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_job parts[2];

	parts[1].dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, parts[1].dma))
		return -ENOMEM;
	qcap_post(hw, parts, 2);
	if (hw->head)
		return -EAGAIN; // ok[dma-map-leak-error-path]: the parts were posted
	return 0;
}

// The other array was sent.
static int bad_other_command(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	u64 command[4];
	u64 notes[4];
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	command[1] = dma;
	notes[1] = ctx->len;
	qcap_send(hw, notes);
	if (hw->head)
		return -EAGAIN; // error[dma-map-leak-error-path]
	qcap_send(hw, command);
	return 0;
}

// Objects without a name.
struct qcap_piece {
	dma_addr_t dma;
	size_t len;
};

static int good_unnamed_argument(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_push(hw, &(struct qcap_piece){ .dma = dma, .len = ctx->len });
	return hw->head ? -EAGAIN : 0; // ok[dma-map-leak-error-path]: pushed
}

static int good_unnamed_element(struct qcap_hw *hw, struct qcap_ctx *ctx, struct qcap_piece *list)
{
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	list[hw->head++] = (struct qcap_piece){ dma, ctx->len };
	return hw->win ? 0 : -EIO; // ok[dma-map-leak-error-path]: the list knows it
}

static struct qcap_piece good_unnamed_result(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);

	return (struct qcap_piece){ .dma = dma, .len = ctx->len }; // ok[dma-map-leak-error-path]: the caller tests it and gives it back
}

static int bad_unnamed(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	struct qcap_piece piece;

	piece = (struct qcap_piece){
		.dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE),
		.len = ctx->len,
	};
	if (dma_mapping_error(hw->dev, piece.dma))
		return -ENOMEM;
	if (hw->head)
		return -EAGAIN; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, piece.dma, piece.len, DMA_TO_DEVICE);
	return 0;
}

// What was put in at its place is read by its name.
static int good_named_again(struct qcap_hw *hw, struct qcap_ctx *ctx)
{
	dma_addr_t dma = dma_map_single(hw->dev, ctx->buf, ctx->len, DMA_TO_DEVICE);
	struct qcap_piece piece = { dma, ctx->len };

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	if (hw->head) {
		dma_unmap_single(hw->dev, piece.dma, piece.len, DMA_TO_DEVICE);
		return -EAGAIN; // ok[dma-map-leak-error-path]: unmapped
	}
	qcap_push(hw, &piece);
	return 0;
}

struct qcap_part {
	dma_addr_t dma;
	unsigned int left;
};

struct qcap_parts {
	struct device *dev;
	dma_addr_t slots[16];
	unsigned int used;
};

static void qcap_put_part(struct qcap_parts *parts, struct qcap_part *part)
{
	if (!part->left)
		return;
	parts->slots[parts->used] = part->dma;
	parts->used++;
	part->left = 0;
}

static unsigned int qcap_look_at_part(struct qcap_parts *parts, struct qcap_part *part)
{
	if (part->left)
		parts->used++;
	return part->left;
}

// The helper put it into a slot, or left the part as it was: the condition asks which.
static int good_put_sometimes(struct qcap_parts *parts, void *buf, size_t len, unsigned int left)
{
	struct qcap_part part;

	part.left = left;
	part.dma = dma_map_single(parts->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(parts->dev, part.dma))
		return -ENOMEM;
	qcap_put_part(parts, &part);
	part.dma = qcap_next(parts);
	if (!part.dma)
		return -EIO; // ok[dma-map-leak-error-path]: it may lie in a slot
	return 0;
}

static int bad_only_looked_at(struct qcap_parts *parts, void *buf, size_t len, unsigned int left)
{
	struct qcap_part part;

	part.left = left;
	part.dma = dma_map_single(parts->dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(parts->dev, part.dma))
		return -ENOMEM;
	qcap_look_at_part(parts, &part);
	part.dma = qcap_next(parts);
	if (!part.dma)
		return -EIO;
//                     ^^^^ error[dma-map-leak-error-path]: returns -EIO with part.dma of line
	return 0;
}
