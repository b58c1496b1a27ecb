// After a failed conversion nobody knows which pages the host shares: they must not be reused.
struct qcap_shared {
	void *buf;
	size_t size;
	struct page *page;
	unsigned int order;
};

static void *bad_exact(size_t size)
{
	void *buf = alloc_pages_exact(size, GFP_KERNEL);

	if (!buf)
		return NULL;
	if (set_memory_decrypted((unsigned long)buf, PAGE_ALIGN(size) >> PAGE_SHIFT)) {
		free_pages_exact(buf, size);
//                               ^^^ error[cc-decrypt-fail-leak]: frees buf after set_memory_decrypted() failed at line 15: pages of unknown sharing state get reused
		return NULL;
	}
	return buf;
}

static int bad_goto(struct qcap_shared *sh)
{
	struct page *page;
	int ret;

	page = alloc_pages(GFP_KERNEL, sh->order);
	if (!page)
		return -ENOMEM;
	ret = set_memory_decrypted((unsigned long)page_address(page), 1 << sh->order);
	if (ret)
		goto err_free;
	sh->page = page;
	return 0;

err_free:
	__free_pages(page, sh->order);
//                   ^^^^ error[cc-decrypt-fail-leak]: frees page after set_memory_decrypted() failed at line 31: pages of unknown sharing state get reused
	return ret;
}

static void bad_exit(struct qcap_shared *sh)
{
	if (set_memory_encrypted((unsigned long)sh->buf, sh->size >> PAGE_SHIFT))
		pr_warn("qcap: cannot make the buffer private again\n");
	free_pages_exact(sh->buf, sh->size);
//                       ^^^^^^^ error[cc-decrypt-fail-leak]: frees sh->buf after set_memory_encrypted() failed at line 45: pages of unknown sharing state get reused
}

static void *good_leak(size_t size)
{
	void *buf = alloc_pages_exact(size, GFP_KERNEL);

	if (!buf)
		return NULL;
	if (set_memory_decrypted((unsigned long)buf, PAGE_ALIGN(size) >> PAGE_SHIFT)) {
		pr_warn("qcap: leaking pages of unknown state\n");
		return NULL; // ok[cc-decrypt-fail-leak]: leaked on purpose
	}
	return buf;
}

static void *good_reencrypt(size_t size)
{
	unsigned int n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	void *buf = alloc_pages_exact(size, GFP_KERNEL);

	if (!buf)
		return NULL;
	if (set_memory_decrypted((unsigned long)buf, n)) {
		if (!set_memory_encrypted((unsigned long)buf, n))
			free_pages_exact(buf, size); // ok[cc-decrypt-fail-leak]: private again, all of it
		return NULL;
	}
	return buf;
}

static void good_exit(struct qcap_shared *sh)
{
	if (!set_memory_encrypted((unsigned long)sh->buf, sh->size >> PAGE_SHIFT))
		free_pages_exact(sh->buf, sh->size); // ok[cc-decrypt-fail-leak]: only after it succeeded
}

// Other memory of the same object has nothing to do with it.
static int good_other(struct qcap_shared *sh)
{
	char *name = kstrdup("qcap", GFP_KERNEL);
	int ret;

	if (!name)
		return -ENOMEM;
	ret = set_memory_decrypted((unsigned long)sh->buf, sh->size >> PAGE_SHIFT);
	if (ret) {
		kfree(name); // ok[cc-decrypt-fail-leak]: a string, not the pages
		return ret;
	}
	return qcap_set_name(sh, name);
}
