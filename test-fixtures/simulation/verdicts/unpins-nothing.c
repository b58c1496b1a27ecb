// expect: newly-broken C-UNPIN
#include "interfaces.h"
struct page { unsigned long flags; };
#define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
#define page_to_pfn(p) ((unsigned long)((p) - (struct page *)0xffffea0000000000UL))
int vfio_pin_pages(struct device *dev, dma_addr_t iova, int count, int prot, struct page **pages);
void vfio_unpin_pages(struct device *dev, dma_addr_t iova, int count);
int start(struct rig *r, struct page **pages)
{
	int got = vfio_pin_pages(r->dev, 0x10000, 2, 3, pages);

	if (got != 2) {
//-		if (got > 0)
//-			vfio_unpin_pages(r->dev, 0x10000, got);
		vfio_unpin_pages(r->dev, 0x10000, got); //+
		return got < 0 ? got : -12;
	}
	return 0;
}
