//! kernel: 6.1
// The older call fails with NULL.
struct qcap_dev {
	struct device *dev;
	struct iommu_domain *domain;
};

static int bad_is_err(struct qcap_dev *qdev)
{
	struct iommu_domain *dom = iommu_domain_alloc(&platform_bus_type);

	if (IS_ERR(dom))
//          ^^^^^^^^^^^ error[iommu-domain-alloc-err-ptr]: tests dom with IS_ERR(), but iommu_domain_alloc() fails with NULL: NULL passes as a domain
		return PTR_ERR(dom);
	qdev->domain = dom;
	return 0;
}

static int good_null(struct qcap_dev *qdev)
{
	qdev->domain = iommu_domain_alloc(&platform_bus_type);
	if (!qdev->domain) // ok[iommu-domain-alloc-err-ptr]: NULL is its failure
		return -ENOMEM;
	return 0;
}
