import { defineChecker, type Checker } from '../checker.ts';
import { isDirect, order, replaceBy } from '../wording.ts';

/** Coherent or pool memory freed with other arguments, or by another interface, than it was allocated with. */
export const dmaCoherentFreeMismatch: Checker = defineChecker(
  {
    id: 'dma-coherent-free-mismatch',
    summary: 'DMA memory is freed with the device, size and interface that allocated it.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['pairings'],
    messages: {
      less: 'frees {u} of {p}, but {L} allocated {m}: the pages past it stay allocated',
      more: 'frees {u} of {p}, but {L} allocated only {m}: memory behind it is freed',
      other: 'frees {u} of {p}, but {L} allocated {m}: the sizes have to be equal',
      device:
        "frees {p} for {dev2}, but {L} allocated it for {dev1}: another device's memory pool gets it",
      pool: 'frees {p} into {pool2}, but {L} took it from {pool1}: the other pool hands it out',
      interface: 'frees {p} with {f2}(), but {L} used {f1}(): the two do not belong together',
    },
    sources: [
      { where: 'Documentation/core-api/dma-api.rst', what: 'dma_free_coherent(), dma_pool_free()' },
      {
        where: 'drivers/nvme/host/pci.c',
        what: 'nvme_free_host_mem(): fixed after 5.10 (DMAB-107)',
      },
    ],
    falsePositives: [],
    limits: ['Values that are not proven different on the path are taken as equal.'],
    page: {
      what: 'Reports coherent, write-combined, non-contiguous or pool memory released with a size, device, pool or interface that is proven to differ from its allocation.',
      why: 'Free takes the device, size, CPU pointer and handle of the allocation. Pools free into the pool they came from, wc memory with the wc call, dmam_ memory not by hand.',
      example: `
descs = dma_alloc_coherent(dev, max * sz, &dma, GFP_KERNEL);
...
dma_free_coherent(dev, used * sz, descs, dma);`,
      instead: `
descs = dma_alloc_coherent(dev, max * sz, &dma, GFP_KERNEL);
...
dma_free_coherent(dev, max * sz, descs, dma);`,
    },
  },
  ({ pairings }, report) => {
    for (const { resource, kind, call, match, pairs, interfacesFit, steps } of pairings) {
      const { family, acquire } = resource;
      if (kind !== 'release') continue;
      if (family !== 'coherent' && family !== 'pool-memory' && family !== 'noncontiguous') continue;
      const L = acquire.place;
      const p = { text: resource.handle };
      const related = [{ place: acquire.callee, message: `allocated here: ${acquire.function}()` }];
      const isNear = isDirect(call) && isDirect(acquire);
      const sure = !isNear
        ? { confidence: 'low' as const }
        : match === 'field'
          ? { confidence: 'medium' as const }
          : {};
      if (!interfacesFit) {
        const values = { p, f2: call.function, L, f1: acquire.function };
        report({ ...sure, message: 'interface', values, at: call.callee, steps, related });
        continue;
      }
      for (const { role, relation, acquired, released } of pairs) {
        if (relation !== 'different') continue;
        const common = { ...sure, at: released.place, steps, related };
        if (role === 'size') {
          const message = { less: 'less', greater: 'more', none: 'other' } as const;
          const same = acquired.place.function === released.place.function;
          report({
            ...common,
            message: message[order(released, acquired) ?? 'none'],
            values: { u: released, p, L, m: acquired },
            fixes: same ? [replaceBy(`Free ${acquired.text}`, released.place, acquired.text)] : [],
          });
        } else if (role === 'dev') {
          report({
            ...common,
            message: 'device',
            values: { p, dev2: released, L, dev1: acquired },
          });
        } else if (role === 'pool') {
          report({
            ...common,
            message: 'pool',
            values: { p, pool2: released, L, pool1: acquired },
          });
        }
      }
    }
  },
);
