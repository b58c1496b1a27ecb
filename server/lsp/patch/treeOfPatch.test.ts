import assert from 'node:assert/strict';
import type { Host } from '../../host/host.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import { PATCH_SCHEME, type PatchOrigin } from '../messages.ts';
import { treeOfPatch } from './treeOfPatch.ts';

describe('the tree of a patch', () => {
  /** Two kernel trees with one driver each, and a folder that is none. */
  const files = new Set(
    ['/set', '/around'].flatMap((tree) => [`${tree}/Kbuild`, `${tree}/include/linux/x.h`]),
  ).add('/around/drivers/x.c');
  const host: Host = {
    readText: (file) =>
      file.endsWith('/Makefile')
        ? { ok: true, text: 'VERSION = 6\n', lossy: false }
        : { ok: false, problem: { file, reason: 'no such file' } },
    readBytes: () => undefined,
    list: () => undefined,
    kind: (path) =>
      files.has(path)
        ? 'file'
        : [...files].some((file) => file.startsWith(`${path}/`))
          ? 'folder'
          : 'missing',
  };
  const series = parsePatch('--- a/drivers/x.c\n+++ b/drivers/x.c\n@@ -1 +1 @@\n-a\n+b\n', 'x');
  const treeOf = (uri: string, kernelTree = ''): string | undefined =>
    treeOfPatch(uri, series, { host, kernelTree, folders: ['/elsewhere', '/around'] });
  const made = (origin: PatchOrigin): string =>
    `${PATCH_SCHEME}:/1/x.mbox?${encodeURIComponent(JSON.stringify(origin))}`;

  it('is the repository for commits, also where another tree is set', () => {
    const commits = made({ folder: '/around', base: 'a'.repeat(40) });
    assert.equal(treeOf(commits, '/set'), '/around');
    assert.equal(treeOf(commits), '/around');
    assert.equal(treeOf(made({ folder: '/driver', base: 'a'.repeat(40) }), '/set'), '/driver');
  });

  it('is the one that is set for all other patches, else the one around them or in the workspace', () => {
    assert.equal(treeOf('file:///around/x.patch', '/set'), '/set');
    assert.equal(treeOf(made({ folder: '/around' }), '/set'), '/set');
    assert.equal(treeOf('file:///around/mails/x.patch'), '/around');
    assert.equal(treeOf('untitled:x.patch'), '/around');
  });
});
