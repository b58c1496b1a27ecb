import assert from 'node:assert/strict';
import type { Entry, Host } from '../../host/host.ts';
import { walkSources } from '../../host/sourceWalk.ts';
import { shownByCheck } from '../../review/settle.ts';
import type { SessionSettings } from '../../review/session.ts';
import { assemble } from './assemble.ts';
import type { Outcome } from './job.ts';
import type { Targets } from './targets.ts';

const settings: SessionSettings = {
  tree: '/linux',
  root: '/linux',
  kernel: undefined,
  selection: {},
  shown: shownByCheck,
};
const kernel = { version: '7.3', source: 'newest' } as const;
const targets = (files: readonly string[], named: readonly string[] = []): Targets => ({
  files,
  named: new Set(named),
  notLookedAt: [],
  unusable: [],
  problems: [],
});
const unreadable = (file: string, reason: string): Outcome => ({
  kind: 'unreadable',
  problem: { file, reason },
});

describe('assemble', () => {
  it('names a file of a folder that vanished, and counts binary ones', () => {
    const { review, unusable } = assemble(
      targets(['/linux/a.c', '/linux/b.c']),
      [unreadable('a.c', 'no such file'), unreadable('b.c', 'not text (NUL at byte 1)')],
      settings,
      kernel,
    );
    assert.deepEqual(unusable, []);
    assert.deepEqual(review.incomplete, [{ file: 'a.c', reason: 'no such file' }]);
    assert.deepEqual(review.notLookedAt, [{ what: 'binary', count: 1 }]);
  });

  it('takes a named file that cannot be read for unusable input', () => {
    const { review, unusable } = assemble(
      targets(['/linux/a.c'], ['/linux/a.c']),
      [unreadable('a.c', 'no permission to read it')],
      settings,
      kernel,
    );
    assert.equal(unusable.length, 1);
    assert.deepEqual(review.incomplete, []);
  });
});

describe('walkSources over a folder without permission', () => {
  it('names the folder and goes on', () => {
    const tree: Readonly<Record<string, readonly Entry[] | undefined>> = {
      '/linux': [
        { name: 'secret', kind: 'folder' },
        { name: 'z.c', kind: 'file' },
      ],
    };
    const host: Host = {
      list: (path) => tree[path],
      kind: () => 'file',
      readText: (file) => ({ ok: false, problem: { file, reason: 'no such file' } }),
      readBytes: () => undefined,
    };
    const walk = walkSources(host, '/linux', { tests: 'skip' });
    assert.deepEqual(walk.sources, ['/linux/z.c']);
    assert.deepEqual(walk.problems, [
      { file: '/linux/secret', reason: 'no permission to list the folder' },
    ]);
  });
});
