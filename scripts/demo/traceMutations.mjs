// `npm run demo:mutations -- TREE…`: the runs of seeds 002 and 003 follow the C. Each mutation of a tree's C (a mask, a
// test, an offset) has to change the trace of the run that goes through it; the first line that differs is printed.
// Texts that say the same in another way must change nothing. Ends with 1 where one of them does not hold.
import { isTree, load } from '../treeChecks/support.mjs';
import { inFunction, inOrder, NotFound, replaceOnly } from './edits.mjs';
import { LAYOUTS } from './layouts.mjs';
import { kernelVersion, listedTree, openTree } from './support.mjs';
import { stepLines } from './steps.mjs';
import { RunFailed, runLayout, VFIO_FILE } from './vfioRuns.mjs';
import { VARIANTS } from './vfioVariants.mjs';
import { ROWS, runRow, vtdOf } from './vtdRows.mjs';

const trees = process.argv.slice(2);
if (trees.length === 0 || !trees.every(isTree)) {
  console.error('usage: npm run demo:mutations -- TREE…; each TREE is a kernel tree');
  process.exit(2);
}

const PT = 'drivers/iommu/generic_pt';
const IOMMU_PT = `${PT}/iommu_pt.h`;
const AMDV1 = `${PT}/fmt/amdv1.h`;
const VTDSS = `${PT}/fmt/vtdss.h`;
const CORE = 'drivers/iommu/iommu.c';
const INTEL = 'drivers/iommu/intel/iommu.c';
const INTEL_H = 'drivers/iommu/intel/iommu.h';

/** A mutation of a whole file, where others are of a function. */
const WHOLE = undefined;

/*
 * Each row: what it touches, the file, what that does in words, the function, and what is replaced by what. `same`:
 * nothing that a machine could notice.
 */

