// `npm run mutation`: eleven sabotages of the page-table formats and algorithms; each must make the tests fail.
//
// Every sabotage is one edit of the compiled code in a copy of it. The copy runs the vectors, the restated kernel
// cases and the properties, as `npm test` does. An edit that no longer applies is an error: the list has to follow
// the code.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const MODEL = 'out/server/model';

/** File below the model, what to replace, by what, and what it breaks. */
const SABOTAGES = [
  {
    what: 'amdv1: the masks of IR and IW are swapped',
    file: 'fmt/amdv1.js',
    from: "const IR = flag('IR', 61,",
    to: "const IR = flag('IR', 62,",
    also: ["const IW = flag('IW', 62,", "const IW = flag('IW', 61,"],
  },
  {
    what: 'amdv1: a table entry names the level above its own',
    file: 'fmt/amdv1.js',
    from: 'lo: level << NEXT_LEVEL.first',
    to: 'lo: (level + 1) << NEXT_LEVEL.first',
  },
  {
    what: 'amdv1: MMIO is mapped with the encryption bit',
    file: 'fmt/amdv1.js',
    from: 'if ((prot & IOMMU_MMIO) === 0) {',
    to: 'if (true) {',
  },
  {
    what: 'vtdss: FORCE_WRITEABLE lets read-only mappings pass',
    file: 'fmt/vtdss.js',
    from: 'return writeOnly && (prot & IOMMU_WRITE) === 0 ? -ERRNO.EINVAL : 0;',
    to: 'return 0;',
  },
  {
    what: 'riscv_64: the size code of a 64 KiB leaf stays in its address',
    file: 'fmt/riscv64.js',
    from: 'if ((hi & N.mask.hi) === 0 ||',
    to: 'if ((hi & N.mask.hi) === 0 || true ||',
  },
  {
    what: 'map: leaves are not flushed for an incoherent walker',
    file: 'pt/mapRange.js',
    from: 'flushItems(table, pfn, first, index - first);',
    to: '',
  },
  {
    what: 'map: a table goes to the gather before its slot is cleared',
    file: 'pt/clearContig.js',
    from: 'store(mem, pfn, index + n, 0, 0);',
    to: '',
    also: [
      'gatherPending(table, gather, pending, granulesToAddr(table, va + n * span), granulesToAddr(table, span));',
      'gatherPending(table, gather, pending, granulesToAddr(table, va + n * span), granulesToAddr(table, span)); iommuIotlbSync(table.driver, gather); store(mem, pfn, index + n, 0, 0);',
    ],
    prepend: "import { iommuIotlbSync } from './iotlbGather.js';\n",
  },
  {
    what: 'unmap: a range that ends inside a table frees it',
    file: 'pt/unmapRange.js',
    from: 'return lastFull && modPow2(last + 1, lg2) === 0;',
    to: 'return true;',
  },
  {
    what: 'gather: ranges that touch count as disjoint',
    file: 'pt/iotlbGather.js',
    from: 'isBelow(next(last), iova)',
    to: 'isBelow(last, iova)',
  },
  {
    what: 'io-pgtable-arm: a removed table is freed without flushing walk caches',
    file: 'pt/ioPgtableArm.js',
    from: 'table.tlb.flushWalk(iova, table.spans[level] * PAGE_BYTES, granuleBytes(table.geometry));',
    to: '',
  },
  {
    what: 'walks: remembered entries are not compared with memory',
    file: 'pt/seenTable.js',
    from: 'return child.lo === lo && child.hi === hi;',
    to: 'return true;',
  },
];

const TESTS = ['out/server/model/scenario/vectors.test.js'];
for (const name of ['kunitFormat', 'kunitIommu', 'properties', 'cut', 'seenTables']) {
  TESTS.push(`out/tests/model/${name}.test.js`);
}

function fail(message) {
  console.error(`mutation: ${message}`);
  process.exit(1);
}

/** Applies one edit, which has to match exactly once. */
function edit(text, from, to, what) {
  const parts = text.split(from);
  if (parts.length !== 2) fail(`${what}: the code to change occurs ${parts.length - 1} times`);
  return parts.join(to);
}

function runTests(folder) {
  return spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/mocha/bin/mocha.js'),
      '--no-config',
      '--bail',
      '--reporter',
      'dot',
      '--timeout',
      '120000',
      ...TESTS,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
}

if (!fs.existsSync(path.join(root, MODEL))) fail('nothing is built: npm run build');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-mutation-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
for (const part of ['out/server', 'out/tests/model', 'test-fixtures/vectors']) {
  fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
}
fs.copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));

const sound = runTests(folder);
if (sound.status !== 0) fail(`the tests fail without any sabotage:\n${sound.stdout}`);
let survived = 0;
for (const sabotage of SABOTAGES) {
  const file = path.join(folder, MODEL, sabotage.file);
  const original = fs.readFileSync(file, 'utf8');
  let text = edit(original, sabotage.from, sabotage.to, sabotage.what);
  if (sabotage.also !== undefined) text = edit(text, ...sabotage.also, sabotage.what);
  fs.writeFileSync(file, (sabotage.prepend ?? '') + text);
  const { status, stdout } = runTests(folder);
  fs.writeFileSync(file, original);
  const by = /\n {2}1\) ([^\n]+)\n\s+([^\n]+)/.exec(stdout);
  if (status === 0) survived++;
  console.log(
    status === 0
      ? `SURVIVED  ${sabotage.what}`
      : `caught    ${sabotage.what}\n            by ${by === null ? 'a crash' : `${by[1]}: ${by[2]}`}`,
  );
}
console.log(`${SABOTAGES.length - survived} of ${SABOTAGES.length} sabotages caught`);
process.exit(survived === 0 ? 0 : 1);
