import type { CallFact } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { acquiredHere, argument, replaceBy } from '../wording.ts';

/** The result of dma_map_sg() passed where the original count belongs. */
export const dmaUnmapSgNents: Checker = defineChecker(
  {
    id: 'dma-unmap-sg-nents',
    summary: 'dma_unmap_sg() and dma_sync_sg_*() get the count that dma_map_sg() was given.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['pairings', 'calls'],
    messages: {
      result:
        '{does} {n}, what dma_map_sg() returned; {L} mapped {cnt}: merged entries stay unsynced',
      field:
        '{does} {n}, set from dma_map_sg() at {L}: pass the count it was given, merged entries stay unsynced',
      table: '{does} {n}, the DMA count; {L} mapped orig_nents: merged entries stay unsynced',
    },
    sources: [
      {
        where: 'Documentation/core-api/dma-api.rst',
        what: 'dma_unmap_sg(): the number passed in, not returned',
      },
      { where: 'kernel/dma/mapping.c', what: 'dma_map_sg_attrs()' },
      { where: 'kernel/dma/debug.c', what: 'check_unmap(): different entry count' },
    ],
    falsePositives: [],
    limits: [
      'A count that is kept in a field and written by several functions is followed only where all agree.',
    ],
    page: {
      what: 'Reports dma_unmap_sg() or a dma_sync_sg call that is given the result of dma_map_sg() instead of its argument.',
      why: 'Neighbours can be merged into one DMA segment, so the result can be smaller than the count passed. Unmap and sync want the count that was passed; with the smaller one the CPU keeps stale data for the tail of the list and dma-debug warns about the entry count. The returned count is right for programming descriptors. dma_map_sgtable() keeps both counts apart.',
      example: `
n = dma_map_sg(dev, req->src, req->src_nents, DMA_TO_DEVICE);
...
dma_unmap_sg(dev, req->src, n, DMA_TO_DEVICE);`,
      instead: `
n = dma_map_sg(dev, req->src, req->src_nents, DMA_TO_DEVICE);
...
dma_unmap_sg(dev, req->src, req->src_nents, DMA_TO_DEVICE);`,
    },
  },
  ({ pairings, calls }, report) => {
    const paired = new Set<number>();
    for (const { resource, kind, call, pairs, match, steps } of pairings) {
      const nents = pairs.find(({ role }) => role === 'nents');
      if (!nents) continue;
      const { acquired: cnt, released: n } = nents;
      const does = kind === 'sync' ? 'syncs' : 'unmaps';
      const L = resource.acquire.place;
      const common = { at: n.place, steps, related: [acquiredHere(resource)] };
      if (resource.family === 'dma-sg') {
        if (cnt.constant === 1 || nents.relation === 'equal') continue;
        if (n.origin?.kind !== 'result' && n.origin?.kind !== 'field-of-mapped-count') continue;
        if (n.origin.kind === 'result' && n.origin.resource !== resource.id) continue;
        paired.add(call.place.span.start);
        const sameScope = match === 'exact' && n.place.function === cnt.place.function;
        report({
          ...common,
          message: 'result',
          values: { does, n, L, cnt },
          fixes: sameScope ? [replaceBy(`Pass ${cnt.text}`, n.place, cnt.text)] : [],
        });
      } else if (resource.family === 'dma-sgtable' && n.origin?.kind === 'sgtable-nents') {
        paired.add(call.place.span.start);
        report({
          ...common,
          message: 'table',
          values: { does, n, L },
          fixes: [replaceBy('Use orig_nents', n.place, n.text.replace(/\bnents$/, 'orig_nents'))],
        });
      }
    }
    for (const call of calls) {
      if (!/^dma_(unmap|sync)_sg/.test(call.function) || paired.has(call.place.span.start))
        continue;
      const n = argument(call, 'nents');
      const does = call.function.startsWith('dma_sync') ? 'syncs' : 'unmaps';
      if (n?.origin?.kind === 'field-of-mapped-count') {
        const { writer } = n.origin;
        const related = [{ place: writer, message: `${n.text} is the result of dma_map_sg()` }];
        report({ message: 'field', values: { does, n, L: writer }, at: n.place, related });
      }
      if (n?.origin?.kind === 'sgtable-nents') {
        const map = tableMap(calls);
        if (!map) continue;
        report({
          message: 'table',
          values: { does, n, L: map.place },
          at: n.place,
          related: [{ place: map.callee, message: 'tables are mapped here' }],
          fixes: [replaceBy('Use orig_nents', n.place, n.text.replace(/\bnents$/, 'orig_nents'))],
        });
      }
    }
  },
);

/**
 * The call that maps the tables of this file, where all of them are mapped as tables. A file that calls dma_map_sg()
 * on them and drops the result keeps the original count in nents, which is then right for unmap and sync.
 */
function tableMap(calls: readonly CallFact[]): CallFact | undefined {
  const byHand = calls.some(
    (call) =>
      /^dma_map_sg(_attrs)?$/.test(call.function) &&
      /(->|\.)nents$/.test(argument(call, 'nents')?.text ?? ''),
  );
  return byHand ? undefined : calls.find((call) => call.function === 'dma_map_sgtable');
}
