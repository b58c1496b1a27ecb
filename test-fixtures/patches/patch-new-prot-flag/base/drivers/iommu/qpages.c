/* Hands prot on: nothing to do for a new flag. */
int qpages_fill(struct iommu_domain *domain, struct qpages *pages, int prot)
{
	if ((prot & IOMMU_WRITE) && !pages->writable)
		return -EPERM;
	return iommu_map(domain, pages->iova, pages->paddr, pages->size, prot, GFP_KERNEL);
}
