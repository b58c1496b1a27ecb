// Runs VFIO's C over a layout of user memory, down to the entries of an AMDv1 table on a host with SME, and once
// more for a second domain.
import { load } from '../treeChecks/support.mjs';

export const VFIO_FILE = 'drivers/vfio/vfio_iommu_type1.c';
const IOVA = 0x100000;
const IOMMU_MMIO = 1 << 4;
const C_BIT = 1n << 51n;
const BUDGET = {
  steps: 2e8,
  bytesMoved: 2 ** 32,
  depth: 200,
  choices: 1e9,
  paths: 1,
  milliseconds: 120_000,
};

/** The C did not get to its end, or failed. */
export class RunFailed extends Error {}

const situation = (segments, more) => ({
  ...{ name: 'seed 003', summary: 'VFIO type 1 over AMDv1 with SME', memory: segments },
  table: { format: 'amdv1', memoryEncryption: true },
  ...more,
});

/** What a layout has at a page. */
function pageAt(segments, index) {
  let first = 0;
  for (const { kind, pages, pfn } of segments) {
    if (index < first + pages) return { kind, pfn: pfn + index - first };
    first += pages;
  }
  throw new Error(`page ${index} is outside of the layout`);
}

const pageCount = (segments) => segments.reduce((sum, { pages }) => sum + pages, 0);

/** Runs an entry function; gives the iommu_map() calls of it, and the machine. */
async function run(file, entry, spec) {
  const { situationFrom } = await load('simulate/situations/fromSpec.js');
  const { runInSituation } = await load('simulate/situations/run.js');
  const symbol = file.unit.function(entry);
  if (symbol?.body === undefined) throw new Error(`this tree has no ${entry}()`);
  const maps = [];
  const options = { budget: BUDGET, now: () => performance.now(), traceCalls: 'all' };
  const trace = (event) => {
    if (event.kind === 'call' && event.name === 'iommu_map') maps.push(event.args);
  };
  let watch;
  const { HardwareWatch } = await load('simulate/watch/hardware.js');
  const entering = (...place) => (watch = new HardwareWatch(...place));
  const ran = runInSituation(file, symbol, situationFrom(spec), { ...options, trace, entering });
  if (ran.stop !== undefined) throw new RunFailed(`${entry}(): ${ran.stop.message}`);
  if (ran.result !== 0) throw new RunFailed(`${entry}() returns ${ran.result}`);
  const seen = watch.finish({ succeeded: true, syncs: 'itself', gather: undefined });
  return { ...ran, maps, seen };
}

/** The entry that hardware finds for each page of a domain. */
async function entriesOf({ machine, environment }, domain, count) {
  const { entryFor } = await load('simulate/situations/probe.js');
  const probe = environment.probes[domain];
  return Array.from({ length: count }, (_, i) => entryFor(machine, probe, BigInt(IOVA + i * 4096)));
}

/** Whether a page is mapped as it must be: RAM encrypted, MMIO not. */
const isRight = (entry, kind) =>
  entry.present && ((entry.bits & C_BIT) !== 0n) === (kind !== 'mmio');

/** The bit of `prot` that the mapping is left with. */
async function finalProt({ machine, environment }, unit) {
  const { StructView } = await load('simulate/machine/fields.js');
  const type = { kind: 'pointer', toConst: false, to: unit.aggregate('vfio_dma') };
  const address = environment.supply(type);
  return Number(new StructView(machine.memory, unit, 'vfio_dma', address).get('prot'));
}

/** What a layout comes to under one text of the file. */
export async function runLayout(file, segments) {
  const count = pageCount(segments);
  const first = await run(file, 'vfio_dma_do_map', situation(segments, { vfio: { domains: 1 } }));
  const entries = await entriesOf(first, 0, count);
  const maps = first.maps.map(([, iova, , bytes, prot]) => {
    const page = (Number(iova) - IOVA) / 4096;
    const npage = Number(bytes) / 4096;
    const { kind } = pageAt(segments, page);
    const chunk = entries.slice(page, page + npage);
    return {
      ...{ iova_page: page, npage, kind, mmio_flag: (Number(prot) & IOMMU_MMIO) !== 0 },
      cbit: (chunk[0].bits & C_BIT) !== 0n,
      ok: chunk.every((entry, i) => isRight(entry, pageAt(segments, page + i).kind)),
      ...{ prot: Number(prot), entry: chunk[0].bits },
    };
  });
  const prot = await finalProt(first, file.unit);
  const replay = await runReplay(file, segments, count);
  return {
    ...{ maps, final_dma_prot_mmio: (prot & IOMMU_MMIO) !== 0 },
    ...{ seen: first.seen, replay_seen: replay.seen },
    ...{ replay_ok: replay.ok, replay: replay.entries, steps: first.machine.steps },
  };
}

/** A second domain is attached to what the same C mapped. */
async function runReplay(file, segments, count) {
  const spec = situation(segments, {
    vfio: { domains: 1, another: true },
    before: [{ call: 'vfio_dma_do_map' }],
  });
  const ran = await run(file, 'vfio_iommu_replay', spec);
  const entries = await entriesOf(ran, 1, count);
  const ok = entries.every((entry, i) => isRight(entry, pageAt(segments, i).kind));
  return { entries, ok, seen: ran.seen };
}
