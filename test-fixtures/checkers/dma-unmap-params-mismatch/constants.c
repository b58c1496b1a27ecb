// Sizes that a driver gives names to, which may begin like the kernel's.
#define DMA_FRAME_LEN 4096
#define DMA_PAIR_LEN 2048

struct qcap_frame {
	struct device *dev;
	void *buf;
};

static int bad_half(struct qcap_frame *frame)
{
	dma_addr_t dma = dma_map_single(frame->dev, frame->buf, DMA_FRAME_LEN, DMA_FROM_DEVICE);

	if (dma_mapping_error(frame->dev, dma))
		return -ENOMEM;
	dma_unmap_single(frame->dev, dma, 2048, DMA_FROM_DEVICE);
//                                        ^^^^ error[dma-unmap-params-mismatch]: unmaps 2048, but line 12 mapped DMA_FRAME_LEN
	return 0;
}

static int good_sum(struct qcap_frame *frame)
{
	dma_addr_t dma = dma_map_single(frame->dev, frame->buf, DMA_FRAME_LEN, DMA_FROM_DEVICE);

	if (dma_mapping_error(frame->dev, dma))
		return -ENOMEM;
	dma_unmap_single(frame->dev, dma, 2 * DMA_PAIR_LEN, DMA_FROM_DEVICE); // ok[dma-unmap-params-mismatch]: the same number
	return 0;
}
