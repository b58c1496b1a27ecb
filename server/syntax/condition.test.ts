import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judge } from './condition.ts';

describe('judge', () => {
  for (const [directive, condition, expected] of [
    ['if', '0', 'never'],
    ['if', '1', 'on'],
    ['if', '0 && defined(CONFIG_X)', 'never'],
    ['if', 'defined(CONFIG_X)', 'on'],
    ['if', '!defined CONFIG_X', 'off'],
    ['ifdef', 'CONFIG_X', 'on'],
    ['ifndef', 'CONFIG_X', 'off'],
    ['ifdef', 'CONFIG_CPU_BIG_ENDIAN', 'off'],
    ['ifdef', '__cplusplus', 'never'],
    ['ifndef', '__ASSEMBLY__', 'on'],
    ['ifdef', 'SOME_LOCAL_SWITCH', 'on'],
    ['ifndef', '_DRIVER_H', 'on'],
    ['if', 'IS_ENABLED(CONFIG_X) && !IS_ENABLED(CONFIG_Y)', 'off'],
    ['elif', 'BITS_PER_LONG == 32', 'off'],
    ['if', '(BITS_PER_LONG == 64) || defined(OTHER)', 'on'],
    ['if', 'PAGE_SHIFT > 014', 'off'],
    ['if', 'LINUX_VERSION_CODE >= KERNEL_VERSION(5, 4, 0)', 'on'],
    ['if', 'defined(CONFIG_A) ? 0 : 1', 'off'],
    ['if', '1 << 3 == 010 && -1 < 0 && ~0 != 0 && 7 % 4 == 3 && 7 / 2 == 3', 'on'],
    ['if', '1 / 0', 'never'],
    ['if', '((', 'on'],
    ['else', '', 'on'],
  ] as const) {
    it(`#${directive} ${condition}: ${expected}`, () => {
      assert.equal(judge(directive, condition), expected);
    });
  }

  it('gives a verdict on any text', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '!',
      '&&',
      '0',
      'defined',
      'CONFIG_X',
      'IS_ENABLED',
      '?',
      '@',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        assert.ok(['never', 'off', 'on'].includes(judge('if', pieces.join(' '))));
      }),
    );
  });
});
