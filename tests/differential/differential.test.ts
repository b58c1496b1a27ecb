import assert from 'node:assert/strict';
import { compareProgram, hasGcc } from './compare.ts';

describe('generated C', () => {
  it('gives the results that gcc gives', function () {
    if (!hasGcc()) {
      console.log('    SKIPPED: no gcc to compare with');
      this.skip();
    }
    const { compared, differences } = compareProgram(20_261_120, 220);
    assert.equal(compared, 660);
    assert.deepEqual(differences, []);
  });
});