/** Mutations of what maps memory for a VFIO container, by what they touch. */
const OF_VFIO = [
  ['mask', AMDV1, 'reads need another bit', WHOLE, /(FMT_IR = BIT_ULL\()61/, '$159'],
  [
    'mask',
    AMDV1,
    'the address begins one bit higher',
    WHOLE,
    /(FMT_OA = GENMASK_ULL\(51, )12/,
    '$113',
  ],
  [
    'mask',
    VFIO_FILE,
    'the container may not write',
    'vfio_pin_map_dma',
    /\((dma->prot & )~IOMMU_MMIO\)/,
    '($1~(IOMMU_MMIO | IOMMU_WRITE))',
  ],
  ['test', AMDV1, 'MMIO is encrypted, too', WHOLE, / &&\s*!\(iommu_prot & IOMMU_MMIO\)/, ''],
  [
    'test',
    AMDV1,
    'leaves of one item take the other form',
    'amdv1pt_install_leaf_entry',
    /oasz_lg2 == isz_lg2/,
    'oasz_lg2 != isz_lg2',
  ],
  [
    'test',
    VFIO_FILE,
    'page frames without struct page end a chunk',
    'vfio_pin_pages_remote',
    /pinned \|\| !rsvd/,
    'pinned || rsvd',
  ],
  [
    'test',
    VFIO_FILE,
    'page frames without struct page are refused',
    'vaddr_get_pfns',
    /if \(is_invalid/,
    'if (!is_invalid',
  ],
  [
    'offset',
    VFIO_FILE,
    'every chunk is mapped at the start',
    'vfio_pin_map_dma',
    /(vfio_iommu_map\([^;]*?iova) \+ dma->size/,
    '$1',
  ],
  [
    'offset',
    VFIO_FILE,
    'one page too many is passed over',
    'vfio_pin_map_dma',
    /size \+= npage/,
    'size += (npage + 1)',
  ],
  [
    'offset',
    AMDV1,
    'leaves lead to the page behind',
    'amdv1pt_install_leaf_entry',
    /log2_div\(oa, /,
    'log2_div(oa + 4096, ',
  ],
  [
    'same',
    VFIO_FILE,
    'a comment and parentheses',
    'vfio_pin_map_dma',
    /dma->iova(?=;)/,
    '/* as it was */ ($&)',
  ],
  [
    'same',
    AMDV1,
    'a comment and parentheses',
    'amdv1pt_install_leaf_entry',
    /oasz_lg2 == isz_lg2/,
    '/* as it was */ ($&)',
  ],
];

/** Mutations of what unmaps a part of a large page, by whose table it is. */
const OF_UNMAP = {
  genericPt: [
    ['mask', VTDSS, 'another bit makes a large page', WHOLE, /(FMT_PS = BIT\()7/, '$16'],
    ['mask', VTDSS, 'the address ends two bits lower', WHOLE, /(FMT_OA = GENMASK_ULL\()51/, '$130'],
    [
      'test',
      IOMMU_PT,
      'an unmap may begin inside of a leaf',
      '__unmap_range',
      /if \(log2_mod\(range->va, [^;]*?\)\)\)/,
      'if (0)',
    ],
    [
      'test',
      IOMMU_PT,
      'one entry too many goes',
      '__unmap_range',
      /index >= pts\.end_index/,
      'index > pts.end_index',
    ],
    [
      'test',
      CORE,
      'domains without pages may be unmapped, others not',
      '__iommu_unmap',
      /!domain->pgsize_bitmap/,
      'domain->pgsize_bitmap',
    ],
    [
      'offset',
      IOMMU_PT,
      'half of what went is counted',
      '__unmap_range',
      /unmapped \+= log2_mul\(num_oas, pt_table_item_lg2sz\(&pts\)/,
      '$& - 1',
    ],
    [
      'offset',
      VTDSS,
      'leaves lead to the page behind',
      'vtdss_pt_install_leaf_entry',
      /log2_div\(oa, /,
      'log2_div(oa + 4096, ',
    ],
    [
      'same',
      VTDSS,
      'a comment and parentheses',
      'vtdss_pt_install_leaf_entry',
      /pts->level != 0/,
      '/* as it was */ ($&)',
    ],
  ],
  own: [
    [
      'mask',
      INTEL_H,
      'another bit makes a large page',
      'dma_pte_superpage',
      /DMA_PTE_LARGE_PAGE/,
      'BIT_ULL(6)',
    ],
    [
      'mask',
      INTEL_H,
      'the address of a table keeps its low bits',
      'dma_pte_addr',
      /(return\s+pte->val) & VTD_PAGE_MASK/,
      '$1',
    ],
    [
      'test',
      INTEL,
      'entries that are there are passed over',
      'dma_pte_clear_level',
      /!dma_pte_present/,
      'dma_pte_present',
    ],
    [
      'test',
      INTEL,
      'what the range covers in full is not cleared',
      'dma_pte_clear_level',
      /start_pfn <= level_pfn/,
      'start_pfn < level_pfn',
    ],
    [
      'test',
      INTEL,
      'an unmap is never made larger',
      'intel_iommu_unmap',
      /size < VTD_PAGE_SIZE/,
      'size > VTD_PAGE_SIZE',
    ],
    [
      'offset',
      INTEL,
      'the range ends one page late',
      'intel_iommu_unmap',
      /iova \+ size - 1/,
      'iova + size',
    ],
    [
      'offset',
      INTEL,
      'what is cleared is one entry behind',
      'dma_pte_clear_level',
      /dma_clear_pte\(pte\)/,
      'dma_clear_pte(pte + 1)',
    ],
    [
      'same',
      INTEL,
      'a comment and parentheses',
      'intel_iommu_unmap',
      /iova \+ size - 1/,
      '/* as it was */ ($&)',
    ],
  ],
};

/** The trace of seed 003: every layout under the text that maps all of them right. */
async function vfioTrace(open) {
  const file = open(VFIO_FILE);
  if (typeof file === 'string') return [file];
  const lines = [];
  for (const { id, segments } of LAYOUTS) lines.push(...(await layoutTrace(file, id, segments)));
  return lines;
}

async function layoutTrace(file, id, segments) {
  try {
    const { seen, replay_seen: again, maps, replay } = await runLayout(file, segments);
    return [
      ...stepLines(seen).map((line) => `${id}: ${line}`),
      ...maps.map((map) => `${id}: page ${map.iova_page} x${map.npage}: ${map.entry.toString(16)}`),
      ...stepLines(again).map((line) => `${id}, replay: ${line}`),
      ...replay.map(({ bits }, n) => `${id}, replay: page ${n}: ${bits.toString(16)}`),
    ];
  } catch (error) {
    const { Stop } = await load('simulate/machine/stop.js');
    if (!(error instanceof Stop) && !(error instanceof RunFailed)) throw error;
    return [`${id}: ${error.message}`];
  }
}

/** The trace of seed 002: every row. */
const unmapTrace = (kind, path) => async (open) => {
  const file = open(path);
  if (typeof file === 'string') return [file];
  const lines = [];
  for (const row of ROWS) {
    const { trace = [], ...got } = await runRow(kind, file, row);
    lines.push(...trace.map((line) => `${row.id}: ${line}`));
    const facts = Object.entries(got).filter(([key]) => key !== 'steps');
    lines.push(...facts.map(([key, value]) => `${row.id}: ${key} ${value}`));
  }
  return lines;
};

/** Index of the first line that differs; -1 where none does. */
function firstDifference(before, after) {
  const most = Math.max(before.length, after.length);
  for (let n = 0; n < most; n++) if (before[n] !== after[n]) return n;
  return -1;
}

async function checkRun(name, tree, { base = new Map(), mutations, traceOf }) {
  const { LexCache } = await load('cfront/preprocess/sources.js');
  const cache = new LexCache();
  const traced = async (edits) => {
    const linked = await openTree(tree, edits, cache);
    return traceOf((path) => {
      const opened = linked.open(path);
      return opened.ok ? opened.file : `not run: ${opened.problem.reason}`;
    });
  };
  const before = await traced(base);
  console.log(`\n${name}: ${before.length} lines of trace`);
  let wrong = 0;
  for (const [kind, file, about, name, pattern, replacement] of mutations) {
    const change = replaceOnly(pattern, replacement);
    const edit = name === WHOLE ? change : inFunction(name, change);
    const edits = new Map(base);
    const first = base.get(file);
    edits.set(file, first === undefined ? edit : inOrder(first, edit));
    const after = await traced(edits);
    const at = firstDifference(before, after);
    const isRight = at < 0 === (kind === 'same');
    if (!isRight) wrong++;
    console.log(`  ${isRight ? 'ok   ' : 'WRONG'} ${kind.padEnd(6)} ${file}: ${about}`);
    if (at < 0) console.log('        no line differs');
    else {
      console.log(`        line ${at + 1}  before ${before[at] ?? 'the trace ends'}`);
      const indent = ' '.repeat(`line ${at + 1}`.length);
      console.log(`        ${indent}  after  ${after[at] ?? 'the trace ends'}`);
    }
  }
  return wrong;
}

async function checkTree(tree) {
  const { kind, table, file } = vtdOf(tree);
  const version = kernelVersion(tree);
  const unmaps = { mutations: OF_UNMAP[kind], traceOf: unmapTrace(kind, file) };
  const wrong = await checkRun(`seed 002 on ${table} of ${version}`, tree, unmaps);
  if (listedTree(tree).read(AMDV1) === undefined) {
    console.log(`\nseed 003 is not run on ${version}: the tree has no ${AMDV1}`);
    return wrong;
  }
  const { edit } = VARIANTS.find(({ name }) => name === 'perchunk');
  const maps = { base: new Map([[VFIO_FILE, edit]]), mutations: OF_VFIO, traceOf: vfioTrace };
  return wrong + (await checkRun(`seed 003 on ${VFIO_FILE} of ${version}`, tree, maps));
}

let wrong = 0;
try {
  for (const tree of trees) wrong += await checkTree(tree);
  console.log(wrong === 0 ? '\nall as expected' : `\n${wrong} wrong`);
  process.exitCode = wrong === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof NotFound)) throw error;
  console.error(`this tree's C is not what the edits expect: ${error.message}`);
  process.exitCode = 2;
}
