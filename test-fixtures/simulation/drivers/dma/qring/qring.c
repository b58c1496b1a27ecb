// SPDX-License-Identifier: GPL-2.0
/* An invented DMA ring, for simulations: its error paths are right as it is. */
#include <linux/dma-mapping.h>

#define QRING_BYTES 4096
#define QRING_MAIL_BYTES 2048

struct qring {
	struct device *dev;
	void *ring;
	dma_addr_t ring_dma;
	void *mail;
	dma_addr_t mail_dma;
	int ready;
};

int qring_setup(struct qring *q)
{
	q->ring = dma_alloc_attrs(q->dev, QRING_BYTES, &q->ring_dma, GFP_KERNEL, 0);
	if (!q->ring)
		return -ENOMEM;

	q->mail_dma = dma_map_single_attrs(q->dev, q->mail, QRING_MAIL_BYTES,
					   DMA_TO_DEVICE, 0);
	if (dma_mapping_error(q->dev, q->mail_dma))
		goto free_ring;

	q->ready = 1;
	return 0;

free_ring:
	dma_free_attrs(q->dev, QRING_BYTES, q->ring, q->ring_dma, 0);
	q->ring = NULL;
	return -ENOMEM;
}

/* A slot of the ring holds the address and the length of one message. */
u64 qring_slot(struct qring *q, unsigned int number)
{
	u64 *slots = q->ring;

	if (!q->ready)
		return 0;
	return slots[number & 255];
}

void qring_release(struct qring *q)
{
	q->ready = 0;
	dma_unmap_single_attrs(q->dev, q->mail_dma, QRING_MAIL_BYTES, DMA_TO_DEVICE, 0);
	dma_free_attrs(q->dev, QRING_BYTES, q->ring, q->ring_dma, 0);
	q->ring = NULL;
}
