// SPDX-License-Identifier: MIT
/*
 * qcap: memory of an imaginary capture engine.
 *
 * The example driver of iovet. It was written to hold three defects, each of a
 * kind that reviewers find in real drivers; everything else in it is correct.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define QCAP_RING_IOVA	0x40000000UL
#define QCAP_RING_SIZE	SZ_2M

struct qcap_ring {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
};

struct qcap_pool {
	struct device *dev;
	unsigned int used;
	unsigned int max;
};

struct qcap_request {
	void *src;
	void *dst;
	size_t len;
	dma_addr_t src_dma;
	dma_addr_t dst_dma;
};

/* In qcap_hw.c; qcap_run() waits until the copy is done. */
int qcap_start(struct qcap_ring *ring);
void qcap_stop(struct qcap_ring *ring);
void qcap_run(struct qcap_pool *pool, dma_addr_t src, dma_addr_t dst, size_t len);

/* Defect 1: one mapping was made, and the unwinding removes it page by page. */
static int qcap_ring_init(struct qcap_ring *ring)
{
	size_t off;
	int ret;

	ring->iova = QCAP_RING_IOVA;
	ret = iommu_map(ring->domain, ring->iova, ring->phys, QCAP_RING_SIZE,
			IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
	if (ret)
		return ret;

	ret = qcap_start(ring);
	if (ret) {
		for (off = 0; off < QCAP_RING_SIZE; off += SZ_4K)
			iommu_unmap(ring->domain, ring->iova + off, SZ_4K);
	}
	return ret;
}

static void qcap_ring_exit(struct qcap_ring *ring)
{
	qcap_stop(ring);
	iommu_unmap(ring->domain, ring->iova, QCAP_RING_SIZE);
}

/* Defect 2: a failed mapping is not 0, and 0 is a valid address. */
static int qcap_map_buffer(struct device *dev, void *buf, size_t len,
			   dma_addr_t *out)
{
	dma_addr_t dma;

	dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);
	if (!dma)
		return -ENOMEM;

	*out = dma;
	return 0;
}

static void qcap_unmap_buffer(struct device *dev, dma_addr_t dma, size_t len)
{
	dma_unmap_single(dev, dma, len, DMA_TO_DEVICE);
}

/* Defect 3: when the pool is full, the source stays mapped. */
static int qcap_copy(struct qcap_pool *pool, void *src, void *dst, size_t len)
{
	struct device *dev = pool->dev;
	dma_addr_t src_dma, dst_dma;

	src_dma = dma_map_single(dev, src, len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, src_dma))
		return -ENOMEM;

	if (pool->used >= pool->max)
		return -ENOSPC;

	dst_dma = dma_map_single(dev, dst, len, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dst_dma)) {
		dma_unmap_single(dev, src_dma, len, DMA_TO_DEVICE);
		return -ENOMEM;
	}

	qcap_run(pool, src_dma, dst_dma, len);

	dma_unmap_single(dev, dst_dma, len, DMA_FROM_DEVICE);
	dma_unmap_single(dev, src_dma, len, DMA_TO_DEVICE);
	return 0;
}

/* Correct: every way out gives back what was mapped on it. */
static int qcap_prepare(struct qcap_pool *pool, struct qcap_request *req)
{
	struct device *dev = pool->dev;
	int ret;

	req->src_dma = dma_map_single(dev, req->src, req->len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, req->src_dma))
		return -ENOMEM;

	req->dst_dma = dma_map_single(dev, req->dst, req->len, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, req->dst_dma)) {
		ret = -ENOMEM;
		goto err_src;
	}

	if (pool->used >= pool->max) {
		ret = -ENOSPC;
		goto err_dst;
	}
	pool->used++;
	return 0;

err_dst:
	dma_unmap_single(dev, req->dst_dma, req->len, DMA_FROM_DEVICE);
err_src:
	dma_unmap_single(dev, req->src_dma, req->len, DMA_TO_DEVICE);
	return ret;
}
