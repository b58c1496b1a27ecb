import assert from 'node:assert/strict';
import { watchedDriver } from '../../../tests/simulate/smallDriver.ts';
import type { Asked } from '../../../tests/simulate/smallDriver.ts';
import { gatherText } from './gatherText.ts';
import type { LoggedGather } from './runLog.ts';

/** Each kind of step with what the gather holds after it, where that changes. */
function told(asked: Asked): string[] {
  const { steps } = watchedDriver(asked).pictures();
  return steps.map(({ kind, text }) => (kind === 'gather' ? text : kind));
}

describe('the gather of a run', () => {
  it('is read where it was made ready, before the driver is asked to flush it, and is gone with its function', () => {
    assert.deepEqual(told({ entry: 'unmap', args: [1] }), [
      'top',
      'the gather is empty',
      'store',
      'the gather holds 0x1000-0x1fff',
      'driver',
      'the gather is gone',
    ]);
  });

  it('tells of tables that wait to be freed', () => {
    const steps = told({ entry: 'remove_table', args: [0] });
    const waits = steps.indexOf('the gather holds 0x0-0x1fffff, 1 table waits to be freed');
    assert.ok(waits > 0, steps.join());
    assert.deepEqual(steps.slice(waits + 1), ['driver', 'free', 'the gather is gone']);
  });

  it('is the one that the entry was handed, and outlives it', () => {
    assert.deepEqual(told({ entry: 'unmap_for_caller', args: [1], gather: true }), [
      'top',
      'the gather is empty',
      'store',
      'the gather holds 0x1000-0x1fff',
    ]);
  });
});

describe('a gather in words', () => {
  const gather: LoggedGather = {
    ...{ start: 0x1000n, last: 0x2fffn, pageSize: undefined, levels: undefined },
    ...{ waiting: 0, queued: false },
  };
  for (const [more, text] of [
    [{}, 'the gather holds 0x1000-0x2fff'],
    [{ pageSize: 0x1000n }, 'the gather holds 0x1000-0x2fff, page size 0x1000'],
    [{ start: 0xffffn, last: 0n }, 'the gather is empty'],
    [
      { start: 0xffffn, last: 0n, waiting: 2 },
      'the gather holds no range, 2 tables wait to be freed',
    ],
    [
      { levels: { leaves: 1, tables: 6 } },
      'the gather holds 0x1000-0x2fff, leaves of level 0, tables of level 1 and 2',
    ],
    [{ queued: true }, 'the gather holds 0x1000-0x2fff, queued: a flush of everything comes later'],
  ] as const) {
    it(text, () => {
      assert.equal(gatherText({ ...gather, ...more }), text);
    });
  }
});
