import { defineChecker, type Checker } from '../checker.ts';

/** The count of dma_map_sg() tested for less than 0. */
export const dmaMapSgNegativeCheck: Checker = defineChecker(
  {
    id: 'dma-map-sg-negative-check',
    summary: 'A failed dma_map_sg() is recognised by its result 0; it is never negative.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['checks'],
    messages: {
      negative:
        'tests {n} for < 0, but {fn}() fails with 0: the failure passes, 0 entries are used',
    },
    sources: [
      { where: 'kernel/dma/mapping.c', what: 'dma_map_sg_attrs(): 0 for any error' },
      { where: 'Documentation/core-api/dma-api.rst', what: 'dma_map_sg()' },
    ],
    falsePositives: [],
    limits: ['A test for 0 later on the same path, after the dead test, is not looked for.'],
    holdsInPart: true,
    page: {
      what: 'Reports the result of dma_map_sg() tested with `< 0` where nothing tests it for 0.',
      why: 'dma_map_sg() returns a count, and 0 for any failure. The `< 0` branch is never taken, so after a failure the driver goes on with 0 entries. dma_map_sgtable() returns an errno and scsi_dma_map() a negative value: those are tested with `< 0`.',
      example: `
nents = dma_map_sg(dev, sgl, sg_nents(sgl), DMA_TO_DEVICE);
if (nents < 0)
	return nents;`,
      instead: `
nents = dma_map_sg(dev, sgl, sg_nents(sgl), DMA_TO_DEVICE);
if (!nents)
	return -ENOMEM;`,
    },
  },
  ({ checks }, report) => {
    for (const check of checks) {
      if (check.convention !== 'count' || check.kind !== 'negative') continue;
      const told = checks.some(
        (other) => other.tells === 'failure' && other.call.span.start === check.call.span.start,
      );
      if (told) continue;
      report({
        message: 'negative',
        values: { n: { text: check.operandText }, fn: check.function },
        at: check.place,
        related: [{ place: check.call, message: 'count comes from here' }],
      });
    }
  },
);
