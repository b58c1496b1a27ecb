import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { pagePool } from './pages.ts';

const PAGES = `
struct list_head { struct list_head *next, *prev; };
struct page { unsigned long flags; struct list_head lru; int _refcount; };
struct page *alloc_pages(unsigned int gfp, unsigned int order);
void put_pages_list(struct list_head *pages);
struct page *pages = (struct page *)0xffffea0000000000;
#define pfn_to_page(n) ((struct page *)0xffffea0000000000 + (n))
static void add(struct list_head *list, struct page *page)
{
	page->lru.next = list->next;
	page->lru.prev = list;
	list->next->prev = &page->lru;
	list->next = &page->lru;
}
int f(void)
{
	struct list_head list = { &list, &list };
	struct page *kept = alloc_pages(0, 0);

	kept->_refcount++;
	add(&list, kept);
	add(&list, alloc_pages(0, 0));
	add(&list, alloc_pages(0, 0));
	put_pages_list(&list);
	return list.next == &list && list.prev == &list && kept->_refcount == 1;
}
`;

describe('pages on a list', () => {
  it('go with the last reference, and the list is empty', () => {
    const machine = machineFor(PAGES);
    assert.equal(machine.call('f', []), 1);
    assert.equal(pagePool(machine).sizes.size, 1);
    assert.equal(pagePool(machine).freed.size, 2);
  });
});
