import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { pullClient, type TestClient } from '../../../tests/lsp/client.ts';
import { mbox, placeOf, noGit, startPatchServer, uri } from '../../../tests/lsp/patchServer.ts';
import type { Git, GitResult, GitWatch } from '../../host/git.ts';
import {
  COMMITS,
  READING_COMMITS,
  TRUST,
  type CommitsText,
  type ReadingCommits,
} from '../messages.ts';

describe('commits in the language server', () => {
  let client: TestClient;
  let git: (folder: string) => Git = noGit;

  const start = (files?: ReadonlyMap<string, string>): void => {
    ({ client } = startPatchServer(files, git));
  };

  afterEach(() => {
    git = noGit;
    client.connection.dispose();
  });

  it('starts git for commits in trusted workspaces only, and hands on what it says', async () => {
    start();
    await client.initialize(pullClient, { ui: true, trusted: false });
    const ask = (): Promise<CommitsText> =>
      client.connection.sendRequest(COMMITS, { folder: '/src', range: 'HEAD~1..HEAD' });
    assert.deepEqual(await ask(), {
      ok: false,
      reason: 'the workspace is not trusted, git is not started',
    });
    await client.connection.sendNotification(TRUST);
    assert.deepEqual(await ask(), { ok: false, reason: 'git is not installed' });
  });

  it('answers everything else while git reads commits, says how far it is, and stops when told so', async () => {
    const asked: { readonly args: readonly string[]; readonly watch: GitWatch }[] = [];
    let answers: ((said: GitResult) => void)[] = [];
    const heard: (() => void)[] = [];
    git = () => ({
      ...noGit(),
      run: (args, watch = {}) =>
        new Promise((resolve) => {
          asked.push({ args, watch });
          answers.push(resolve);
          watch.signal?.addEventListener('abort', () => {
            resolve({ ok: false, reason: 'cancelled' });
          });
          heard.shift()?.();
        }),
    });
    start();
    await client.initialize(pullClient, { ui: true });
    client.open(uri, mbox);
    await client.pull(uri);
    const nextQuestion = (): Promise<void> =>
      new Promise((resolve) => {
        if (answers.length > 0) resolve();
        else heard.push(resolve);
      });
    const say = async (text: string): Promise<void> => {
      await nextQuestion();
      const [answer] = answers;
      answers = answers.slice(1);
      answer!({ ok: true, text });
    };
    const progress: [number, number][] = [];
    client.connection.onNotification(READING_COMMITS, ({ done, total }: ReadingCommits) => {
      progress.push([done, total]);
    });
    const cancel = new CancellationTokenSource();
    const params = { folder: '/src', range: 'a..b' };
    const read = client.connection.sendRequest<CommitsText>(COMMITS, params, cancel.token);
    await say('/src\n');
    await say(`${'1'.repeat(40)} ${'0'.repeat(40)}\n${'2'.repeat(40)} ${'1'.repeat(40)}\n`);
    await nextQuestion();
    assert.equal(asked.at(-1)!.args[0], 'log');
    asked.at(-1)!.watch.hear!(
      new TextEncoder().encode(`From ${'1'.repeat(40)} Mon Sep 17 00:00:00 2001\n`),
    );
    const flag = placeOf(mbox, '+\t\t\t IOMMU_WRITE | IOMMU_MMIO', 'IOMMU_MMIO');
    const hover = { textDocument: { uri }, position: flag };
    assert.ok((await client.connection.sendRequest('textDocument/hover', hover)) !== null);
    assert.deepEqual(progress, [
      [0, 2],
      [1, 2],
    ]);
    cancel.cancel();
    assert.deepEqual(await read, { ok: false, reason: 'cancelled' });
  });

  it('says how many merges are left out, and refuses what no editor takes', async () => {
    const said = ['/src\n', `1 0\n2 1\n3 1 2\n`, mbox];
    git = () => {
      let next = 0;
      return { ...noGit(), run: () => Promise.resolve({ ok: true, text: said[next++]! }) };
    };
    start();
    await client.initialize(pullClient, { ui: true });
    const ask = (): Promise<CommitsText> =>
      client.connection.sendRequest(COMMITS, { folder: '/src', range: 'a..b' });
    assert.deepEqual(await ask(), { ok: true, text: mbox, folder: '/src', base: '0', merges: 1 });
    said[2] = `${mbox}${' '.repeat(48 << 20)}`;
    const large = await ask();
    assert.ok(!large.ok && large.reason.startsWith('patches of 49 MiB are more than'));
  });
});
