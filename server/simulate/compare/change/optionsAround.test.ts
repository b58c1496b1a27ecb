import assert from 'node:assert/strict';
import { optionsAround } from './optionsAround.ts';

function around(text: string): Record<string, string> {
  const lines = text.split('\n');
  const wanted = lines.flatMap((line, i) => (line.includes('here') ? [i + 1] : []));
  return Object.fromEntries(optionsAround(text, new Set(wanted)));
}

describe('optionsAround', () => {
  it('finds what single options decide, in each form of a condition', () => {
    assert.deepEqual(around('#ifdef CONFIG_A\nhere\n#endif'), { A: '1' });
    assert.deepEqual(around('#ifndef CONFIG_A\nhere\n#endif'), { A: 'n' });
    assert.deepEqual(around('#if defined(CONFIG_A) /* rare */\nhere\n#endif'), { A: '1' });
    assert.deepEqual(around('# if !IS_ENABLED(CONFIG_A)\nhere\n#endif'), { A: 'n' });
    assert.deepEqual(around('#ifdef CONFIG_A\n#else\nhere\n#endif'), { A: 'n' });
  });

  it('takes all that is around a line, and nothing beside it', () => {
    const text =
      '#ifdef CONFIG_A\n#ifdef CONFIG_B\n#endif\n#ifdef CONFIG_C\nhere\n#endif\n#endif\n';
    assert.deepEqual(around(text), { A: '1', C: '1' });
  });

  it('does not guess what more than one option decides', () => {
    assert.deepEqual(around('#if defined(CONFIG_A) && B > 2\nhere\n#endif'), {});
    assert.deepEqual(around('#ifdef CONFIG_A\n#elif defined(CONFIG_B)\nhere\n#endif'), {});
  });
});
