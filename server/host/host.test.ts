import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findKernelTree } from './kernelTree.ts';
import { nodeHost } from './nodeHost.ts';
import { overlayHost } from './overlayHost.ts';
import { isTestPath, walkSources } from './sourceWalk.ts';
import { testSources } from './testObjects.ts';

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-host-')));
const write = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  return file;
};
after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('nodeHost', () => {
  it('reads UTF-8, falls back to Latin-1 and says so', () => {
    const utf8 = nodeHost.readText(write('utf8.c', '/* ä */'));
    assert.deepEqual(utf8, { ok: true, text: '/* ä */', lossy: false });
    const latin1 = nodeHost.readText(write('latin1.c', Buffer.from('/* ä */', 'latin1')));
    assert.deepEqual(latin1, { ok: true, text: '/* ä */', lossy: true });
  });

  it('names what is no text, and why a file cannot be read', () => {
    const reason = (file: string): string => {
      const read = nodeHost.readText(file);
      return read.ok ? 'ok' : read.problem.reason;
    };
    assert.equal(reason(write('nul.c', new Uint8Array([65, 0]))), 'not text (NUL at byte 2)');
    const noise = Uint8Array.from({ length: 1 << 16 }, (_, i) => ((i * 197) % 255) + 1);
    assert.match(reason(write('noise.c', noise)), /^not text \(1\d % control codes\)$/);
    assert.equal(reason(path.join(folder, 'none.c')), 'no such file');
    assert.equal(reason(folder), 'is a folder');
  });

  it('takes a link in a loop for missing', () => {
    fs.symlinkSync('loop.c', path.join(folder, 'loop.c'));
    assert.equal(nodeHost.kind(path.join(folder, 'loop.c')), 'missing');
  });
});

describe('overlayHost', () => {
  it('prefers open texts to what is on disk', () => {
    const file = write('open.c', 'disk');
    const overlay = overlayHost(nodeHost, new Map([[file, 'editor']]));
    assert.deepEqual(overlay.readText(file), { ok: true, text: 'editor', lossy: false });
    assert.equal(overlay.kind(file), 'file');
  });
});

describe('findKernelTree', () => {
  it('finds the nearest tree above a file or folder, and none outside', () => {
    write('linux/Makefile', 'VERSION = 7\nPATCHLEVEL = 3\n');
    write('linux/Kbuild', '');
    write('linux/include/linux/iommu.h', '');
    const file = write('linux/drivers/x/x.c', '');
    assert.equal(findKernelTree(nodeHost, file), path.join(folder, 'linux'));
    assert.equal(findKernelTree(nodeHost, path.join(folder, 'linux')), path.join(folder, 'linux'));
    assert.equal(findKernelTree(nodeHost, folder), undefined);
  });
});

describe('walkSources', () => {
  it('lists sources, counts other languages, skips tests and links to folders', () => {
    const names = ['a.c', 'b.h', 'c.rs', 'd.dts', 'Kconfig', 'e.S', 'x-test.c', 'deep/f.c', 'g.o'];
    for (const name of names) write(`walk/${name}`, '');
    fs.symlinkSync('..', path.join(folder, 'walk/deep/up'));
    const base = path.join(folder, 'walk');
    const walk = walkSources(nodeHost, base, { tests: 'skip' });
    assert.deepEqual(
      walk.sources.map((file) => path.relative(base, file)),
      ['a.c', 'b.h', 'deep/f.c'],
    );
    assert.deepEqual(
      walk.tests.map((file) => path.relative(base, file)),
      ['x-test.c'],
    );
    assert.deepEqual([...walk.others].sort(), [
      ['Kconfig', 1],
      ['Rust', 1],
      ['assembly', 1],
      ['device tree', 1],
    ]);
    assert.equal(walkSources(nodeHost, base, { tests: 'include' }).sources.length, 4);
  });
});

describe('testSources', () => {
  it('reads what a Makefile builds only for tests, parts of such objects included', () => {
    const makefile = [
      'obj-$(CONFIG_DMATEST) += dmatest.o',
      'obj-$(CONFIG_COMPILE_TEST) += real.o',
      'dmabuf_selftests-y := \\',
      '\tselftest.o \\',
      '\tst-dma-fence.o',
      'obj-$(CONFIG_DMABUF_SELFTESTS) += dmabuf_selftests.o',
      'iommufd-$(CONFIG_IOMMUFD_TEST) += selftest.o',
      'obj-$(CONFIG_PCI) += pci.o',
    ].join('\n');
    assert.deepEqual([...testSources(makefile)].sort(), [
      'dmabuf_selftests.c',
      'dmatest.c',
      'selftest.c',
      'st-dma-fence.c',
    ]);
  });
});

describe('isTestPath', () => {
  it('knows the names of kunit suites and selftests, and leaves look-alikes alone', () => {
    for (const name of [
      'tools/testing/selftests/iommu/iommufd.c',
      'drivers/iommu/iommufd/selftest.c',
      'drivers/iommu/io-pgtable-arm-selftests.c',
      'drivers/iommu/generic_pt/kunit_iommu.h',
      'drivers/net/vcap/vcap_api_kunit.c',
      'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-test.c',
    ]) {
      assert.equal(isTestPath(name), true, name);
    }
    for (const name of [
      'drivers/net/wireless/ath/testmode.c',
      'drivers/hid/latest.c',
      'drivers/gpu/contest.c',
    ]) {
      assert.equal(isTestPath(name), false, name);
    }
  });
});
