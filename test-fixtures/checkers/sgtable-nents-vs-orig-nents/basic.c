// One table, two lists: orig_nents entries of pages, nents DMA segments.
struct qcap_bo {
	struct device *dev;
	struct sg_table *sgt;
};

static int bad_cpu(struct qcap_bo *bo)
{
	struct sg_table *sgt = bo->sgt;
	struct scatterlist *sg;
	int i, ret;

	ret = dma_map_sgtable(bo->dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sg(sgt->sgl, sg, sgt->nents, i)
//                                ^^^^^^^^^^ error[sgtable-nents-vs-orig-nents]: walks CPU pages up to sgt->nents, the DMA count: after a merge the last pages are skipped
		qcap_touch(sg_page(sg), sg->length);
	return 0;
}

static int bad_dma(struct qcap_bo *bo)
{
	struct sg_table *sgt = bo->sgt;
	struct scatterlist *sg;
	int i, ret;

	ret = dma_map_sgtable(bo->dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sg(sgt->sgl, sg, sgt->orig_nents, i)
//                                ^^^^^^^^^^^^^^^ error[sgtable-nents-vs-orig-nents]: walks DMA addresses up to sgt->orig_nents: after a merge the tail has no DMA address
		qcap_push(bo, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

static int good_iterators(struct qcap_bo *bo)
{
	struct scatterlist *sg;
	int i, ret;

	ret = dma_map_sgtable(bo->dev, bo->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sgtable_dma_sg(bo->sgt, sg, i) // ok[sgtable-nents-vs-orig-nents]: the DMA iterator with DMA addresses
		qcap_push(bo, sg_dma_address(sg), sg_dma_len(sg));
	for_each_sgtable_sg(bo->sgt, sg, i) // ok[sgtable-nents-vs-orig-nents]: the CPU iterator with pages
		qcap_touch(sg_page(sg), sg->length);
	return 0;
}

static int good_counts(struct qcap_bo *bo)
{
	struct scatterlist *sg;
	int i, ret;

	ret = dma_map_sgtable(bo->dev, bo->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sg(bo->sgt->sgl, sg, bo->sgt->nents, i) // ok[sgtable-nents-vs-orig-nents]: DMA addresses up to nents
		qcap_push(bo, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

// Never mapped: both counts are equal.
static int good_unmapped(unsigned int n)
{
	struct sg_table sgt;
	struct scatterlist *sg;
	int i, ret;

	ret = sg_alloc_table(&sgt, n, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(sgt.sgl, sg, sgt.nents, i) // ok[sgtable-nents-vs-orig-nents]: not mapped for DMA
		sg_set_page(sg, qcap_page(i), PAGE_SIZE, 0);
	sg_free_table(&sgt);
	return 0;
}

// The walk is over before anything is mapped: both counts are still equal.
static int good_before_mapping(struct qcap_bo *bo)
{
	struct sg_table *sgt = bo->sgt;
	struct scatterlist *sg;
	int i;

	for_each_sg(sgt->sgl, sg, sgt->nents, i) // ok[sgtable-nents-vs-orig-nents]: mapped only below
		if (sg->offset % 8)
			return -EINVAL;
	return dma_map_sgtable(bo->dev, sgt, DMA_TO_DEVICE, 0);
}

// The second turn of the loop walks what the first one mapped.
static int bad_mapped_in_turn(struct qcap_bo *bo, int tries)
{
	struct sg_table *sgt = bo->sgt;
	struct scatterlist *sg;
	int i, ret;

	do {
		for_each_sg(sgt->sgl, sg, sgt->nents, i)
//                                        ^^^^^^^^^^ error[sgtable-nents-vs-orig-nents]: walks CPU pages up to sgt->nents
			qcap_touch(sg_page(sg), sg->length);
		ret = dma_map_sgtable(bo->dev, sgt, DMA_TO_DEVICE, 0);
		if (ret)
			return ret;
	} while (qcap_again(bo, --tries));
	return 0;
}
