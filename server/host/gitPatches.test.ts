import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openGit } from './git.ts';
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

  it('are the commits of a range, oldest first, with the commit below them', () => {
    const made = commitPatches(inSub(), `${commits[0]!}..HEAD`);
    assert.ok(made.ok);
    assert.equal(made.base, commits[0]);
    assert.deepEqual(
      [...made.text.matchAll(/^Subject: \[PATCH\] (.*)$/gm)].map(([, subject]) => subject),
      ['say int b;', 'say int c;'],
    );
    assert.match(made.text, /^\+\+\+ b\/sub\/a\.c$/m);
  });

  it('are one commit where one is named, the first one on the empty tree', () => {
    const last = commitPatches(inSub(), 'HEAD');
    assert.ok(last.ok && last.base === commits[1]);
    const first = commitPatches(inSub(), commits[0]!);
    assert.ok(first.ok);
    assert.match(first.base, /^4b825dc6/);
  });

  it('are the working tree against HEAD, and leave the index alone', () => {
    const index = fs.readFileSync(path.join(folder, '.git/index'));
    const made = worktreePatch(inSub());
    assert.ok(made.ok && made.base === commits[2]);
    assert.match(made.text, /^-int c;\n\+int d;$/m);
    assert.deepEqual(fs.readFileSync(path.join(folder, '.git/index')), index);
    assert.deepEqual(topOf(inSub()), { ok: true, folder });
  });

  it('are none for what git does not know, and no option slips in', () => {
    const unknown = commitPatches(inSub(), 'v1..v2');
    assert.ok(!unknown.ok && unknown.reason.includes('v1..v2'));
    const empty = commitPatches(inSub(), 'HEAD..HEAD');
    assert.deepEqual(empty, { ok: false, reason: 'no commit in it' });
    assert.equal(commitPatches(inSub(), '--output=stolen').ok, false);
    assert.equal(fs.existsSync(path.join(folder, 'sub/stolen')), false);
    assert.equal(topOf(openGit(os.tmpdir())).ok, false);
  });
});
