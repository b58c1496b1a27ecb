import assert from 'node:assert/strict';
import { iovet } from './iovet.ts';

describe('iovet, the command line itself', () => {
  it('prints help and version on standard output and ends with 0', () => {
    assert.match(iovet(['--version']).out, /^iovet \d+\.\d+\.\d+\n$/);
    const help = iovet(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.out, /Usage: iovet COMMAND/);
    assert.match(iovet(['lsp', '--help']).out, /Usage: iovet lsp --stdio/);
  });

  it('ends with 2 and the help on standard error when no command is named', () => {
    const { code, out, err } = iovet([]);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /Usage/);
  });

  it('suggests the nearest command and option, without a stack trace', () => {
    const command = iovet(['lps']);
    assert.equal(command.code, 2);
    assert.equal(command.err, 'iovet: no command named lps\n  help: did you mean lsp?\n');
    const option = iovet(['lsp', '--severty', 'info']);
    assert.equal(option.code, 2);
    assert.equal(
      option.err,
      'iovet: unknown option --severty\n  help: did you mean --severity? (error|warning|info)\n',
    );
  });
});
