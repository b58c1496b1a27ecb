import assert from 'node:assert/strict';
import { parsePatch } from '../../patch/parseSeries.ts';
import { changeWithoutTree } from '../../patch/withoutTree.ts';
import { hunkText, type HunkText } from './hunkText.ts';

/** The after side of a one-file patch, as it is handed to the parser. */
function after(hunks: readonly string[]): HunkText {
  const text = ['--- a/drivers/x.c', '+++ b/drivers/x.c', ...hunks, ''].join('\n');
  const [patch] = parsePatch(text, 'x.patch').patches;
  const [file] = changeWithoutTree(patch!).files;
  return hunkText(file!, 'after');
}

const code = ({ text }: HunkText): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');

describe('hunkText', () => {
  it('gives statements the function that the section names, on their own lines', () => {
    const made = after([
      '@@ -10,3 +10,3 @@ static int start(struct device *dev)',
      ' \tint ret;',
      '-\tret = a();',
      '+\tret = b();',
      ' \tc();',
    ]);
    assert.equal(
      code(made),
      ' static int start(struct device *dev) {\n\tint ret;\n\tret = b();\n\tc(); }',
    );
    assert.equal(made.text.split('\n')[10], '\tret = b();');
    assert.deepEqual(made.partial, [{ name: 'start', seen: [{ first: 10, last: 12 }] }]);
  });

  it('keeps whole parameters of a section that was cut, and says that there are more', () => {
    const made = after([
      '@@ -10,2 +10,2 @@ static long get(struct mm_struct *mm, unsigned long va',
      '-\ta();',
      '+\tb();',
      ' \tc();',
    ]);
    assert.match(code(made), /^ static long get\(struct mm_struct \*mm, \.\.\.\) \{/);
  });

  it('opens the blocks that the hunk closes, and takes a later hunk for the same function', () => {
    const made = after([
      '@@ -10,3 +10,3 @@ static int start(void)',
      '-\t\ta();',
      '+\t\tb();',
      ' \t}',
      ' \tc();',
      '@@ -30,3 +30,3 @@ static int start(void)',
      '-\td();',
      '+\te();',
      ' \treturn 0;',
      ' }',
    ]);
    assert.equal(
      code(made),
      ' static int start(void) { if (iovet_unseen()) {\n\t\tb();\n\t}\n\tc();\n\te();\n\treturn 0;\n}',
    );
    assert.equal(made.partial.length, 1);
  });

  it('takes a function that the hunk shows whole as it is', () => {
    const made = after([
      '@@ -5,2 +5,7 @@ static int before(void)',
      ' \treturn 0;',
      ' }',
      '+',
      '+static int added(void)',
      '+{',
      '+\treturn 1;',
      '+}',
    ]);
    assert.deepEqual(
      made.partial.map(({ name }) => name),
      ['before'],
    );
    assert.match(code(made), /static int added\(void\)\n\{\n\treturn 1;\n\}$/);
  });

  it('drops the rest of a statement that began above, and the begin of one that ends below', () => {
    const made = after([
      '@@ -10,4 +10,4 @@ static int start(void)',
      ' \t\t  first, second);',
      '-\ta();',
      '+\tb();',
      ' \tc(one,',
      ' \t  two,',
    ]);
    assert.equal(code(made), ' static int start(void) {\n\tb();\n }');
  });

  it('ends a comment that began above', () => {
    const made = after([
      '@@ -10,4 +10,4 @@',
      '  * of the ring.',
      '  */',
      '-int first;',
      '+int second;',
      ' int third;',
    ]);
    assert.equal(code(made), ' /*\n * of the ring.\n */\nint second;\nint third;');
    assert.deepEqual(made.partial, []);
  });
});
