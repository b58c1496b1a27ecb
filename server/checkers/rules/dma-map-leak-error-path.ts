import type { CallFact, LeakFact, ResourceFact, Value } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { argument, endingWith, heldAs, isDirect, leaveByLabel, leavingBy } from '../wording.ts';

/** Mapped or allocated DMA memory that an error exit leaves behind. */
export const dmaMapLeakErrorPath: Checker = defineChecker(
  {
    id: 'dma-map-leak-error-path',
    summary: 'Every exit that does not hand a DMA mapping or buffer on releases it.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['leaks', 'calls'],
    messages: {
      sized: 'returns {ret} with {h} of {L} still {held}: {size} leaks on every failure here',
      plain: 'returns {ret} with {h} of {L} still {held}: it leaks on every failure here',
      earlier:
        'returns {ret} with {h} of an earlier turn ({L}) still {held}: it leaks on every failure here',
    },
    sources: [
      { where: 'Documentation/core-api/dma-api-howto.rst', what: 'Handling Errors' },
      {
        where: 'drivers/crypto/hisilicon/sgl.c',
        what: 'hisi_acc_sg_buf_map_to_hw_sgl(): fixed after 6.1 (DMAB-019)',
      },
      {
        where: 'drivers/net/ethernet/faraday/ftgmac100.c',
        what: 'ftgmac100_alloc_rings(): fixed after 5.10 (DMAB-002)',
      },
    ],
    falsePositives: [
      'Coherent memory that is leaked on purpose, because it cannot be made private again.',
    ],
    limits: [
      'A handle stored in an object that lives on is taken as owned by it, unless this function releases it on another path.',
      'Clean-up by a caller in another file is not seen; such findings have low confidence and are not shown by default.',
    ],
    page: {
      what: 'Reports an error exit on which a streaming mapping, coherent or pool memory, a pool or an sg_table acquired in this function is still held and nobody can reach it any more. A handle that is kept in a member, and that another path or no caller releases, is told as a warning: who cleans up there is a matter of belief.',
      why: 'Each successful map, coherent or pool allocation and sg_table needs its release on every exit that does not hand it on. Streaming, coherent, pool and sg_table memory are judged alike. Deliberate leaks of pages that cannot be re-encrypted are right, and not reported.',
      example: `
src_dma = dma_map_single(dev, req->src, req->len, DMA_TO_DEVICE);
if (dma_mapping_error(dev, src_dma))
	return -ENOMEM;
if (n > pool->max)
	return -EINVAL;`,
      instead: `
src_dma = dma_map_single(dev, req->src, req->len, DMA_TO_DEVICE);
if (dma_mapping_error(dev, src_dma))
	return -ENOMEM;
if (n > pool->max) {
	dma_unmap_single(dev, src_dma, req->len, DMA_TO_DEVICE);
	return -EINVAL;
}`,
    },
  },
  ({ leaks, calls }, report) => {
    for (const leak of leaks) {
      const { resource, outcome, ownership } = leak;
      if (!families.has(resource.family) || outcome !== 'error') continue;
      if (ownership === 'overwritten') continue;
      const way = leavingBy(leak.at, leak.atText);
      const h = { text: nameOf(resource) };
      const L = resource.acquire.place;
      const held = heldAs(resource.family);
      const size = shortSize(argument(resource.acquire, 'size'));
      const steps = endingWith(leak, `${h.text} is still ${held}`);
      const common = {
        at: way.place,
        steps,
        related: otherEnds(leak),
        fixes: leaveByLabel(leak),
        ...weight(sureness(leak, calls)),
      };
      const ret = way.text === '' ? 'early' : way;
      if (leak.earlierTurn) report({ ...common, message: 'earlier', values: { ret, h, L, held } });
      else if (size) report({ ...common, message: 'sized', values: { ret, h, L, held, size } });
      else report({ ...common, message: 'plain', values: { ret, h, L, held } });
    }
  },
);

/** A size that is worth its room in the message; long expressions are in the related information. */
function shortSize(size: Value | undefined): Value | undefined {
  return size && size.text.length <= longestSize ? size : undefined;
}

const longestSize = 24;

const families: ReadonlySet<string> = new Set([
  'dma-map',
  'dma-sg',
  'dma-sgtable',
  'coherent',
  'pool-memory',
  'dma-pool',
  'noncontiguous',
  'sg-table',
]);

/** The list for scatter lists, whose result is a count; the handle otherwise. */
function nameOf({ family, acquire, handle }: ResourceFact): string {
  const list = argument(acquire, 'sgtable') ?? argument(acquire, 'sg');
  if (list && (family === 'dma-sg' || family === 'dma-sgtable' || family === 'sg-table')) {
    return list.text;
  }
  return handle === '' ? `${acquire.function}()` : handle;
}

function otherEnds({
  resource,
  releasedAt,
}: LeakFact): { place: LeakFact['at']; message: string }[] {
  const here = { place: resource.acquire.callee, message: `${heldAs(resource.family)} here` };
  return releasedAt
    ? [here, { place: releasedAt, message: 'another path releases it here' }]
    : [here];
}

/** What rests on belief is a warning: it was wrong more often than one finding in five. */
function weight<Sure extends { readonly confidence?: 'medium' | 'low' }>(
  sure: Sure,
): Sure & { readonly severity?: 'warning' } {
  return sure.confidence === undefined ? sure : { ...sure, severity: 'warning' };
}

/**
 * Local handles are judged by what the function shows. One in a field is a matter of belief: this function releases it
 * on another path, so it should here; callers that clean up make that wrong, more often for memory than for mappings.
 */
function sureness(
  leak: LeakFact,
  calls: readonly CallFact[],
): { readonly confidence?: 'medium' | 'low' } {
  const { ownership, resource, releasedAt, earlierTurn } = leak;
  // A helper that acquires has failures, owners and counterparts of its own.
  if (!isDirect(resource.acquire)) return { confidence: 'low' };
  if (ownership === 'field-callers-do-not-unwind') return { confidence: 'medium' };
  // Whatever the called function does with the handle, its result is what this one returns.
  if (/^return\s+(?!ERR_PTR|PTR_ERR|dev_err_probe)\w+\(/.test(leak.atText))
    return { confidence: 'low' };
  // Earlier turns are released by walks that no element can be matched with.
  if (earlierTurn && resource.releasedSomewhere) return { confidence: 'low' };
  if (ownership !== 'field-released-elsewhere') return {};
  const byItself = calls.some(({ place }) => place.span.start === releasedAt?.span.start);
  const believed = byItself && mappings.has(resource.family);
  return { confidence: believed ? 'medium' : 'low' };
}

const mappings: ReadonlySet<string> = new Set(['dma-map', 'dma-sg', 'dma-sgtable', 'sg-table']);
