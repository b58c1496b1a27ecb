/* SPDX-License-Identifier: GPL-2.0 */
#ifndef QRING_DMA_MAPPING_H
#define QRING_DMA_MAPPING_H

/* The interfaces that qring.c uses, as declarations of our own. */
typedef unsigned long size_t;
typedef unsigned long long u64;
typedef unsigned int gfp_t;
typedef u64 dma_addr_t;

#define NULL ((void *)0)
#define EIO 5
#define ENOMEM 12
#define GFP_KERNEL 0xcc0u
#define DMA_TO_DEVICE 1

struct device {
	int id;
};

dma_addr_t dma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				int dir, unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t addr, size_t size,
			    int dir, unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t addr);
void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
		      gfp_t gfp, unsigned long attrs);
void dma_free_attrs(struct device *dev, size_t size, void *cpu,
		    dma_addr_t handle, unsigned long attrs);

#endif
