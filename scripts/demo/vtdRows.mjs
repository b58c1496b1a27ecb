// Partial unmaps of large pages of a VT-d second-stage table: the rows of seed 002, run by the core's
// iommu_unmap_fast() and the driver of a tree, in RAM that looks like page-table entries.
import { load } from '../treeChecks/support.mjs';
import { accessLines, brokenLines, staleLines, stepLines, watchOf } from './steps.mjs';
import { BUDGET, hex, listedTree } from './support.mjs';

const IOVA = 0x40000000;
const RAM = 0x80000000;
const READ_WRITE = 3;
const GFP_KERNEL = 0xcc0;
const K4 = 0x1000;
const M2 = 0x200000;
const G1 = 0x40000000;

/** What is mapped, what is unmapped, and with which page sizes. */
export const ROWS = [
  { id: 'S002-A', about: '2M page, unmap its first 4K', map: M2, offset: 0, size: K4 },
  { id: 'S002-B', about: '2M page, unmap 4K at +0x3000', map: M2, offset: 0x3000, size: K4 },
  { id: 'S002-C', about: '1G page, unmap 4K at +0x1000', map: G1, offset: K4, size: K4 },
  { id: 'S002-D', about: 'two 2M pages, unmap 2M + 4K', map: 2 * M2, offset: 0, size: M2 + K4 },
  { id: 'S002-E', about: '4K pages only, unmap 4K', map: M2, offset: 0, size: K4, small: true },
];

const DRIVER = 'drivers/iommu/intel/iommu.c';
const TABLE = 'drivers/iommu/generic_pt/fmt/iommu_vtdss.c';

/** Whose table a tree has, the file of it, and the file that is run. */
export function vtdOf(tree) {
  const isOwn = listedTree(tree).read(TABLE) === undefined;
  return isOwn
    ? { kind: 'own', table: DRIVER, file: DRIVER }
    : { kind: 'genericPt', table: TABLE, file: 'drivers/iommu/iommu.c' };
}

/** The situation of a row: 6.1's driver makes its own domain, later trees have vtdss. */
function situationOf(kind, { map, small }) {
  const pageSizes = small ? '0x1000' : '0x40201000';
  const physical = [{ start: RAM, bytes: Math.min(map, 16 * M2), fill: 'entries' }];
  const base = { name: 'seed 002', summary: 'VT-d second stage over RAM', physical };
  if (kind === 'genericPt') return { ...base, table: { format: 'vtdss', pageSizes } };
  const set = { 'dmar_domain.iommu_superpage': small ? 0 : 2 };
  return { ...base, table: { format: 'driver', pageSizes }, set };
}

/** How many 4K pages of the first 2M are still mapped where they were. */
function pagesLeft(machine, domain) {
  let left = 0;
  for (let at = 0; at < M2; at += K4) {
    const physical = machine.call('iommu_iova_to_phys', [domain, BigInt(IOVA + at)]);
    if (physical === BigInt(RAM + at)) left++;
  }
  return left;
}

function gatherRange(view) {
  const start = BigInt.asUintN(64, BigInt(view.get('start')));
  const last = BigInt(view.get('end'));
  return start > last ? 'none' : `${hex(start)}-${hex(last)}`;
}

/** What a row comes to. `kind`: of the tree, as in fileOf(). */
export async function runRow(kind, file, row) {
  const { situationFrom } = await load('simulate/situations/fromSpec.js');
  const { machineFor } = await load('simulate/situations/run.js');
  const { StructView } = await load('simulate/machine/fields.js');
  const { Stop } = await load('simulate/machine/stop.js');
  const { stackOf } = await load('simulate/machine/whereabouts.js');
  const situation = situationFrom(situationOf(kind, row));
  const options = { budget: BUDGET, now: () => performance.now() };
  const machine = machineFor(file, situation, options);
  const environment = situation.build(machine);
  const [problem] = environment.problems;
  if (problem !== undefined) return { error: problem.reason };
  const unit = machine.program.all.find((one) => one.aggregate('iommu_iotlb_gather') !== undefined);
  const pointerTo = (tag) => ({ kind: 'pointer', toConst: false, to: unit.aggregate(tag) });
  const domain = environment.supply(pointerTo('iommu_domain'));
  const size = StructView.sizeOf(unit, 'iommu_iotlb_gather');
  const request = { kind: 'input', name: 'gather', size, align: 16, contents: 'zero' };
  const gather = machine.allocate(request);
  const view = new StructView(machine.memory, unit, 'iommu_iotlb_gather', gather);
  try {
    const map = [domain, BigInt(IOVA), BigInt(RAM), BigInt(row.map), READ_WRITE, GFP_KERNEL];
    const mapped = machine.call('iommu_map', map);
    if (mapped !== 0) return { error: `iommu_map() returns ${mapped}` };
    machine.call('iommu_iotlb_gather_init', [gather]);
    const watch = await watchOf(machine, environment);
    const unmap = [domain, BigInt(IOVA + row.offset), BigInt(row.size), gather];
    const unmapped = hex(machine.call('iommu_unmap_fast', unmap));
    const seen = watch.finish({ succeeded: true, syncs: 'caller', gather });
    return {
      steps: [...brokenLines(seen), ...staleLines(seen), ...accessLines(seen)],
      trace: stepLines(seen),
      broken: [...new Set(seen.violations.map(({ id }) => id))].join(', '),
      ...{ unmapped, flush: gatherRange(view), ...ram(environment) },
      ...(row.map === G1 ? {} : { left: pagesLeft(machine, domain) }),
    };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const [at] = stackOf(machine);
    const where = `${at.function}() ${at.file}:${at.line}`;
    return { stop: error.kind, message: `${error.message}, in ${where}`, ...ram(environment) };
  }
}

/** The RAM words that the C took for its own. */
function ram({ ramWrites }) {
  if (ramWrites.length === 0) return { words: 0 };
  return {
    words: new Set(ramWrites.map(({ physical }) => physical)).size,
    first: hex(ramWrites[0].physical),
    last: hex(ramWrites.at(-1).physical),
    by: [...new Set(ramWrites.map(({ by }) => by))].join(', '),
  };
}
