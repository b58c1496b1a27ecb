// expect: newly-broken C-LEAK
// because: fails and keeps a pinned page
#include "interfaces.h"
struct page { unsigned long flags; };
#define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
#define page_to_pfn(p) ((unsigned long)((p) - (struct page *)0xffffea0000000000UL))
int pin_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
void unpin_user_pages(struct page **pages, unsigned long count);
int start(struct rig *r, unsigned long from)
{
	struct page *pages[4];
	int got = pin_user_pages_fast(from, 4, 1, pages);

	if (got < 4) {
//-		if (got > 0)
//-			unpin_user_pages(pages, got);
		return -14;
	}
	r->count = got;
	return 0;
}
