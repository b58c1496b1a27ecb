import assert from 'node:assert/strict';
import type { VectorOp } from '../../../model/scenario/vectorTypes.ts';
import { genericPtCase } from './genericPtCases.ts';

/** Steps of some cases that have a name. */
function steps(name: string, format: string): readonly VectorOp[] {
  return [1, 2, 3, 4, 5, 6].flatMap((seed) =>
    genericPtCase(format, seed).ops.filter(({ op }) => op === name),
  );
}

/** Address or length of an argument, as pages and what is left. */
interface Bytes {
  readonly pfn: number;
  readonly offset: number;
}

describe('operations at random on generic_pt', () => {
  for (const format of ['amdv1', 'x86_64', 'vtdss', 'riscv_64']) {
    it(`map single pages of ${format}, which have a way of their own`, () => {
      const single = steps('map', format).filter(({ args }) => {
        const { pfn, offset } = args['len'] as Bytes;
        return pfn === 1 && offset === 0;
      });
      assert.ok(single.length >= 5, String(single.length));
    });

    it(`look up in the middle of pages of ${format}`, () => {
      const lookups = steps('iova_to_phys', format);
      const found = lookups.filter(
        ({ args, expect }) =>
          (args['iova'] as Bytes).offset !== 0 && /[^0x]/.test(String(expect['phys'])),
      );
      assert.ok(found.length >= 1, `${found.length} of ${lookups.length}`);
    });
  }
});
