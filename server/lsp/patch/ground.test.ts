import assert from 'node:assert/strict';
import type { Host } from '../../host/host.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { Files } from '../../review/files.ts';
import { PATCH_SCHEME } from '../messages.ts';
import { createGrounds } from './ground.ts';

describe('what patches of commits are applied to', () => {
  const nothing: Files & Host = {
    readText: (file) => ({ ok: false, problem: { file, reason: 'no such file' } }),
    readBytes: () => undefined,
    list: () => undefined,
    kind: () => 'missing',
  };
  const series = parsePatch('--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n', 'x');
  const made = (number: number, base: string): string =>
    `${PATCH_SCHEME}:/${number}/x.mbox?${encodeURIComponent(JSON.stringify({ folder: '/src', base }))}`;

  it('is opened once for a commit, and let go with the last document on it', () => {
    const opened: string[] = [];
    const uris = [made(1, 'a'.repeat(40)), made(2, 'a'.repeat(40)), made(3, 'b'.repeat(40))];
    const grounds = createGrounds({
      host: nothing,
      documents: { all: () => uris.map((uri) => ({ uri, version: 1, getText: () => '' })) },
      filesAt: (_folder, commit) => {
        opened.push(commit.slice(0, 1));
        return nothing;
      },
    });
    const ask = (): void => {
      for (const uri of uris) grounds.of(uri, series, '/src');
    };
    ask();
    ask();
    assert.deepEqual(opened, ['a', 'b']);
    grounds.close(uris.shift()!);
    ask();
    assert.deepEqual(opened, ['a', 'b'], 'another document stands on it');
    const last = uris.shift()!;
    grounds.close(last);
    uris.push(last);
    ask();
    assert.deepEqual(opened, ['a', 'b', 'a']);
  });

  it('is asked for again once the workspace is trusted', () => {
    let trusted = false;
    const uri = made(1, 'a'.repeat(40));
    const grounds = createGrounds({
      host: nothing,
      documents: { all: () => [] },
      filesAt: () => (trusted ? { ...nothing, readText: () => ({ ok: true, text: 'old' }) } : undefined), // prettier-ignore
    });
    assert.equal(grounds.of(uri, series, '/src').read('x.c'), undefined);
    trusted = true;
    assert.equal(grounds.of(uri, series, '/src').read('x.c'), 'old');
  });
});
