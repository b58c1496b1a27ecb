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
      held: 'passes {gfp} after {lock}() of {L}: page-table allocation sleeps in atomic context',
      entry: 'passes {gfp} in {f}(), {why}: page-table allocation sleeps',
      heldAlways: 'calls {fn}(), always GFP_KERNEL, after {lock}() of {L}: it sleeps',
      entryAlways: 'calls {fn}(), always GFP_KERNEL, in {why}: it sleeps',
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
      const { kind, why = 'atomic', place } = call.context;
      if (kind !== 'atomic') continue;
      const fn = call.function;
      const f = { text: call.place.function };
      const related = place ? [{ place, message: 'atomic from here' }] : [];
      const section = place && sectionOf(why);
      const lock = section && { lock: section, L: place };
      const gfp = argument(call, 'gfp');
      if (fn === 'iommu_map_sgtable') {
        const common = { at: call.callee, related, steps: call.steps };
        if (lock) report({ ...common, message: 'heldAlways', values: { fn, ...lock } });
        else report({ ...common, message: 'entryAlways', values: { fn, why } });
      } else if (gfp?.flags.names.some((name) => blocking.has(name))) {
        const fixes =
          gfp.text === 'GFP_KERNEL' ? [replaceBy('Use GFP_ATOMIC', gfp.place, 'GFP_ATOMIC')] : [];
        const common = { at: gfp.place, related, steps: call.steps, fixes };
        if (lock) report({ ...common, message: 'held', values: { gfp, ...lock } });
        else report({ ...common, message: 'entry', values: { gfp, f, why } });
      }
    }
  },
);

/** The name of the call that began the section; undefined where the function is entered that way. */
function sectionOf(why: string): string | undefined {
  return /^(?<name>\w+)(?:\(|$)/.exec(why)?.groups?.['name'];
}

const blocking: ReadonlySet<string> = new Set([
  'GFP_KERNEL',
  'GFP_KERNEL_ACCOUNT',
  'GFP_USER',
  'GFP_HIGHUSER',
  'GFP_NOIO',
  'GFP_NOFS',
]);
