import assert from 'node:assert/strict';
import type { Asked } from '../../../tests/simulate/smallDriver.ts';
import { watchedDriver } from '../../../tests/simulate/smallDriver.ts';

/** What running an entry of the driver breaks. Each is one that breaks an invariant, or comes near and does not. */
function broken(asked: Asked): string[] {
  return watchedDriver(asked).violations.map(({ id }) => id);
}

describe('invariants of C that runs', () => {
  const cases: readonly (readonly [id: string, trips: Asked, near: Asked])[] = [
    ['I-REACH-1', { entry: 'unmap', args: [0] }, { entry: 'unmap', args: [1] }],
    ['I-REACH-1', { entry: 'give_iova_back', args: [1] }, { entry: 'give_iova_back', args: [0] }],
    ['I-REACH-1', { entry: 'give_iova_back', args: [1] }, { entry: 'give_iova_back', args: [2] }],
    ['I-REACH-2', { entry: 'unpin', args: [1] }, { entry: 'unpin', args: [0] }],
    ['I-LIFE-1', { entry: 'remove_table', args: [1] }, { entry: 'remove_table', args: [0] }],
    ['I-LIFE-2', { entry: 'remove_table', args: [2] }, { entry: 'remove_table', args: [0] }],
    [
      'I-FMT-1',
      // A leaf of 2 MiB whose address is not aligned to that, and one whose address is.
      { entry: 'put_entry', args: [0x80001083n] },
      { entry: 'put_entry', args: [0x80200083n] },
    ],
    ['I-FMT-2', { entry: 'map_and_forget', args: [1] }, { entry: 'map_and_forget', args: [0] }],
    [
      'I-COH-1',
      { entry: 'map_incoherent', args: [3], incoherent: true },
      { entry: 'map_incoherent', args: [7], incoherent: true },
    ],
    [
      'I-COH-2',
      { entry: 'map_incoherent', args: [6], incoherent: true },
      { entry: 'map_incoherent', args: [7], incoherent: true },
    ],
    [
      'I-COH-3',
      { entry: 'free_incoherent', args: [0], incoherent: true },
      { entry: 'free_incoherent', args: [1], incoherent: true },
    ],
    [
      'I-GATH-1',
      { entry: 'unmap_for_caller', args: [0], gather: true },
      { entry: 'unmap_for_caller', args: [1], gather: true },
    ],
    ['I-PAIR-1', { entry: 'consume', args: [0x1800] }, { entry: 'consume', args: [0x2000] }],
    ['I-PAIR-1', { entry: 'consume', args: [0x1800] }, { entry: 'consume_list', args: [] }],
    [
      'I-PAIR-2',
      { entry: 'unmap_with_page', args: [1], gather: true },
      { entry: 'unmap_with_page', args: [0], gather: true },
    ],
    [
      'I-TOP-1',
      { entry: 'grow', args: [1], format: 'amdv1' },
      { entry: 'grow', args: [0], format: 'amdv1' },
    ],
  ];
  for (const [id, trips, near] of cases) {
    it(`${id}: ${trips.entry}(${trips.args.join()}) breaks it, ${near.entry}(${near.args.join()}) does not`, () => {
      assert.ok(broken(trips).includes(id), broken(trips).join());
      assert.deepEqual(broken(near), []);
    });
  }
});
