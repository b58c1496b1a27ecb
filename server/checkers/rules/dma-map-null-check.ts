import type { CheckFact } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { zeroTest } from '../testForm.ts';
import { argument, replaceBy } from '../wording.ts';

/** A DMA handle compared with 0, NULL, -1 or DMA_MAPPING_ERROR instead of asked with dma_mapping_error(). */
export const dmaMapNullCheck: Checker = defineChecker(
  {
    id: 'dma-map-null-check',
    summary: 'Only dma_mapping_error() tells whether a streaming mapping failed.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['checks', 'resources'],
    messages: {
      zero: 'tests {h} for 0, but a failed {fn}() gives ~0: the failure passes, address 0 is refused',
      byHand: 'compares {h} with {what} by hand: dma-debug sees no check and warns at unmap',
    },
    sources: [
      { where: 'Documentation/core-api/dma-api-howto.rst', what: 'Handling Errors' },
      { where: 'include/linux/dma-mapping.h', what: 'DMA_MAPPING_ERROR, dma_mapping_error()' },
    ],
    falsePositives: [],
    limits: [
      'A handle that is tested in another file than the one that maps it is not followed.',
      "Where one path has the right test, a wrong test beside it is taken for the driver's own mark.",
    ],
    holdsInPart: true,
    page: {
      what: 'Reports a dma_addr_t that comes from a streaming map call and is tested for 0, NULL, -1 or DMA_MAPPING_ERROR.',
      why: '0 is a valid DMA address and no error value; a failed map gives all ones. The test lets the failure pass, so the device is given ~0, and it refuses a good mapping at 0. A comparison with DMA_MAPPING_ERROR by hand finds the failure, but dma-debug does not see it and warns at unmap. 0 as the driver\'s own mark for "not mapped", set after a good check, is fine.',
      example: `
req->dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
if (!req->dma)
	return -ENOMEM;`,
      instead: `
req->dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
if (dma_mapping_error(dev, req->dma))
	return -ENOMEM;`,
    },
  },
  ({ checks, resources }, report) => {
    for (const check of checks) {
      if (check.convention !== 'dma-address') continue;
      const resource = resources.find(({ id }) => id === check.resource);
      const related = [{ place: check.call, message: `comes from ${check.function}()` }];
      const h = { text: check.operandText };
      if (check.kind === 'zero' || check.kind === 'negative' || check.kind === 'not-positive') {
        if (checks.some((other) => other.tells === 'failure' && sameCall(other, check))) continue;
        const dev = resource && argument(resource.acquire, 'dev');
        const form = zeroTest(check);
        const call = `dma_mapping_error(${dev?.text ?? ''}, ${check.operandText})`;
        report({
          message: 'zero',
          values: { h, fn: check.function },
          at: check.place,
          related,
          fixes:
            dev && form
              ? [
                  replaceBy(
                    `Use ${call}`,
                    check.place,
                    form === 'true-for-zero' ? call : `!${call}`,
                  ),
                ]
              : [],
        });
      } else if (check.kind === 'minus-one' || check.kind === 'equals-mapping-error') {
        const what = check.kind === 'minus-one' ? '-1' : 'DMA_MAPPING_ERROR';
        report({
          message: 'byHand',
          values: { h, what },
          at: check.place,
          related,
          confidence: 'medium',
        });
      }
    }
  },
);

const sameCall = (a: CheckFact, b: CheckFact): boolean => a.call.span.start === b.call.span.start;
