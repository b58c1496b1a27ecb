// `npm run demo:seed004 -- TREE`: the slides on generic_pt. What init refuses and how a table grows runs as C of the
// tree's fmt/iommu_amdv1.c; how drivers embed a table and what is planned are scenarios.
import { isTree, load, machineOver } from '../treeChecks/support.mjs';
import { runScenarios } from './cRows.mjs';
import { kernelVersion, listedTree } from './support.mjs';

const [tree] = process.argv.slice(2);
if (tree === undefined || !isTree(tree)) {
  console.error('usage: npm run demo:seed004 -- TREE; TREE is a kernel tree');
  process.exit(2);
}

const FILE = 'drivers/iommu/generic_pt/fmt/iommu_amdv1.c';
const CORE = 'drivers/iommu/iommu.c';
const EOPNOTSUPP = -95;

const address = (value) => ({
  pfn: Number(BigInt(value) / 4096n),
  offset: Number(BigInt(value) % 4096n),
});

/** A table of the tree's C; `features` are names after PT_FEAT_. */
async function table(features, { top = 2, bits = 64 } = {}) {
  const { GenericPtInC, GENERIC_PT_DRIVER } = await load('simulate/conformance/genericPt.js');
  const machine = await machineOver(
    tree,
    [FILE, CORE, 'drivers/iommu/iommu-pages.c'],
    GENERIC_PT_DRIVER,
  );
  const one = (name) => machine.constant(`BIT(PT_FEAT_${name})`) ?? 0n;
  const feat = features.reduce((all, name) => all | one(name), 0n);
  const inC = new GenericPtInC(machine, 'amdv1');
  const args = { feat: address(feat), vasz: bits, oasz: 52, top };
  return { inC, made: inC.run({ op: 'init', args }) };
}

const USUAL = ['DYNAMIC_TOP', 'FLUSH_RANGE', 'AMDV1_ENCRYPT_TABLES', 'AMDV1_FORCE_COHERENCE'];

async function initRow(id, about, features, options, expected) {
  const { made } = await table(features, options);
  const ok = made.ret === expected;
  console.log(`  ${id.padEnd(12)} C         pt_iommu_amdv1_init(): ${about}`);
  console.log(`  ${''.padEnd(12)}           ${ok ? '' : 'WRONG: '}returns ${made.ret}`);
  return ok ? 0 : 1;
}

/** The top grows before an entry that needs it is written. */
async function growthRow() {
  const { inC } = await table(USUAL);
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
  wrong += await initRow('S004-use3', 'what the driver asks for', USUAL, {}, 0);
  const foreign = [...USUAL, 'SIGN_EXTEND'];
  wrong += await initRow('S004-use3', 'a feature of another format', foreign, {}, EOPNOTSUPP);
  const fullRange = ['FULL_VA', 'DYNAMIC_TOP'];
  wrong += await initRow('S004-use3', 'FULL_VA with a top that grows', fullRange, {}, EOPNOTSUPP);
  const small = USUAL.filter((name) => name !== 'DYNAMIC_TOP');
  const tooFew = { top: 2, bits: 64 };
  wrong += await initRow(
    'S004-use3',
    'levels for 39 bits, 64 asked for',
    small,
    tooFew,
    EOPNOTSUPP,
  );

  return wrong + (await growthRow());
}

console.log(`seed 004 on ${kernelVersion(tree)}`);
const wrong = (await runC()) + (await runScenarios('S004'));
console.log(wrong === 0 ? 'all as expected' : `${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
