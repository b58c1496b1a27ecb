// A domain owns page tables: who cannot hand it on frees it.
struct qcap_dev {
	struct device *dev;
	struct iommu_domain *domain;
};

static int bad_attach(struct qcap_dev *qdev)
{
	struct iommu_domain *dom;
	int ret;

	dom = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(dom))
		return PTR_ERR(dom);
	ret = iommu_attach_device(dom, qdev->dev);
	if (ret)
		return ret;
//                     ^^^ error[iommu-domain-leak]: returns ret with domain dom of line 12 neither freed nor handed on: its page tables leak
	qdev->domain = dom;
	return 0;
}

static struct qcap_mmu *bad_taker(struct qcap_dev *qdev)
{
	struct iommu_domain *dom;
	struct qcap_mmu *mmu;

	dom = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(dom))
		return NULL;
	mmu = qcap_mmu_new(qdev->dev, dom);
	if (IS_ERR(mmu))
		return mmu;
//                     ^^^ error[iommu-domain-leak]: returns mmu with domain dom of line 28 neither freed nor handed on
	return mmu;
}

static int good_attach(struct qcap_dev *qdev)
{
	struct iommu_domain *dom;
	int ret;

	dom = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(dom))
		return PTR_ERR(dom);
	ret = iommu_attach_device(dom, qdev->dev);
	if (ret) {
		iommu_domain_free(dom);
		return ret; // ok[iommu-domain-leak]: freed on the line above
	}
	qdev->domain = dom;
	return 0;
}

static struct qcap_mmu *good_taker(struct qcap_dev *qdev)
{
	struct iommu_domain *dom;
	struct qcap_mmu *mmu;

	dom = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(dom))
		return NULL;
	mmu = qcap_mmu_new(qdev->dev, dom);
	if (IS_ERR(mmu)) {
		iommu_domain_free(dom);
		return mmu; // ok[iommu-domain-leak]: the taker failed, so it is freed here
	}
	return mmu; // ok[iommu-domain-leak]: the taker succeeded and owns it
}

// Kept in the device: the remove function frees it.
static int good_kept(struct qcap_dev *qdev)
{
	int ret;

	qdev->domain = iommu_paging_domain_alloc(qdev->dev);
	if (IS_ERR(qdev->domain)) {
		ret = PTR_ERR(qdev->domain);
		qdev->domain = NULL;
		return ret;
	}
	ret = qcap_probe_rest(qdev);
	if (ret)
		return ret; // ok[iommu-domain-leak]: the caller has it in qdev->domain
	return 0;
}
