/* Just enough of a kernel for the fixtures to be C: types, constants and macros under their kernel names. */
typedef _Bool bool;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned int __le32;
typedef unsigned long long __le64;
typedef unsigned long long phys_addr_t;
typedef unsigned long long dma_addr_t;
typedef unsigned int gfp_t;
typedef int irqreturn_t;
typedef struct { int raw; } spinlock_t;
struct mutex { int raw; };
struct list_head { struct list_head *next, *prev; };
struct device { int dummy; };
struct pci_dev { struct device dev; };
struct platform_device { struct device dev; };
struct platform_driver { int (*probe)(struct platform_device *pdev); void (*remove)(struct platform_device *pdev); };
struct page { int dummy; };
struct iommu_domain { int type; };
struct iommu_iotlb_gather { unsigned long start, end; bool queued; struct list_head freelist; };
struct iommu_dirty_bitmap { int dummy; };
struct scatterlist { unsigned int offset, length; dma_addr_t dma_address; };
struct sg_table { struct scatterlist *sgl; unsigned int nents, orig_nents; };
struct reserved_mem { phys_addr_t base, size; };
struct iova_bitmap;
struct dma_pool;
struct scsi_cmnd;
#define dma_unmap_addr(object, member) ((object)->member)
#define dma_unmap_addr_set(object, member, value) ((object)->member = (value))
enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_NONE };
enum { false, true };
extern const int platform_bus_type;
#define __iomem
#define __cleanup(fn) __attribute__((cleanup(fn)))
#define NULL ((void *)0)
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_ATTR_MMIO 0x400UL
#define DMA_ATTR_SKIP_CPU_SYNC 0x20UL
#define IOMMU_READ 1
#define IOMMU_WRITE 2
#define IOMMU_CACHE 4
#define IOMMU_NOEXEC 8
#define IOMMU_MMIO 16
#define IOMMU_HWPT_ALLOC_DIRTY_TRACKING 2
#define GFP_KERNEL 0xcc0
#define GFP_ATOMIC 0x820
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define SZ_1K 0x400
#define SZ_4K 0x1000
#define SZ_64K 0x10000
#define SZ_1M 0x100000
#define SZ_2M 0x200000
#define EIO 5
#define EAGAIN 11
#define ENOMEM 12
#define EBUSY 16
#define ENODEV 19
#define EINVAL 22
#define EFBIG 27
#define ENOSPC 28
#define BUG_ON(x) ((void)(x))
#define EPROBE_DEFER 517
#define EINPROGRESS 115
#define IRQ_NONE 0
#define IRQ_HANDLED 1
#define IRQ_WAKE_THREAD 2
#define ALIGN(x, a) (((x) + (a) - 1) & ~((a) - 1))
#define PAGE_ALIGN(x) ALIGN(x, PAGE_SIZE)
#define round_up(x, a) ALIGN(x, a)
#define upper_32_bits(x) ((u32)((x) >> 32))
#define lower_32_bits(x) ((u32)(x))
#define cpu_to_le32(x) (x)
#define cpu_to_le64(x) (x)
#define unlikely(x) (x)
#define WARN_ON(x) (!!(x))
#define IS_ERR(p) ((unsigned long)(p) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))
#define PTR_ERR(p) ((long)(p))
#define container_of(p, t, m) ((t *)((char *)(p) - __builtin_offsetof(t, m)))
#define list_for_each_entry(pos, head, member) \
	for (pos = container_of((head)->next, typeof(*pos), member); &pos->member != (head); \
	     pos = container_of(pos->member.next, typeof(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member) \
	for (pos = container_of((head)->next, typeof(*pos), member), \
	     n = container_of(pos->member.next, typeof(*pos), member); &pos->member != (head); \
	     pos = n, n = container_of(n->member.next, typeof(*n), member))
struct scatterlist *sg_next(struct scatterlist *sg);
#define for_each_sg(list, sg, nr, i) for (i = 0, sg = (list); i < (nr); i++, sg = sg_next(sg))
#define for_each_sgtable_sg(t, sg, i) for_each_sg((t)->sgl, sg, (t)->orig_nents, i)
#define for_each_sgtable_dma_sg(t, sg, i) for_each_sg((t)->sgl, sg, (t)->nents, i)
#define spin_lock_irqsave(lock, flags) do { flags = 0; (void)(lock); } while (0)
void *kzalloc(size_t size, gfp_t gfp);
void *kmalloc(size_t size, gfp_t gfp);
void *kcalloc(size_t n, size_t size, gfp_t gfp);
char *kstrdup(const char *s, gfp_t gfp);
void *alloc_pages_exact(size_t size, gfp_t gfp);
struct page *alloc_pages(gfp_t gfp, unsigned int order);
void *page_address(struct page *page);
struct page *sg_page(struct scatterlist *sg);
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp);
void *dmam_alloc_coherent(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp);
void *dma_alloc_wc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp);
void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma);
void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma);
struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align, size_t boundary);
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);
struct iommu_domain *iommu_paging_domain_alloc_flags(struct device *dev, u32 flags);
struct iommu_domain *iommu_domain_alloc(const void *bus);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova, size_t size, struct iommu_iotlb_gather *gather);
ssize_t iommu_map_sgtable(struct iommu_domain *domain, unsigned long iova, struct sg_table *sgt, int prot);
ssize_t iommu_map_sg(struct iommu_domain *domain, unsigned long iova, struct scatterlist *sg, unsigned int nents, int prot, gfp_t gfp);
int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size, int prot, gfp_t gfp);
phys_addr_t virt_to_phys(const void *p);
phys_addr_t page_to_phys(const struct page *page);
