import type { PairedValue } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { isDirect, replaceBy } from '../wording.ts';

/** A streaming DMA mapping released with other arguments than it was made with. */
export const dmaUnmapParamsMismatch: Checker = defineChecker(
  {
    id: 'dma-unmap-params-mismatch',
    summary:
      'A DMA unmap gets the device, size, direction and attributes of its map, and its counterpart.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['pairings'],
    messages: {
      size: 'unmaps {u}, but {L} mapped {m}: the rest keeps its IOVA and bounce buffer',
      sizeBeyond:
        'unmaps {u}, but {L} mapped only {m}: neighbouring IOVA space is released with it',
      sizeOther: 'unmaps {u}, but {L} mapped {m}: the IOVA space is freed by the wrong size',
      direction: 'unmaps {d2}, but {L} mapped {d1}: {consequence}',
      attrs:
        'unmaps with {a2}, but {L} mapped with {a1}: DMA_ATTR_MMIO and its kind choose how to release',
      device:
        'unmaps for {dev2}, but {L} mapped for {dev1}: {h} is looked up in another address space',
      interface: 'releases {h} with {f2}(), but {L} used {f1}(): the two do not belong together',
    },
    sources: [
      {
        where: 'Documentation/core-api/dma-api.rst',
        what: 'all parameters have to be those of the map',
      },
      { where: 'kernel/dma/debug.c', what: 'check_unmap(), DMA_ATTR_UNMAP_VALID' },
      { where: 'kernel/dma/mapping.c', what: 'dma_unmap_phys()' },
    ],
    falsePositives: [],
    limits: [
      'Values that are not proven different on the path are taken as equal.',
      'dma_map_page() released by dma_unmap_single() is one call since 7.x, and silent.',
    ],
    page: {
      what: 'Reports a streaming unmap whose device, size, direction or deciding attribute is proven to differ from that of the map it releases, or that is no counterpart of it.',
      why: 'Device, size and direction have to equal those of the map. Attributes in DMA_ATTR_MMIO, REQUIRE_COHERENT, PRIVILEGED, CC_SHARED, NO_KERNEL_MAPPING, FORCE_CONTIGUOUS as well; SKIP_CPU_SYNC is free to differ. page and single are the same call since 7.x; resource is not.',
      example: `
dma = dma_map_single(dev, buf, len, DMA_FROM_DEVICE);
...
dma_unmap_single(dev, dma, len, DMA_TO_DEVICE);`,
      instead: `
dma = dma_map_single(dev, buf, len, DMA_FROM_DEVICE);
...
dma_unmap_single(dev, dma, len, DMA_FROM_DEVICE);`,
    },
  },
  ({ pairings }, report) => {
    for (const { resource, kind, call, match, pairs, interfacesFit, steps } of pairings) {
      const { family, acquire } = resource;
      if (kind !== 'release') continue;
      if (family !== 'dma-map' && family !== 'dma-sg' && family !== 'dma-sgtable') continue;
      const L = acquire.place;
      const h = { text: resource.handle };
      const sure =
        match === 'field' || !isDirect(call) || !isDirect(acquire)
          ? { confidence: 'low' as const }
          : {};
      const mapped = {
        place: acquire.callee,
        message: `mapped here: ${acquire.function}()`,
      };
      if (!interfacesFit) {
        const values = { h, f2: call.function, L, f1: acquire.function };
        report({
          ...sure,
          message: 'interface',
          values,
          at: call.callee,
          steps,
          related: [mapped],
        });
        continue;
      }
      for (const pair of pairs) {
        if (pair.relation !== 'different') continue;
        const { acquired, released } = pair;
        const common = {
          ...sure,
          at: released.place,
          steps,
          related: [mapped],
          fixes: reusable(pair)
            ? [replaceBy(`Use ${acquired.text}`, released.place, acquired.text)]
            : [],
        };
        if (pair.role === 'size') {
          const u = released;
          const m = acquired;
          if (u.range[1] < m.range[0]) report({ ...common, message: 'size', values: { u, L, m } });
          else if (u.range[0] > m.range[1]) {
            report({ ...common, message: 'sizeBeyond', values: { u, L, m } });
          } else report({ ...common, message: 'sizeOther', values: { u, L, m } });
        } else if (pair.role === 'dir') {
          const consequence = lostData(pair);
          const values = { d2: released, L, d1: acquired, consequence };
          report({ ...common, message: 'direction', values });
        } else if (pair.role === 'attrs') {
          if (!decidingAttrsDiffer(pair)) continue;
          report({ ...common, message: 'attrs', values: { a2: released, L, a1: acquired } });
        } else if (pair.role === 'dev') {
          report({
            ...common,
            message: 'device',
            values: { dev2: released, L, dev1: acquired, h },
          });
        }
      }
    }
  },
);

/** What the CPU or the device loses when the direction changes between map and unmap. */
function lostData({ acquired, released }: PairedValue): string {
  const written = !/TO_DEVICE/.test(acquired.text);
  return written && /TO_DEVICE/.test(released.text)
    ? 'what the device wrote is not synced back'
    : 'it is synced the wrong way';
}

const decidingAttrs =
  /^DMA_ATTR_(MMIO|REQUIRE_COHERENT|PRIVILEGED|CC_SHARED|NO_KERNEL_MAPPING|FORCE_CONTIGUOUS)$/;

function decidingAttrsDiffer({ acquired, released }: PairedValue): boolean {
  if (!acquired.flags.complete || !released.flags.complete) return false;
  const deciding = (names: readonly string[]): string =>
    names
      .filter((name) => decidingAttrs.test(name))
      .sort()
      .join();
  return deciding(acquired.flags.names) !== deciding(released.flags.names);
}

/** May the text of the map's argument stand at the unmap? Constants, and anything of the same function. */
function reusable({ acquired, released }: PairedValue): boolean {
  return (
    /^[A-Z][A-Z0-9_]*$/.test(acquired.text) ||
    (acquired.place.function === released.place.function && /^[\w>.-]+$/.test(acquired.text))
  );
}
