import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openGit } from './git.ts';
import { commitOfLines } from './gitBlame.ts';
import { commitPatches, topOf, worktreePatch } from './gitPatches.ts';

describe('patches from git', () => {
  let folder = '';
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    const ran = spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  };
  const commit = (text: string): string => {
    fs.writeFileSync(path.join(folder, 'sub/a.c'), text);
    git('add', '.');
    git('commit', '-q', '-m', `say ${text.trim()}`);
    return git('rev-parse', 'HEAD');
  };
  const commits: string[] = [];

  before(function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-patches-')));
    fs.mkdirSync(path.join(folder, 'sub'));
    git('init', '-q');
    commits.push(commit('int a;\n'), commit('int b;\n'), commit('int c;\n'));
    fs.writeFileSync(path.join(folder, 'sub/a.c'), 'int d;\n');
  });

  after(() => {
    if (folder !== '') fs.rmSync(folder, { recursive: true, force: true });
  });

  const inSub = () => openGit(path.join(folder, 'sub'));

  it('are the commits of a range, oldest first, with the commit below them', async () => {
    const made = await commitPatches(inSub(), `${commits[0]!}..HEAD`);
    assert.ok(made.ok);
    assert.equal(made.base, commits[0]);
    assert.deepEqual(
      [...made.text.matchAll(/^Subject: \[PATCH\] (.*)$/gm)].map(([, subject]) => subject),
      ['say int b;', 'say int c;'],
    );
    assert.match(made.text, /^\+\+\+ b\/sub\/a\.c$/m);
  });

  it('tell how many commits there are and how many were written', async () => {
    const heard: [number, number][] = [];
    const progress = (done: number, total: number): void => void heard.push([done, total]);
    const made = await commitPatches(inSub(), `${commits[0]!}..HEAD`, { progress });
    assert.ok(made.ok && made.merges === 0);
    assert.deepEqual(heard[0], [0, 2]);
    assert.deepEqual(heard.at(-1), [2, 2]);
    const cancelled = await commitPatches(inSub(), 'HEAD', { signal: AbortSignal.abort() });
    assert.deepEqual(cancelled, { ok: false, reason: 'cancelled' });
  });

  it('are none for a merge, which a range leaves out and counts', async () => {
    git('checkout', '-q', '-b', 'side', commits[1]!, '-f');
    fs.writeFileSync(path.join(folder, 'b.c'), 'int b;\n');
    git('add', '.');
    git('commit', '-q', '-m', 'beside');
    git('merge', '-q', '-m', 'both', commits[2]!);
    const merge = git('rev-parse', 'HEAD');
    git('checkout', '-q', commits[2]!);
    fs.writeFileSync(path.join(folder, 'sub/a.c'), 'int d;\n');
    const alone = await commitPatches(inSub(), merge);
    assert.deepEqual(alone, { ok: false, reason: 'a merge has no patch of its own' });
    const range = await commitPatches(inSub(), `${commits[2]!}..${merge}`);
    assert.ok(range.ok && range.merges === 1 && range.text.includes('beside'));
  });

  it('name the newest commit that brought some lines', () => {
    const head = commits[2]!.slice(0, 12);
    assert.equal(commitOfLines(folder, 'HEAD', 'sub/a.c', [1, 1]), `${head} ("say int c;")`);
    assert.equal(commitOfLines(folder, undefined, 'sub/a.c', [1]), undefined);
    assert.equal(commitOfLines(folder, 'HEAD', 'none.c', [1]), undefined);
  });

  it('are one commit where one is named, the first one on the empty tree', async () => {
    const last = await commitPatches(inSub(), 'HEAD');
    assert.ok(last.ok && last.base === commits[1]);
    const first = await commitPatches(inSub(), commits[0]!);
    assert.ok(first.ok);
    assert.match(first.base, /^4b825dc6/);
  });

  it('are the working tree against HEAD, and leave the index alone', async () => {
    const index = fs.readFileSync(path.join(folder, '.git/index'));
    const made = await worktreePatch(inSub());
    assert.ok(made.ok && made.base === commits[2]);
    assert.match(made.text, /^-int c;\n\+int d;$/m);
    assert.deepEqual(fs.readFileSync(path.join(folder, '.git/index')), index);
    assert.deepEqual(await topOf(inSub()), { ok: true, folder });
  });

  it('are none for what git does not know, and no option slips in', async () => {
    const unknown = await commitPatches(inSub(), 'v1..v2');
    assert.ok(!unknown.ok && unknown.reason.includes('v1..v2'));
    const empty = await commitPatches(inSub(), 'HEAD..HEAD');
    assert.deepEqual(empty, { ok: false, reason: 'no commit in it' });
    assert.equal((await commitPatches(inSub(), '--output=stolen')).ok, false);
    assert.equal(fs.existsSync(path.join(folder, 'sub/stolen')), false);
    assert.equal((await topOf(openGit(os.tmpdir()))).ok, false);
  });
});
