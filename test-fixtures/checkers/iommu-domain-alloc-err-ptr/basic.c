// iommu_paging_domain_alloc() fails with an ERR_PTR.
struct qcap_dev {
	struct device *dev;
	struct iommu_domain *domain;
};

static int bad_null(struct qcap_dev *qdev)
{
	struct iommu_domain *dom;

	dom = iommu_paging_domain_alloc(qdev->dev);
	if (!dom)
//          ^^^^ error[iommu-domain-alloc-err-ptr]: tests dom for NULL, but iommu_paging_domain_alloc() fails with ERR_PTR: an error passes as domain
//fix: Use IS_ERR()
		return -ENOMEM;
	qdev->domain = dom;
	return 0;
}

static int bad_field(struct qcap_dev *qdev)
{
	qdev->domain = iommu_paging_domain_alloc_flags(qdev->dev, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	if (qdev->domain == NULL)
//          ^^^^^^^^^^^^^^^^^^^^ error[iommu-domain-alloc-err-ptr]: tests …->domain for NULL, but iommu_paging_domain_alloc_flags() fails with ERR_PTR: an error passes as domain
		return -ENOMEM;
	return iommu_attach_device(qdev->domain, qdev->dev);
}

static int good_is_err(struct qcap_dev *qdev)
{
	struct iommu_domain *dom = iommu_paging_domain_alloc(qdev->dev);

	if (IS_ERR(dom)) // ok[iommu-domain-alloc-err-ptr]: the test that fits
		return PTR_ERR(dom);
	qdev->domain = dom;
	return 0;
}

static int good_is_err_or_null(struct qcap_dev *qdev)
{
	struct iommu_domain *dom = iommu_paging_domain_alloc(qdev->dev);

	if (IS_ERR_OR_NULL(dom)) // ok[iommu-domain-alloc-err-ptr]: NULL never comes, the error does
		return -ENOMEM;
	qdev->domain = dom;
	return 0;
}

// NULL is the driver's own mark for "no domain", set after a good test.
static int good_mark(struct qcap_dev *qdev)
{
	qdev->domain = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(qdev->domain)) {
		qdev->domain = NULL;
		return -ENODEV;
	}
	return 0;
}

static void good_mark_exit(struct qcap_dev *qdev)
{
	if (!qdev->domain) // ok[iommu-domain-alloc-err-ptr]: the driver's own mark
		return;
	iommu_domain_free(qdev->domain);
	qdev->domain = NULL;
}
