// `npm run demo:seed004 -- TREE`: the slides on generic_pt. What init refuses and how a table grows runs as C of the
// tree's fmt/iommu_*.c; how drivers embed a table and what is planned are scenarios.
import { isTree, load, machineOver } from '../treeChecks/support.mjs';
import { runScenarios } from './cRows.mjs';
import { kernelVersion, listedTree } from './support.mjs';

const [tree] = process.argv.slice(2);
if (tree === undefined || !isTree(tree)) {
  console.error('usage: npm run demo:seed004 -- TREE; TREE is a kernel tree');
  process.exit(2);
}

const FMT = 'drivers/iommu/generic_pt/fmt';
const FILE = `${FMT}/iommu_amdv1.c`;
const CORE = 'drivers/iommu/iommu.c';
const EINVAL = -22;
const EOPNOTSUPP = -95;

const address = (value) => ({
  pfn: Number(BigInt(value) / 4096n),
  offset: Number(BigInt(value) % 4096n),
});

/** A table of the tree's C; `features` are names after PT_FEAT_. */
async function table(format, features, { top = 2, bits = 64, device = true } = {}) {
  const { GenericPtInC, GENERIC_PT_DRIVER } = await load('simulate/conformance/genericPt.js');
  const files = [`${FMT}/iommu_${format}.c`, CORE, 'drivers/iommu/iommu-pages.c'];
  const machine = await machineOver(tree, files, GENERIC_PT_DRIVER);
  const one = (name) => machine.constant(`BIT(PT_FEAT_${name})`) ?? 0n;
  const feat = features.reduce((all, name) => all | one(name), 0n);
  const inC = new GenericPtInC(machine, format);
  const args = { feat: address(feat), vasz: bits, oasz: 52, top, nodev: device ? 0 : 1 };
  return { inC, made: inC.run({ op: 'init', args }) };
}

const USUAL = ['DYNAMIC_TOP', 'FLUSH_RANGE', 'AMDV1_ENCRYPT_TABLES', 'AMDV1_FORCE_COHERENCE'];

/** What init is asked for, and what it answers. */
const INITS = [
  { about: 'what the driver asks for', format: 'amdv1', features: USUAL, returns: 0 },
  {
    about: 'a feature of another format',
    ...{ format: 'amdv1', features: [...USUAL, 'SIGN_EXTEND'], returns: EOPNOTSUPP },
  },
  {
    about: 'without one that the build forces',
    ...{ format: 'amdv1', features: USUAL.slice(1), returns: EOPNOTSUPP },
  },
  {
    about: 'levels for 39 bits, 48 asked for',
    ...{ format: 'vtdss', features: ['FLUSH_RANGE'], with: { top: 2, bits: 48 } },
    returns: EOPNOTSUPP,
  },
  {
    about: 'levels for 48 bits, 48 asked for',
    ...{ format: 'vtdss', features: ['FLUSH_RANGE'], with: { top: 3, bits: 48 }, returns: 0 },
  },
  {
    about: 'an IOMMU that does not snoop, and no device to flush for',
    ...{ format: 'x86_64', features: ['FLUSH_RANGE', 'DMA_INCOHERENT'] },
    ...{ with: { top: 3, bits: 48, device: false }, returns: EINVAL },
  },
];

async function initRow({ about, format, features, with: options, returns }) {
  const { made } = await table(format, features, options);
  const wrong = made.ret !== returns;
  console.log(`  ${'S004-use3'.padEnd(12)} C         pt_iommu_${format}_init(): ${about}`);
  console.log(`  ${''.padEnd(12)}           ${wrong ? 'WRONG: ' : ''}returns ${made.ret}`);
  return wrong ? 1 : 0;
}

/** The top grows before an entry that needs it is written. */
async function growthRow() {
  const { inC } = await table('amdv1', USUAL);
  const seen = [];
  for (const iova of [0n, 1n << 40n, 1n << 60n]) {
    const args = { iova: address(iova), pa: address(0x100000n), len: address(4096n), prot: 3 };
    const { ret, events = [] } = inC.run({ op: 'map', args });
    const tops = events.filter(([kind]) => kind === 'change_top').map(([, , level]) => level);
    seen.push(ret === 0 ? (tops.at(-1) ?? 'same') : `fails ${ret}`);
  }
  const text = seen.join(', ');
  const ok = text === 'same, 3, 5';
  console.log(
    `  ${'S004-use4'.padEnd(12)} C         map_range() at IOVA 0, 2^40 and 2^60: change_top`,
  );
  console.log(`  ${''.padEnd(12)}           ${ok ? '' : 'WRONG: '}${text}`);
  return ok ? 0 : 1;
}

async function runC() {
  if (listedTree(tree).read(FILE) === undefined) {
    console.log(`  C not run: this tree has no ${FILE}`);
    return 0;
  }
  let wrong = 0;
  for (const row of INITS) wrong += await initRow(row);
  return wrong + (await growthRow());
}

console.log(`seed 004 on ${kernelVersion(tree)}`);
const wrong = (await runC()) + (await runScenarios('S004'));
console.log('  S004-fmt1..3 tests     of every format: npm test, tests/model/kunit*.test.ts');
console.log(wrong === 0 ? 'all as expected' : `${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
