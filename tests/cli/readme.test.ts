import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { iovet, root } from './iovet.ts';

const begin = '<!-- example -->';
const end = '<!-- end of example -->';
const driver = 'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c';

/** What the README shows: the command and its output, without the time it took. */
function example(): string {
  const { out, err } = iovet(['check', driver]);
  assert.equal(err, '');
  return `$ iovet check ${driver}\n${out.replace(/ · \d+\.\d s\n$/, '\n')}`;
}

describe('README.md', () => {
  it('shows what iovet prints about the example driver (UPDATE_EXPECT=1 rewrites it)', () => {
    const file = path.join(root, 'README.md');
    const page = fs.readFileSync(file, 'utf8');
    const from = page.indexOf(begin) + begin.length;
    const to = page.indexOf(end);
    assert.ok(from > begin.length && to > from);
    const expected = `\n\n\`\`\`\n${example()}\`\`\`\n\n`;
    if (process.env['UPDATE_EXPECT'] === '1') {
      fs.writeFileSync(file, page.slice(0, from) + expected + page.slice(to));
      return;
    }
    assert.equal(page.slice(from, to), expected);
  });
});
