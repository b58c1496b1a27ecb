import assert from 'node:assert/strict';
import { subjectParts } from './subject.ts';

describe('subjects', () => {
  const cases: readonly [string, Partial<ReturnType<typeof subjectParts>>][] = [
    ['[PATCH] a: b', { name: 'a: b', version: 1, patch: true, reply: false }],
    ['[PATCH v4 2/2] a', { name: 'a', version: 4, number: 2, total: 2 }],
    [
      '[RFC PATCH net-next v2 00/12] a',
      { name: 'a', version: 2, number: 0, total: 12, patch: true },
    ],
    ['[PATCHv3 07/15] a', { version: 3, number: 7, total: 15 }],
    ['[PATCH RESEND 1/3] [drm] a', { name: 'a', number: 1, total: 3 }],
    ['Re: [PATCH 6.12 003/200] a', { name: 'a', number: 3, total: 200, reply: true, version: 1 }],
    ['Re: Re[2]: AW: [PATCH v2] a', { name: 'a', reply: true, version: 2 }],
    ['Fwd: [PATCH] a', { name: 'a', reply: false, patch: true }],
    ['[linux-iommu] [PATCH 1/2] a [sic]', { name: 'a [sic]', number: 1, total: 2 }],
    ['a: b [PATCH 1/2]', { name: 'a: b [PATCH 1/2]', patch: false }],
    ['', { name: '', patch: false }],
  ];
  for (const [subject, expected] of cases)
    it(subject === '' ? 'an empty one' : subject, () => {
      const parts = subjectParts(subject);
      assert.deepEqual({ ...parts, ...expected }, parts);
    });
});
