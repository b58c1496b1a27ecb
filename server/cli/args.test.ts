import assert from 'node:assert/strict';
import { countOf, readArgs } from './args.ts';
import { type Option, UsageError } from './command.ts';

const options: readonly Option[] = [{ name: 'files-from', value: 'FILE', help: 'paths to check' }];

describe('readArgs', () => {
  it('keeps operands in order and knows - as standard input', () => {
    const args = readArgs(['b.c', '--strict', '-', '--', '--odd.c'], options);
    assert.deepEqual(args.operands, ['b.c', '-', '--odd.c']);
    assert.equal(args.has('strict'), true);
    assert.equal(args.has('preview'), false);
  });

  it('splits lists at commas and collects repeats', () => {
    const args = readArgs(['--rules', 'a, b', '--rules=c'], options);
    assert.deepEqual(args.list('rules'), ['a', 'b', 'c']);
  });

  it('names the nearest option and its values', () => {
    assert.throws(
      () => readArgs(['--severty', 'info'], options),
      (error) =>
        error instanceof UsageError &&
        error.message === 'unknown option --severty' &&
        error.help === 'did you mean --severity? (error|warning|info)',
    );
  });

  it('refuses a missing value, a value for a flag and an unknown choice', () => {
    for (const argv of [
      ['--tree'],
      ['--tree', '--strict'],
      ['--tree='],
      ['--strict=yes'],
      ['--format', 'jsn'],
    ]) {
      assert.throws(() => readArgs(argv, options), UsageError, argv.join(' '));
    }
  });

  it('takes only whole numbers from 1 on for a count', () => {
    assert.equal(countOf(readArgs(['--jobs', '2'], options), 'jobs'), 2);
    for (const value of ['0', '-1', '1.5', 'two', '1e3']) {
      assert.throws(() => countOf(readArgs([`--jobs=${value}`], options), 'jobs'), UsageError);
    }
  });
});
