static int qarm_prot(int prot)
{
	int bits = 0;

	if (prot & IOMMU_MMIO)
		bits |= 2;
	return bits;
}
