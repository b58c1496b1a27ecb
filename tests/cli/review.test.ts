import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { iovet } from './iovet.ts';

const good = `#include <linux/dma-mapping.h>

int qcap_start(struct device *dev, void *buf, size_t len, dma_addr_t *out)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	*out = dma;
	return 0;
}
`;
const bad = good.replace('dma_mapping_error(dev, dma)', '!dma');
const file = 'drivers/accel/qcap/qcap.c';

describe('iovet review', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-review-'));
  const tree = path.join(folder, 'tree');
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  };
  const git = (...args: readonly string[]): string => {
    const run = spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: tree,
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
    return run.stdout;
  };
  const difference = (from: string, to: string): string => {
    write('from.c', from);
    write('to.c', to);
    const { stdout } = spawnSync('git', ['diff', '--no-index', 'from.c', 'to.c'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const hunks = stdout.slice(stdout.indexOf('\n@@') + 1);
    return `--- a/${file}\n+++ b/${file}\n${hunks}`;
  };
  const mail = (number: number, diff: string): string =>
    [
      'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001',
      'From: The Author <author@example.org>',
      `Subject: [PATCH ${number}/2] accel/qcap: change ${number}`,
      `Message-ID: <${number}@example.org>`,
      '',
      'Text.',
      '---',
      diff,
    ].join('\n');
  const read = (args: readonly string[]): Record<string, unknown> =>
    JSON.parse(iovet(['review', '--format', 'json', ...args], folder).out) as Record<
      string,
      unknown
    >;

  before(() => {
    write('tree/Makefile', 'VERSION = 7\nPATCHLEVEL = 3\n');
    write('tree/Kbuild', '');
    write('tree/include/linux/dma-mapping.h', '#define DMA_MAPPING_ERROR (~(dma_addr_t)0)\n');
    write(`tree/${file}`, good);
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'accel/qcap: start');
    write('bug.patch', difference(good, bad));
    write('series.mbox', `${mail(1, difference(good, bad))}\n${mail(2, difference(bad, good))}`);
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('reports what a patch introduces, with its line in the patch, and ends with 1', () => {
    const { code, out } = iovet(['review', '--tree', 'tree', 'bug.patch'], folder);
    assert.equal(code, 1);
    assert.match(out, /^bug\.patch +introduced 1$/m);
    assert.match(out, /^drivers\/accel\/qcap\/qcap\.c:7:6: error: .* \[dma-map-null-check\]$/m);
    assert.match(out, /^ {2}in the patch: bug\.patch:8$/m);
    const [finding] = read(['--tree', 'tree', 'bug.patch'])['findings'] as Record<
      string,
      unknown
    >[];
    assert.equal(finding?.['status'], 'introduced');
    assert.deepEqual(finding['patch'], { file: 'bug.patch', line: 8 });
  });

  it('says of a series which patch fixes what another one introduced', () => {
    const { code, out } = iovet(['review', '--tree', 'tree', 'series.mbox'], folder);
    assert.equal(code, 1);
    assert.match(out, /^\[PATCH 1\/2\] accel\/qcap: change 1 +introduced 1 \(fixed in 2\/2\)$/m);
    assert.match(out, /^\[PATCH 2\/2\] accel\/qcap: change 2 +fixed 1$/m);
    assert.match(out, /^whole series: 0 introduced, 0 fixed, 1 introduced and fixed again /m);
    assert.doesNotMatch(out, /patch-missing-fixes/);
  });

  it('reads standard input, and without a tree reviews what the hunks show', () => {
    const { code, out, err } = iovet(['review', '-'], folder, difference(good, bad));
    assert.equal(code, 1);
    assert.match(err, /no kernel tree: only what the hunks show is reviewed/);
    assert.match(out, /\[dma-map-null-check\]/);
  });

  it('prints a reply with the finding below its line, and nothing when there is nothing to say', () => {
    const { out } = iovet(['review', '--reply', '--tree', 'tree', 'bug.patch'], folder);
    assert.match(out, /^Subject: Re: bug\.patch$/m);
    assert.match(out, /^> \+\tif \(!dma\)\n.*\n\nqcap_start\(\) tests dma for 0, but/m);
    write('back.patch', difference(good, good.replace('return 0', 'return (0)')));
    const quiet = iovet(['review', '--reply', '--tree', 'tree', 'back.patch'], folder);
    assert.equal(quiet.out, '');
    assert.match(quiet.err, /nothing to reply to: 0 introduced, 0 fixed/);
  });

  it('does not count what the baseline has', () => {
    const log = iovet(['review', '--format', 'sarif', '--tree', 'tree', 'bug.patch'], folder).out;
    assert.match(log, /"baselineState": "new"/);
    write('known.sarif', log);
    const args = ['review', '--baseline', 'known.sarif', '--tree', 'tree', 'bug.patch'];
    const { code, out } = iovet(args, folder);
    assert.equal(code, 0);
    assert.match(out, /^existing: 1 finding on changed code, folded: the baseline has them$/m);
    assert.doesNotMatch(out, /unchanged code/);
    const [known] = read(args.slice(1))['findings'] as Record<string, unknown>[];
    assert.deepEqual([known?.['status'], known?.['inBaseline']], ['existing', true]);
  });

  it('says of findings that a comment allows that they are suppressed', () => {
    const allowed = bad.replace(
      'if (',
      '/* iovet: allow(dma-map-null-check): 0 is free */\n\tif (',
    );
    write('allowed.patch', difference(good, allowed));
    const { code, out } = iovet(['review', '--tree', 'tree', 'allowed.patch'], folder);
    assert.equal(code, 0);
    assert.match(out, /^0 introduced, 0 fixed · 1 allowed by comments · /m);
    const answer = read(['--tree', 'tree', 'allowed.patch']);
    const [finding] = answer['findings'] as Record<string, unknown>[];
    assert.equal(finding?.['status'], 'suppressed');
    assert.equal((answer['summary'] as Record<string, unknown>)['suppressed'], 1);
    const sarif = iovet(['review', '--format', 'sarif', '--tree', 'tree', 'allowed.patch'], folder);
    assert.match(sarif.out, /"suppressions": \[\s*\{\s*"kind": "inSource"/);
  });

  it('reviews commits and the working tree through git, and leaves index and working tree alone', () => {
    write(`tree/${file}`, bad);
    const index = fs.readFileSync(path.join(tree, '.git/index'));
    const uncommitted = iovet(['review', '--worktree'], tree);
    assert.equal(uncommitted.code, 1);
    assert.match(uncommitted.out, /^working tree +introduced 1$/m);
    assert.deepEqual(fs.readFileSync(path.join(tree, '.git/index')), index);
    git('commit', '-qam', 'accel/qcap: test the address');
    const commit = git('rev-parse', 'HEAD').slice(0, 12);
    const { out } = iovet(['review', '--git', 'HEAD~1..HEAD'], tree);
    assert.match(out, new RegExp(`in the patch: HEAD~1\\.\\.HEAD:\\d+ \\(commit ${commit}\\)`));
    write(`tree/${file}`, good);
    git('commit', '-qam', 'accel/qcap: ask dma_mapping_error()');
    const fixed = iovet(['review', '--git', 'HEAD'], tree);
    assert.equal(fixed.code, 0);
    assert.match(fixed.out, new RegExp(`Fixes: ${commit} \\("accel/qcap: test the address"\\)`));
  });

  it('says what it cannot use, and ends with 2', () => {
    const error = (args: readonly string[]): string => {
      const { code, err } = iovet(['review', ...args], folder);
      assert.equal(code, 2);
      return err;
    };
    assert.match(error([]), /review: nothing named/);
    assert.match(error(['none.patch']), /none\.patch: no such file/);
    assert.match(error(['--tree', 'tree', '--git', 'v9.9']), /git does not know v9\.9/);
    fs.mkdirSync(path.join(folder, 'new'));
    spawnSync('git', ['init', '-q'], { cwd: path.join(folder, 'new') });
    assert.match(
      error(['--tree', 'new', '--worktree']),
      /--worktree: the repository has no commit yet/,
    );
    write('evil.patch', difference(good, bad).replaceAll(`/${file}`, '/../../etc/passwd'));
    assert.match(error(['--tree', 'tree', 'evil.patch']), /evil\.patch:1: .*etc\/passwd/);
    write('late.patch', difference(good, bad).replace('struct device', 'struct devices'));
    write('late.patch', fs.readFileSync(path.join(folder, 'late.patch'), 'utf8').replaceAll('dma_mapping_error', 'dma_other_error')); // prettier-ignore
    assert.match(error(['--tree', 'tree', 'late.patch']), /hunk 1 of .*qcap\.c .*does not apply/);
  });
});
