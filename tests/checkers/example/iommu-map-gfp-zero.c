// A gfp of 0 lets the map fail under pressure.
static int bad_zero(struct iommu_domain *dom, unsigned long iova, phys_addr_t phys)
{
	return iommu_map(dom, iova, phys, SZ_4K, IOMMU_READ, 0);
//                                                           ^ warning[iommu-map-gfp-zero]: passes 0 as gfp to iommu_map()
// fix: Use GFP_KERNEL
}

static int good_kernel(struct iommu_domain *dom, unsigned long iova, phys_addr_t phys)
{
	return iommu_map(dom, iova, phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-map-gfp-zero]: can sleep, and says so
}

static int good_parameter(struct iommu_domain *dom, unsigned long iova, phys_addr_t phys, gfp_t gfp)
{
	return iommu_map(dom, iova, phys, SZ_4K, IOMMU_READ, gfp); // ok[iommu-map-gfp-zero]: the caller chooses
}
