import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openGit } from './git.ts';
import { openObjects } from './gitObjects.ts';
import { commitFiles } from './gitTree.ts';

describe('git', () => {
  let folder = '';
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    const ran = spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  };
  const write = (name: string, content: string | Uint8Array): void => {
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  };

  before(function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-git-')));
    git('init', '-q');
    write('a.c', 'int a;\n');
    write('include/linux/x.h', 'int x;\n');
    write('include/latin.h', Buffer.from('/* ä */', 'latin1'));
    write('include/nul.h', 'a\0b');
    write('include/odd\nname.h', 'int odd;\n');
    write('large.h', `${'x'.repeat(300_000)}\n`);
    fs.symlinkSync('/etc/passwd', path.join(folder, 'link.h'));
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    write('a.c', 'int changed;\n');
  });

  after(() => {
    if (folder !== '') fs.rmSync(folder, { recursive: true, force: true });
  });

  describe('a command', () => {
    const slow = ['-c', 'alias.wait=!sleep 2', 'wait'];

    it('says what git says, good or bad', async () => {
      const said = await openGit(folder).run(['cat-file', 'blob', 'HEAD:a.c']);
      assert.deepEqual(said, { ok: true, text: 'int a;\n' });
      const bad = await openGit(folder).run(['cat-file', 'blob', 'HEAD:b.c']);
      assert.ok(!bad.ok && bad.reason.includes("path 'b.c' does not exist"));
      const gone = await openGit(path.join(folder, 'gone')).run(['version']);
      assert.deepEqual(gone, { ok: false, reason: 'no such folder' });
    });

    it('ends after its time, and when nobody wants it any more', async () => {
      const late = await openGit(folder).run(slow, { seconds: 0.1 });
      assert.deepEqual(late, { ok: false, reason: 'git took longer than 0.1 s' });
      const controller = new AbortController();
      const started = openGit(folder).run(slow, { signal: controller.signal });
      setTimeout(() => {
        controller.abort();
      }, 50);
      assert.deepEqual(await started, { ok: false, reason: 'cancelled' });
    });

    it('fetches nothing, asks nothing and leaves the index alone', async () => {
      const said = await openGit(folder).run(['-c', 'alias.e=!env', 'e']);
      assert.ok(said.ok);
      for (const setting of [
        'GIT_NO_LAZY_FETCH=1',
        'GIT_ALLOW_PROTOCOL=none',
        'GIT_OPTIONAL_LOCKS=0',
        'GIT_TERMINAL_PROMPT=0',
      ]) {
        assert.ok(said.text.split('\n').includes(setting), setting);
      }
    });
  });

  describe('the files of a commit', () => {
    const files = () => commitFiles(openGit(folder), folder, 'HEAD');
    const reason = (name: string): string => {
      const read = files().readText(path.join(folder, name));
      return read.ok ? read.text : read.problem.reason;
    };

    it('are as they were committed, whatever is on disk', () => {
      const read = files();
      const textOf = (name: string) => read.readText(path.join(folder, name));
      assert.deepEqual(textOf('a.c'), { ok: true, text: 'int a;\n', lossy: false });
      assert.deepEqual(textOf('include/linux/x.h'), { ok: true, text: 'int x;\n', lossy: false });
      assert.deepEqual(textOf('include/latin.h'), { ok: true, text: '/* ä */', lossy: true });
      assert.deepEqual(textOf('include/odd\nname.h'), { ok: true, text: 'int odd;\n', lossy: false }); // prettier-ignore
      const large = textOf('large.h');
      assert.ok(large.ok && large.text.length === 300_001);
    });

    it('are none where there is no text, and links are not followed', () => {
      assert.equal(reason('include/nul.h'), 'not text (NUL at byte 2)');
      for (const name of ['b.c', 'link.h', 'include', 'gone/x.h', 'a.c/x.h', '../a.c', '.'])
        assert.equal(reason(name), 'no such file in the commit', name);
      const other = commitFiles(openGit(folder), folder, 'nothing');
      assert.equal(other.readText(path.join(folder, 'a.c')).ok, false);
    });

    it('are listed folder by folder', () => {
      const kinds = (name: string) =>
        files()
          .list(path.join(folder, name))
          ?.map((entry) => `${entry.name} ${entry.kind}`);
      assert.deepEqual(kinds(''), ['a.c file', 'include folder', 'large.h file', 'link.h link']);
      assert.deepEqual(kinds('include/linux'), ['x.h file']);
      assert.equal(kinds('a.c'), undefined);
      assert.equal(kinds('gone'), undefined);
      assert.equal(files().list('/'), undefined);
    });
  });

  it('gives objects again after its thread has ended', async () => {
    const objects = openObjects(folder, 0.02);
    for (let i = 0; i < 3; i++) {
      const read = objects.read('HEAD:a.c');
      assert.ok(read.ok && read.kind === 'blob' && read.bytes.length === 7);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(objects.read('HEAD:a\nHEAD'), { ok: false, reason: 'not a name of git' });
    const nowhere = openObjects(path.join(folder, 'gone')).read('HEAD');
    assert.equal(nowhere.ok, false);
  });
});
