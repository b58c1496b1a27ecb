// What lies in the elements of a ring is given back by a loop over its indices.
struct qcap_slot {
	dma_addr_t dma;
	u32 size;
	void *owner;
};

struct qcap_txq {
	struct device *dev;
	struct qcap_slot *slots;
	u32 next;
	u32 count;
};

static void qcap_clear_slot(struct qcap_txq *q, int index)
{
	struct qcap_slot *slot = &q->slots[index];

	if (slot->size) {
		dma_unmap_single(q->dev, slot->dma, slot->size, DMA_TO_DEVICE);
		slot->size = 0;
	}
	if (slot->owner)
		slot->owner = NULL;
}

// A ring may end between two elements, and no path of this function knows how many it has.
static int good_wrapping_ring(struct qcap_txq *q, void *head, int len, void **parts, int n, int part, bool header)
{
	int i, first = q->next;
	dma_addr_t dma;

	if (header && ++q->next == q->count)
		q->next = 0;
	dma = dma_map_single(q->dev, head, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, dma))
		goto unwind;
	q->slots[q->next].size = len;
	q->slots[q->next].dma = dma;
	for (i = 0; i < n; i++) {
		if (++q->next == q->count)
			q->next = 0;
		dma = dma_map_single(q->dev, parts[i], part, DMA_TO_DEVICE);
		if (dma_mapping_error(q->dev, dma))
			goto unwind;
		q->slots[q->next].size = part;
		q->slots[q->next].dma = dma;
	}
	return 0;
unwind:
	i = first;
	while (i != q->next) {
		qcap_clear_slot(q, i);
		if (++i == q->count)
			i = 0;
	}
	return -ENOMEM; // ok[dma-map-leak-error-path]: from the first element to the last, whichever way round
}

// The same through a pointer to the element, and macros.
static int good_slot_pointer(struct qcap_txq *q, void *head, int len, void **parts, int n, bool header)
{
	int i, first = q->next;
	struct qcap_slot *slot;
	dma_addr_t dma;

	if (header && ++q->next == q->count)
		q->next = 0;
	slot = &q->slots[q->next];
	dma = dma_map_single(q->dev, head, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, dma))
		goto unwind;
	slot->size = len;
	dma_unmap_addr_set(slot, dma, dma);
	for (i = 0; i < n; i++) {
		if (++q->next == q->count)
			q->next = 0;
		slot = &q->slots[q->next];
		dma = dma_map_single(q->dev, parts[i], len, DMA_TO_DEVICE);
		if (dma_mapping_error(q->dev, dma))
			goto unwind;
		slot->size = len;
		dma_unmap_addr_set(slot, dma, dma);
	}
	return 0;
unwind:
	i = first;
	while (i != q->next) {
		qcap_clear_slot(q, i);
		if (++i == q->count)
			i = 0;
	}
	return -ENOMEM; // ok[dma-map-leak-error-path]: from the first element to the last, whichever way round
}

static int good_counting_down(struct qcap_txq *q, void **parts, int n, int len)
{
	int i;

	for (i = 0; i < n; i++) {
		q->slots[i].dma = dma_map_single(q->dev, parts[i], len, DMA_TO_DEVICE);
		if (dma_mapping_error(q->dev, q->slots[i].dma))
			goto unwind;
	}
	return 0;
unwind:
	while (i--)
		dma_unmap_single(q->dev, q->slots[i].dma, len, DMA_TO_DEVICE);
	return -ENOMEM; // ok[dma-map-leak-error-path]: all elements before the one that failed
}

static int good_back_to_first(struct qcap_txq *q, void **parts, int n, int len)
{
	u32 first = q->next;
	dma_addr_t dma;
	int i;

	for (i = 0; i < n; i++) {
		dma = dma_map_single(q->dev, parts[i], len, DMA_TO_DEVICE);
		if (dma_mapping_error(q->dev, dma))
			goto unwind;
		q->slots[q->next].dma = dma;
		if (++q->next == q->count)
			q->next = 0;
	}
	return 0;
unwind:
	while (q->next != first) {
		if (q->next == 0)
			q->next = q->count;
		q->next--;
		dma_unmap_single(q->dev, q->slots[q->next].dma, len, DMA_TO_DEVICE);
	}
	return -ENOMEM; // ok[dma-map-leak-error-path]: back to where it began
}

// The loop gives back the elements; the head is in none of them.
static int bad_head_beside_ring(struct qcap_txq *q, void *head, int len, void **parts, int n, int part)
{
	dma_addr_t first, dma;
	int i;

	first = dma_map_single(q->dev, head, len, DMA_TO_DEVICE);
	if (dma_mapping_error(q->dev, first))
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		dma = dma_map_single(q->dev, parts[i], part, DMA_TO_DEVICE);
		if (dma_mapping_error(q->dev, dma))
			goto unwind;
		q->slots[i].dma = dma;
	}
	return qcap_send(q, first);
unwind:
	while (i--)
		dma_unmap_single(q->dev, q->slots[i].dma, part, DMA_TO_DEVICE);
	return -ENOMEM;
//             ^^^^^^^ error[dma-map-leak-error-path]: returns -ENOMEM with first of line 143 still mapped
}

// One place for all turns is no ring: the next turn forgets what the last one mapped.
static int bad_one_place(struct device *dev, struct qcap_slot *slot, void **parts, int n, int len)
{
	int i;

	for (i = 0; i < n; i++) {
		slot->dma = dma_map_single(dev, parts[i], len, DMA_TO_DEVICE);
		if (dma_mapping_error(dev, slot->dma))
			return -ENOMEM;
//                             ^^^^^^^ error[dma-map-leak-error-path]: returns -ENOMEM with slot->dma of an earlier turn (line 166) still mapped
	}
	return 0;
}
