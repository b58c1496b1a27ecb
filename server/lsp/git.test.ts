import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { textAtHead } from './git.ts';

describe('textAtHead', () => {
  let folder: string;
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    const { status, stderr } = spawnSync('git', [...identity, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  };

  before(function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-git-'));
    git('init', '-q');
    fs.mkdirSync(path.join(folder, 'sub'));
    fs.writeFileSync(path.join(folder, 'sub/a.c'), 'int a;\n');
    fs.writeFileSync(path.join(folder, '--help'), 'int b;\n');
    fs.writeFileSync(path.join(folder, 'latin.c'), Buffer.from([0x2f, 0x2f, 0xe4, 0x0a]));
    git('add', '--', '.');
    git('commit', '-q', '-m', 'first');
    fs.writeFileSync(path.join(folder, 'sub/a.c'), 'int changed;\n');
  });

  after(() => {
    if (folder !== '') fs.rmSync(folder, { recursive: true, force: true });
  });

  it('gives the committed text, not the one on disk', async () => {
    assert.equal(await textAtHead(path.join(folder, 'sub/a.c')), 'int a;\n');
  });

  it('takes a name that looks like an option for a name, and reads Latin-1', async () => {
    assert.equal(await textAtHead(path.join(folder, '--help')), 'int b;\n');
    assert.equal(await textAtHead(path.join(folder, 'latin.c')), '//\u00e4\n');
  });

  it('gives nothing for new files, missing folders and folders outside of git', async () => {
    fs.writeFileSync(path.join(folder, 'new.c'), '');
    assert.equal(await textAtHead(path.join(folder, 'new.c')), undefined);
    assert.equal(await textAtHead(path.join(folder, 'gone/a.c')), undefined);
    assert.equal(await textAtHead(path.join(os.tmpdir(), 'a.c')), undefined);
  });

  it('starts no program that the repository names', async () => {
    const mark = path.join(folder, 'ran');
    for (const key of ['core.fsmonitor', 'core.pager', 'diff.x.textconv', 'filter.x.smudge']) {
      git('config', key, `touch ${mark} #`);
    }
    fs.writeFileSync(path.join(folder, '.gitattributes'), '*.c diff=x filter=x\n');
    await textAtHead(path.join(folder, 'sub/a.c'));
    assert.equal(fs.existsSync(mark), false);
  });
});
