// Mapping allocates page tables with the given gfp, and GFP_KERNEL sleeps.
struct qcap_queue {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	struct sg_table *sgt;
	spinlock_t lock;
	struct mutex mutex;
};

static int bad_spinlock(struct qcap_queue *q)
{
	int ret;

	spin_lock(&q->lock);
	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
//                                                                      ^^^^^^^^^^ error[iommu-gfp-atomic-context]: passes GFP_KERNEL after spin_lock() of line 15: page-table allocation sleeps in atomic context
//fix: Use GFP_ATOMIC
	spin_unlock(&q->lock);
	return ret;
}

static int bad_irqsave(struct qcap_queue *q)
{
	unsigned long flags;
	ssize_t ret;

	spin_lock_irqsave(&q->lock, flags);
	ret = iommu_map_sgtable(q->domain, q->iova, q->sgt, IOMMU_READ);
//            ^^^^^^^^^^^^^^^^^ error[iommu-gfp-atomic-context]: calls iommu_map_sgtable(), always GFP_KERNEL, after spin_lock_irqsave() of line 28: it sleeps
	spin_unlock_irqrestore(&q->lock, flags);
	return ret < 0 ? ret : 0;
}

static irqreturn_t bad_irq(int irq, void *data)
{
	struct qcap_queue *q = data;

	if (iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL))
//                                                                    ^^^^^^^^^^ error[iommu-gfp-atomic-context]: passes GFP_KERNEL in bad_irq(), 
		return IRQ_NONE;
	return IRQ_HANDLED;
}

static int qcap_probe_irq(struct device *dev, struct qcap_queue *q, int irq)
{
	return devm_request_irq(dev, irq, bad_irq, 0, "qcap", q);
}

static irqreturn_t bad_irq_table(int irq, void *data)
{
	struct qcap_queue *q = data;

	if (iommu_map_sgtable(q->domain, q->iova, q->sgt, IOMMU_READ) < 0)
//          ^^^^^^^^^^^^^^^^^ error[iommu-gfp-atomic-context]: calls iommu_map_sgtable(), always GFP_KERNEL, in an interrupt handler
		return IRQ_NONE;
	return IRQ_HANDLED;
}

static int qcap_probe_irq_table(struct device *dev, struct qcap_queue *q, int irq)
{
	return devm_request_irq(dev, irq, bad_irq_table, 0, "qcap", q);
}

static int good_atomic(struct qcap_queue *q)
{
	int ret;

	spin_lock(&q->lock);
	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_ATOMIC); // ok[iommu-gfp-atomic-context]: does not sleep
	spin_unlock(&q->lock);
	return ret;
}

static int good_mutex(struct qcap_queue *q)
{
	int ret;

	mutex_lock(&q->mutex);
	ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: a mutex holder can sleep
	mutex_unlock(&q->mutex);
	return ret;
}

static int good_after_unlock(struct qcap_queue *q)
{
	unsigned long iova;

	spin_lock(&q->lock);
	iova = q->iova;
	spin_unlock(&q->lock);
	return iommu_map(q->domain, iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: the lock is dropped
}

static int good_early_exit(struct qcap_queue *q, bool busy)
{
	spin_lock(&q->lock);
	if (busy) {
		spin_unlock(&q->lock);
		return -EBUSY;
	}
	q->iova += SZ_4K;
	spin_unlock(&q->lock);
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: dropped on both paths
}

static int good_gfp_parameter(struct qcap_queue *q, gfp_t gfp)
{
	return iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, gfp); // ok[iommu-gfp-atomic-context]: the caller chooses
}

// The threaded half of an interrupt sleeps as it likes.
static irqreturn_t good_thread(int irq, void *data)
{
	struct qcap_queue *q = data;

	if (iommu_map(q->domain, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL)) // ok[iommu-gfp-atomic-context]: runs in a thread
		return IRQ_NONE;
	return IRQ_HANDLED;
}

static irqreturn_t qcap_hard_irq(int irq, void *data)
{
	return IRQ_WAKE_THREAD;
}

static int qcap_probe_thread(struct device *dev, struct qcap_queue *q, int irq)
{
	return devm_request_threaded_irq(dev, irq, qcap_hard_irq, good_thread, 0, "qcap", q);
}
