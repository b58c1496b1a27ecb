import assert from 'node:assert/strict';
import type { TableDump } from '../../../model/scenario/tableDump.ts';
import { simulatedTables, storesBetween } from './tableForm.ts';

const dump = (words: Readonly<Record<number, number>>): TableDump => ({
  ...{ pfn: 0x100000, level: 0, bytes: 4096 },
  words: new Map(Object.entries(words).map(([n, lo]) => [Number(n), { lo, hi: 0 }])),
});

describe('tables of a simulation', () => {
  it('are told by what was stored from one step to the next', () => {
    const stores = storesBetween([dump({ 0: 0x1003, 1: 0x2003 })], [dump({ 1: 0x2003, 2: 0x3003 })], 'vtdss'); // prettier-ignore
    assert.deepEqual(stores, [
      {
        ...{ physical: '0x100000000', index: 0, count: 1, text: '4 KiB leaf to 0x1000 -> empty' },
        ...{ bits: undefined, old: '0x1003' },
      },
      {
        ...{ physical: '0x100000000', index: 2, count: 1, text: 'empty -> 4 KiB leaf to 0x3000' },
        bits: '0x3003',
      },
    ]);
  });

  it('begin with all that the first step finds', () => {
    assert.equal(storesBetween([], [dump({ 0: 0x1003, 5: 0x2003 })], 'vtdss').length, 2);
    assert.deepEqual(storesBetween([dump({ 0: 0x1003 })], [dump({ 0: 0x1003 })], 'vtdss'), []);
  });

  it('say which addresses they translate', () => {
    const [table] = simulatedTables([dump({ 3: 0x1003 })], 'vtdss');
    assert.equal(table!.iova, '0x0');
    assert.equal(table!.entries[0]!.iova, '0x3000');
  });
});
