import { defineChecker, type Checker } from '../checker.ts';
import { argument, replaceBy } from '../wording.ts';

/** Page-table allocation that sleeps where it must not. */
export const iommuGfpAtomicContext: Checker = defineChecker(
  {
    id: 'iommu-gfp-atomic-context',
    summary:
      'In atomic context iommu_map() gets GFP_ATOMIC or GFP_NOWAIT, and iommu_map_sgtable() is not called.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls'],
    messages: {
      gfp: 'passes {gfp} in atomic context ({why}): page-table allocation sleeps',
      always: 'calls {fn}(), always GFP_KERNEL, in atomic context ({why}): it sleeps',
    },
    sources: [
      {
        where: 'drivers/iommu/iommu.c',
        what: 'iommu_map_nosync(): might_sleep_if(gfpflags_allow_blocking(gfp))',
      },
      { where: 'include/linux/iommu.h', what: 'iommu_map_sgtable() passes GFP_KERNEL' },
    ],
    falsePositives: [],
    limits: [
      'A lock taken in another file, and a handler registered there, is not known.',
      "A gfp value that is a parameter is the caller's choice, and silent.",
    ],
    page: {
      what: 'Reports a map call with a gfp that may block while a spinlock is held, in an interrupt handler or with preemption off.',
      why: 'Mapping allocates page tables with the given gfp. Under a spinlock, in an interrupt or with preemption off it has to be GFP_ATOMIC; better, map before taking the lock. Unmapping does not allocate in 7.x.',
      example: `
spin_lock(&q->lock);
ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_KERNEL);
spin_unlock(&q->lock);`,
      instead: `
spin_lock(&q->lock);
ret = iommu_map(q->domain, q->iova, q->phys, SZ_4K, prot, GFP_ATOMIC);
spin_unlock(&q->lock);`,
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      if (!/^iommu_map(_sg|_sgtable|_nosync)?$/.test(call.function)) continue;
      if (call.context.kind !== 'atomic') continue;
      const why = { text: call.context.why ?? 'atomic' };
      const related = call.context.place
        ? [{ place: call.context.place, message: 'atomic from here' }]
        : [];
      const gfp = argument(call, 'gfp');
      if (call.function === 'iommu_map_sgtable') {
        const values = { fn: call.function, why };
        report({ message: 'always', values, at: call.callee, related, steps: call.steps });
      } else if (gfp?.flags.names.some((name) => /^GFP_(KERNEL|USER|KERNEL_ACCOUNT)$/.test(name))) {
        report({
          message: 'gfp',
          values: { gfp, why },
          at: gfp.place,
          related,
          steps: call.steps,
          fixes:
            gfp.text === 'GFP_KERNEL' ? [replaceBy('Use GFP_ATOMIC', gfp.place, 'GFP_ATOMIC')] : [],
        });
      }
    }
  },
);
