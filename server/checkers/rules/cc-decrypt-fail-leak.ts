import { defineChecker, type Checker } from '../checker.ts';

/** Pages of unknown encryption state given back to the allocator. */
export const ccDecryptFailLeak: Checker = defineChecker(
  {
    id: 'cc-decrypt-fail-leak',
    summary: 'Pages whose set_memory_decrypted() or set_memory_encrypted() failed are never freed.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['tainted'],
    messages: {
      freed: 'frees {p} after {fn}() failed at {L}: pages of unknown sharing state get reused',
    },
    sources: [
      {
        where: 'kernel/dma/direct.c',
        what: 'dma_set_decrypted(), dma_set_encrypted(): leak on failure',
      },
      { where: 'drivers/virt/coco/tdx-guest/tdx-guest.c', what: 'alloc_quote_buf()' },
      { where: 'kernel/dma/swiotlb.c', what: 'alloc_dma_pages(): frees only after re-encryption' },
    ],
    falsePositives: [],
    limits: ['A free that is made by a caller in another file is not seen.'],
    page: {
      what: 'Reports memory that is given back on the path where changing its sharing with the host failed.',
      why: 'A failed conversion stops part way: some pages are shared with the host, some are private. Such pages are leaked on purpose with a warning, or returned only after set_memory_encrypted() succeeded on all of them.',
      example: `
if (set_memory_decrypted((unsigned long)buf, nr_pages)) {
	free_pages_exact(buf, size);
	return NULL;
}`,
      instead: `
if (set_memory_decrypted((unsigned long)buf, nr_pages)) {
	pr_warn_ratelimited("leaking %zu bytes in unknown sharing state\\n", size);
	return NULL;
}`,
    },
  },
  ({ tainted }, report) => {
    for (const { failed, free, memory, steps } of tainted) {
      report({
        message: 'freed',
        values: { p: { text: memory }, fn: failed.function, L: failed.place },
        at: free,
        steps,
        related: [{ place: failed.callee, message: 'failed here' }],
      });
    }
  },
);
