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
    assert.equal(statusText('running', tree, null), 'iovet 7.3 · 214 functions, 2 not analysed');
    assert.equal(
      statusText('running', { ...tree, notAnalysed: 0 }, null),
      'iovet 7.3 · 214 functions',
    );
    assert.equal(
      statusTooltip('running', tree),
      'Contracts of 7.3-rc7, read from Makefile.\n/src/linux\n2 not analysed: click for the list.',
    );
  });

  it('says when there is no tree, unless a version is set', () => {
    const alone: Status = { ...tree, tree: '', kernelSource: 'newest', notAnalysed: 0 };
    assert.equal(
      statusText('running', alone, null),
      'iovet · no kernel tree, newest contracts · 214 functions',
    );
    const set: Status = { ...alone, kernel: '6.12', kernelSource: 'setting' };
    assert.equal(statusText('running', set, null), 'iovet 6.12 · 214 functions');
  });

  it('says how far a long review is', () => {
    assert.equal(statusText('running', tree, 61), 'iovet · indexing 61 %');
    assert.equal(statusText('running', undefined, 0), 'iovet · indexing 0 %');
    assert.equal(statusText('stopped', tree, 61), 'iovet · stopped');
  });

  it('says when the server was given up', () => {
    assert.equal(statusText('stopped', tree, null), 'iovet · stopped');
  });
});
