import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'test-fixtures/checkers');
const compiler = spawnSync('cc', ['--version']).status === 0 ? 'cc' : undefined;

/** A fixture that is not C would test nothing. Calls into the invented driver stay undeclared. */
describe('rule fixtures are C', () => {
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.c') || fs.readFileSync(path.join(folder, file), 'utf8').includes('\n//- '))
      continue;
    it(file, function () {
      if (compiler === undefined) {
        console.log('      no C compiler here: not checked');
        this.skip();
      }
      const { status, stderr } = spawnSync(
        compiler,
        [
          ...['-x', 'c', '-std=gnu11', '-fsyntax-only', '-nostdinc', '-w'],
          ...['-include', path.join(root, 'tests/checkers/miniKernel.h')],
          path.join(folder, file),
        ],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
    });
  }
});
