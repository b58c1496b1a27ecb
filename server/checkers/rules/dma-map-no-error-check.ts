import type { ResourceFact, UncheckedFact } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { argument, isDirect } from '../wording.ts';

/** A DMA handle used, stored or released although nobody asked whether the map succeeded. */
export const dmaMapNoErrorCheck: Checker = defineChecker(
  {
    id: 'dma-map-no-error-check',
    summary: 'The result of a DMA map call is tested before anything uses it.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['unchecked', 'resources'],
    messages: {
      address: '{does} {h} of {L} unchecked: after a failed map the device is given ~0',
      wrong: 'tests {x}, not {h} of {L}: after a failed map the device is given ~0',
      released: 'unmaps {h} of {L} unchecked: a failed map left ~0 and nothing to unmap',
      dropped: 'never tests {h}, the result of {fn}(): after a failed map the device is given ~0',
      lost: 'drops the result of {fn}(): a failed map goes unseen, and nothing can unmap a good one',
      count: 'never tests {fn}() of {list}: it fails with 0, and then the list has no DMA address',
      memory: '{does} {h} of {L} untested: after a failed {fn}() it is NULL, and its address stale',
      table: 'never tests {fn}() of {list}: after a failure the table has no DMA address',
    },
    sources: [
      { where: 'Documentation/core-api/dma-api-howto.rst', what: 'Handling Errors' },
      {
        where: 'kernel/dma/debug.c',
        what: 'check_unmap(): device driver failed to check map error',
      },
    ],
    falsePositives: [],
    limits: [
      "A handle that is returned raw is the caller's to test, and silent here.",
      'A test behind a function pointer counts as a test.',
    ],
    page: {
      what: 'Reports a streaming DMA handle or mapped list that reaches the device, a structure or its unmap on a path where no dma_mapping_error() or test of the count came before.',
      why: 'A streaming map fails when the bounce buffer is full, the IOVA space is used up or the address is out of reach, and then returns the all-ones value. dma_mapping_error() with the same device is the only test. A check by the caller, in a wrapper or over several handles at once counts.',
      example: `
req->dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
desc->addr = cpu_to_le64(req->dma);`,
      instead: `
req->dma = dma_map_single(dev, req->buf, req->len, DMA_TO_DEVICE);
if (dma_mapping_error(dev, req->dma))
	return -ENOMEM;
desc->addr = cpu_to_le64(req->dma);`,
    },
  },
  ({ unchecked, resources }, report) => {
    const first = new Map<number, UncheckedFact>();
    for (const fact of unchecked) {
      const { resource, wrongCheck } = fact;
      if (resource.returnedRaw || (wrongCheck && wrongCheck.kind !== 'mapping-error')) continue;
      // Inside a helper the helper is told; its caller is, when the helper hands the raw handle on.
      const { acquire } = resource;
      if (!isDirect(acquire) && !handedOn(resources, acquire.function)) continue;
      const known = first.get(resource.id);
      if (!known || fact.at.span.start < known.at.span.start) first.set(resource.id, fact);
    }
    for (const { resource, at, why, wrongCheck, steps: path } of first.values()) {
      const { acquire, family } = resource;
      // Where no path has a test, no path needs telling.
      const steps = resource.checkedSomewhere ? path : [];
      const L = acquire.place;
      const fn = acquire.function;
      const does = verbs[why];
      const related = [{ place: acquire.callee, message: 'mapped here' }];
      const common = { at, steps, related };
      const h = { text: resource.handle === '' ? 'the handle' : resource.handle };
      if (family === 'coherent' || family === 'pool-memory') {
        // Memory is often tested by whoever uses it first; here nobody does, and it is used or given back.
        if (resource.checkedSomewhere || why === 'end' || why === 'overwritten') continue;
        const verb = why === 'released' ? 'frees' : does;
        report({ ...common, message: 'memory', values: { does: verb, h, L, fn } });
      } else if (family === 'dma-map') {
        if (wrongCheck) {
          const x = { text: wrongCheck.operandText };
          report({ ...common, message: 'wrong', values: { x, h, L }, at: wrongCheck.operand });
        } else if (why === 'released') report({ ...common, message: 'released', values: { h, L } });
        else if (acquire.resultDropped) {
          report({ ...common, message: 'lost', values: { fn }, at: acquire.callee });
        } else if (why === 'end' || why === 'overwritten') {
          report({ ...common, message: 'dropped', values: { h, fn }, at: acquire.callee });
        } else report({ ...common, message: 'address', values: { does, h, L } });
      } else {
        const list = argument(acquire, 'sgtable') ?? argument(acquire, 'sg');
        if (!list) continue;
        const told = { values: { fn, list }, at: acquire.callee, steps };
        if (family === 'dma-sg' && acquire.convention === 'count') {
          report({ ...told, message: 'count' });
        } else if (family === 'dma-sgtable' && acquire.convention === 'errno') {
          report({ ...told, message: 'table' });
        }
      }
    }
  },
);

function handedOn(resources: readonly ResourceFact[], name: string): boolean {
  return resources.some(
    ({ acquire, returnedRaw }) => returnedRaw && acquire.function === name && isDirect(acquire),
  );
}

const verbs: Readonly<Record<UncheckedFact['why'], string>> = {
  used: 'uses',
  released: 'unmaps',
  stored: 'stores',
  passed: 'passes',
  end: 'leaves',
  overwritten: 'maps again',
};
