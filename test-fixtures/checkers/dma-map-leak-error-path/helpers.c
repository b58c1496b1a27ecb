// What a helper of the file answers and writes decides which paths there are.
struct qcap_hw {
	struct device *dev;
	void *buf;
	size_t len;
	void __iomem *regs;
	int state;
	int busy;
	dma_addr_t dma;
};

static int qcap_enough(struct qcap_hw *hw, int have, int want)
{
	if (have < want) {
		hw->state = 2;
		return -EINVAL;
	}
	return 0;
}

// The helper let it pass, so there is enough; whichever parameter comes first.
static int good_answered(struct qcap_hw *hw, int want, int have)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want)
		return -EIO; // ok[dma-map-leak-error-path]: cannot be
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

static int good_answered_swapped(struct qcap_hw *hw, int have, int want)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want)
		return -EIO; // ok[dma-map-leak-error-path]: cannot be
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

// One more than the helper asked about.
static int bad_answered_otherwise(struct qcap_hw *hw, int want, int have)
{
	dma_addr_t dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	int ret;

	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	ret = qcap_enough(hw, have, want);
	if (ret)
		goto unmap;
	if (have < want + 1)
		return -EIO; // error[dma-map-leak-error-path]
unmap:
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return ret;
}

struct qcap_regs {
	int r1;
	int r2;
	int r3;
	int r4;
	int r5;
	int r6;
	int r7;
	int r8;
	int r9;
	int r10;
	int r11;
	int r12;
	int r13;
	int r14;
	int r15;
	int r16;
	int r17;
	int r18;
	int r19;
	int r20;
	int r21;
	int r22;
	int r23;
	int r24;
	int r25;
	int r26;
	int r27;
	int r28;
	int r29;
	int r30;
	int r31;
	int r32;
	int r33;
	int r34;
	int r35;
	int r36;
	int r37;
	int r38;
	int r39;
	int r40;
	int r41;
	int r42;
	int r43;
	int ready;
};

static void qcap_defaults(struct qcap_regs *regs, int value)
{
	regs->r1 = value;
	regs->r2 = value;
	regs->r3 = value;
	regs->r4 = value;
	regs->r5 = value;
	regs->r6 = value;
	regs->r7 = value;
	regs->r8 = value;
	regs->r9 = value;
	regs->r10 = value;
	regs->r11 = value;
	regs->r12 = value;
	regs->r13 = value;
	regs->r14 = value;
	regs->r15 = value;
	regs->r16 = value;
	regs->r17 = value;
	regs->r18 = value;
	regs->r19 = value;
	regs->r20 = value;
	regs->r21 = value;
	regs->r22 = value;
	regs->r23 = value;
	regs->r24 = value;
	regs->r25 = value;
	regs->r26 = value;
	regs->r27 = value;
	regs->r28 = value;
	regs->r29 = value;
	regs->r30 = value;
	regs->r31 = value;
	regs->r32 = value;
	regs->r33 = value;
	regs->r34 = value;
	regs->r35 = value;
	regs->r36 = value;
	regs->r37 = value;
	regs->r38 = value;
	regs->r39 = value;
	regs->r40 = value;
	regs->r41 = value;
	regs->r42 = value;
	regs->r43 = value;
	regs->ready = 1;
}

// A helper that writes a whole block of registers writes the last one too.
static int good_many_members(struct qcap_hw *hw, struct qcap_regs *regs)
{
	dma_addr_t dma;

	regs->ready = 0;
	dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_defaults(regs, 0);
	if (!regs->ready)
		return -EIO; // ok[dma-map-leak-error-path]: cannot be
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return 0;
}

static int bad_many_members(struct qcap_hw *hw, struct qcap_regs *regs)
{
	dma_addr_t dma;

	regs->ready = 0;
	dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, dma))
		return -ENOMEM;
	qcap_defaults(regs, 0);
	if (regs->ready)
		return -EIO; // error[dma-map-leak-error-path]
	dma_unmap_single(hw->dev, dma, hw->len, DMA_TO_DEVICE);
	return 0;
}

// A helper that calls itself until it has come to the mapping.
static int qcap_unwind(struct qcap_hw *hw, int depth)
{
	if (depth == 0) {
		dma_unmap_single(hw->dev, hw->dma, hw->len, DMA_TO_DEVICE);
		return 0;
	}
	return qcap_unwind(hw, depth - 1);
}

static int good_recursion(struct qcap_hw *hw)
{
	hw->dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, hw->dma))
		return -ENOMEM;
	if (readl(hw->regs)) {
		qcap_unwind(hw, 3);
		return -EIO; // ok[dma-map-leak-error-path]: unmapped three calls further in
	}
	if (hw->busy) {
		dma_unmap_single(hw->dev, hw->dma, hw->len, DMA_TO_DEVICE);
		return -EINVAL;
	}
	return 0;
}

// One that calls itself and releases nothing.
static int qcap_count(struct qcap_hw *hw, int depth)
{
	hw->state++;
	return depth == 0 ? 0 : qcap_count(hw, depth - 1);
}

static int bad_recursion(struct qcap_hw *hw)
{
	hw->dma = dma_map_single(hw->dev, hw->buf, hw->len, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, hw->dma))
		return -ENOMEM;
	if (readl(hw->regs)) {
		qcap_count(hw, 3);
		return -EIO; // warning[dma-map-leak-error-path]
	}
	if (hw->busy) {
		dma_unmap_single(hw->dev, hw->dma, hw->len, DMA_TO_DEVICE);
		return -EINVAL;
	}
	return 0;
}

// What the helper mapped is the memory that it returns: not NULL.
static void *qcap_table(struct qcap_hw *hw, dma_addr_t *dma)
{
	void *table = qcap_take_page(hw);

	*dma = dma_map_single(hw->dev, table, PAGE_SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(hw->dev, *dma)) {
		qcap_give_page(hw, table);
		return NULL;
	}
	return table;
}

static int good_mapped_memory(struct qcap_hw *hw)
{
	dma_addr_t dma;
	void *table = qcap_table(hw, &dma);

	if (!table)
		return -ENOMEM; // ok[dma-map-leak-error-path]: nothing was mapped
	qcap_send_table(hw, dma);
	dma_unmap_single(hw->dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
	return 0;
}
