// Helpers of the driver that lock or unlock change what their caller may do.
struct qcap_table {
	struct iommu_domain *domain;
	unsigned long iova;
	phys_addr_t phys;
	int used;
	spinlock_t lock;
};

static void table_lock(struct qcap_table *table)
{
	spin_lock(&table->lock);
}

static void table_unlock(struct qcap_table *table)
{
	spin_unlock(&table->lock);
}

static void table_unlock_some(struct qcap_table *table)
{
	if (table->used)
		spin_unlock(&table->lock);
}

static int good_unlocked_by_helper(struct qcap_table *table)
{
	spin_lock(&table->lock);
	table->used++;
	table_unlock(table);
	return iommu_map(table->domain, table->iova, table->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: table_unlock() unlocked
}

static int bad_locked_by_helper(struct qcap_table *table)
{
	int ret;

	table_lock(table);
	ret = iommu_map(table->domain, table->iova, table->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // error[iommu-gfp-atomic-context]
	table_unlock(table);
	return ret;
}

static int good_both_by_helpers(struct qcap_table *table)
{
	table_lock(table);
	table->used++;
	table_unlock(table);
	return iommu_map(table->domain, table->iova, table->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: locked and unlocked again
}

static int good_perhaps_unlocked(struct qcap_table *table)
{
	spin_lock(&table->lock);
	table_unlock_some(table);
	if (!table->used)
		return 0;
	return iommu_map(table->domain, table->iova, table->phys, SZ_4K, IOMMU_READ, GFP_KERNEL); // ok[iommu-gfp-atomic-context]: unlocked where it is used
}
