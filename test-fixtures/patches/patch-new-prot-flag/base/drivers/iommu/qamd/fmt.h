static int qamd_set_prot(struct pt_common *common, struct pt_write_attrs *attrs, unsigned int prot)
{
	if (prot & IOMMU_WRITE)
		attrs->bits |= 1;
	return 0;
}
#define pt_iommu_set_prot qamd_set_prot
