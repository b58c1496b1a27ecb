static int qarm_prot(int prot)
{
	int bits = 0;

	if (prot & IOMMU_MMIO)
		bits |= 2;
	return bits;
}

struct io_pgtable_ops *qarm_alloc(struct qarm *arm)
{
	arm->ops = (struct io_pgtable_ops) {
		.map_pages = qarm_map_pages,
	};
	return &arm->ops;
}
