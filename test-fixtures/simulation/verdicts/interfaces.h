/* The interfaces that the drivers of this folder use, as far as they use them. */
typedef unsigned long size_t;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 __u32;
typedef u64 __u64;
typedef _Bool bool;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
#define NULL ((void *)0)
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
struct device { int id; };
struct scatterlist {
	unsigned long page_link;
	unsigned int offset, length;
	dma_addr_t dma_address;
	unsigned int dma_length;
};
struct iommu_domain { unsigned int type; };
struct rig {
	struct device *dev;
	struct iommu_domain *domain, *other;
	struct scatterlist *list;
	int entries, mapped, count;
	bool pio;
	void *cpu;
	dma_addr_t dma, second;
	u64 length;
};
dma_addr_t dma_map_single_attrs(struct device *dev, void *p, size_t size, int dir, unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t a, size_t size, int dir, unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t a);
int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents, int dir, unsigned long attrs);
void dma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents, int dir, unsigned long attrs);
void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle, int gfp, unsigned long attrs);
void dma_free_attrs(struct device *dev, size_t size, void *cpu, dma_addr_t handle, unsigned long attrs);
int dma_set_mask(struct device *dev, u64 mask);
struct iommu_domain *iommu_domain_alloc(struct device *dev);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t pa, size_t size, int prot, int gfp);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
int devm_add_action(struct device *dev, void (*action)(void *), void *data);
