import assert from 'node:assert/strict';
import type { Status } from '../server/lsp/messages.ts';
import { statusText, statusTooltip } from './statusText.ts';

const tree: Status = {
  tree: '/src/linux',
  kernel: '7.3-rc7',
  kernelSource: 'tree',
  functions: 214,
  notAnalysed: 2,
};

describe('status item', () => {
  it('names the version, the functions, and loudly what was not analysed', () => {
    assert.equal(statusText('running', tree), 'iovet 7.3 · 214 functions, 2 not analysed');
    assert.equal(statusText('running', { ...tree, notAnalysed: 0 }), 'iovet 7.3 · 214 functions');
    assert.equal(
      statusTooltip('running', tree),
      'Contracts of 7.3-rc7, read from Makefile.\n/src/linux\n2 not analysed: click for the list.',
    );
  });

  it('says when there is no tree, unless a version is set', () => {
    const alone: Status = { ...tree, tree: '', kernelSource: 'newest', notAnalysed: 0 };
    assert.equal(
      statusText('running', alone),
      'iovet · no kernel tree, newest contracts · 214 functions',
    );
    const set: Status = { ...alone, kernel: '6.12', kernelSource: 'setting' };
    assert.equal(statusText('running', set), 'iovet 6.12 · 214 functions');
  });

  it('says when the server was given up', () => {
    assert.equal(statusText('stopped', tree), 'iovet · stopped');
  });
});
