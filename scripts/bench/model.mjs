// Speed of the model's page tables, per format. Also alone: node scripts/bench/model.mjs [FORMAT…], after a build.
// What is measured is the code as it ships, bundled: V8 looks up each import of a module anew, which costs a quarter.
// Each format runs in processes of its own, one per part: one program compiles its walk for the formats it meets, and
// what V8 compiles into what also depends on what ran before. How much that is says "single 4K after bulk", which has
// no aim: single operations that begin after many bulk ones, with the functions as those left them.
import * as esbuild from 'esbuild';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHIPPED_FORM } from '../lib/shippedForm.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** What the measurements use of server/model. */
const MODULES = [
  'bits/pgSizes',
  'core/iommuCore',
  'core/iommuDomain',
  'fmt/armLpae',
  'fmt/builds',
  'fmt/features',
  'mem/events',
  'mem/iommuPages',
  'mem/physMem',
  'pt/armTable',
  'pt/iommuPt',
  'pt/iotlbGather',
];
/** The bundle, by the path that the process which made it passes on. */
const bundle = process.env.BENCH_BUNDLE;
const load = (module) => createRequire(import.meta.url)(bundle)[module];

/** Bundles the compiled modules into one file, in which each is found by its name. */
function writeBundle(file) {
  esbuild.buildSync({
    ...SHIPPED_FORM,
    stdin: {
      contents: MODULES.map((name) => `export * as '${name}' from './${name}.js';`).join('\n'),
      resolveDir: path.join(root, 'out/server/model'),
    },
    outfile: file,
  });
}

/** Aims per figure, in the figure's unit; a figure below its aim is marked. */
const AIMS = {
  'map 4K': 60,
  'unmap 4K': 60,
  'map 4K, events': 25,
  'unmap 4K, events': 25,
  'single 4K': 10,
  'single 2M': 10,
  'single 1G': 10,
  'lookup in order': 15,
  'lookup at random': 15,
  'lookup at random, 4 Mi': 4,
};
const BULK = 1 << 20;
const RUNS = Number(process.env.BENCH_RUNS ?? 7);

const formats = {
  amdv1: { features: ['DYNAMIC_TOP', 7, 8, 'FLUSH_RANGE'], vaszLg2: 48, topLevel: 2 },
  x86_64: { features: ['FLUSH_RANGE'], vaszLg2: 47, topLevel: 3 },
  vtdss: { features: ['FLUSH_RANGE'], vaszLg2: 48, topLevel: 3 },
  riscv_64: { features: [6, 'FLUSH_RANGE'], vaszLg2: 48, topLevel: 3 },
  amdv1_mock: { features: [], vaszLg2: 47, topLevel: 3 },
  arm_64_lpae_s1: { arm: true },
  arm_64_lpae_s2: { arm: true },
  arm_32_lpae_s2: { arm: true, narrow: true },
  arm_mali_lpae: { arm: true },
};

/** Makes a fresh table of a format behind the operations that all formats share. */
function createSubject(name, { events = false } = {}) {
  const { createPhysMem, memoryInUse } = load('mem/physMem');
  const { createEventLog } = load('mem/events');
  const { createIommuPages, putPagesList } = load('mem/iommuPages');
  const log = events ? createEventLog({ capacity: 1 << 16 }) : null;
  const mem = createPhysMem({ log });
  const pages = createIommuPages(mem);
  const setup = formats[name];
  const syncer = { iotlbSync: (gather) => putPagesList(pages, gather.freelist), changeTop() {} };
  let domain;
  if (setup.arm) {
    const { ARM_FORMATS } = load('fmt/armLpae');
    const { createArmTable } = load('pt/armTable');
    const { domainOfArm } = load('core/iommuDomain');
    const { addPage } = load('pt/iotlbGather');
    const { pgSizes } = load('bits/pgSizes');
    const tlb = {
      flushAll() {},
      flushWalk() {},
      addPage: (gather, iova, bytes) => addPage(syncer, gather, iova, bytes),
    };
    const width = setup.narrow ? 40 : name === 'arm_mali_lpae' ? 40 : 48;
    const ias = name === 'arm_mali_lpae' ? 48 : width;
    const config = { quirks: 0, pgsizes: pgSizes(12, 21, 30), ias, oas: width, walks: 'coherent' };
    domain = domainOfArm(createArmTable(ARM_FORMATS[name], config, pages, tlb), syncer);
  } else {
    const { BUILDS } = load('fmt/builds');
    const { PT_FEAT, features } = load('fmt/features');
    const { initTable } = load('pt/iommuPt');
    const { domainOfTable } = load('core/iommuDomain');
    const build = BUILDS[name];
    const wanted = setup.features.map((f) => (typeof f === 'string' ? PT_FEAT[f] : f));
    const { table } = initTable({
      build,
      pages,
      driver: syncer,
      config: {
        features: features(...wanted),
        vaszLg2: setup.vaszLg2,
        oaszLg2: build.format.maxOaLg2,
        topLevel: setup.topLevel,
      },
    });
    domain = domainOfTable(table);
  }
  return { domain, mem, pages, memoryInUse };
}

/** Best of several runs: the machine is shared, and only its quiet moments say something about the code. */
function best(runs, measure) {
  let found = 0;
  for (let n = 0; n < runs; n++) found = Math.max(found, measure());
  return found;
}

/** Processor time, not the clock's: other programs on the machine must not count. */
function timed(work) {
  const started = process.cpuUsage();
  const count = work();
  const { user, system } = process.cpuUsage(started);
  return count / (user + system);
}

const PROT = 3;
const at = (pfn) => ({ pfn, offset: 0 });
/** The mock's pages are 2 KiB: as many items need half the bytes. */
const pagesOf = (name, items) => (name === 'amdv1_mock' ? items / 2 : items);
/** Output addresses are off by one page, so that only the smallest leaves fit. */
const outputOf = (name) =>
  name === 'amdv1_mock' ? { pfn: 0x100001, offset: 2048 } : { pfn: 0x100001, offset: 0 };

function measureBulk(name) {
  const { iommuMap, iommuUnmap } = load('core/iommuCore');
  const figures = {};
  const oa = outputOf(name);
  const length = at(pagesOf(name, BULK));
  for (const events of [false, true]) {
    const suffix = events ? ', events' : '';
    let map = 0;
    let unmap = 0;
    for (let run = 0; run < RUNS; run++) {
      const { domain } = createSubject(name, { events });
      map = Math.max(
        map,
        timed(() => {
          if (iommuMap(domain, at(0x40000), oa, length, PROT) !== 0) throw new Error('map failed');
          return BULK;
        }),
      );
      unmap = Math.max(
        unmap,
        timed(() => {
          if (iommuUnmap(domain, at(0x40000), length).pfn !== length.pfn) throw new Error('unmap');
          return BULK;
        }),
      );
    }
    figures[`map 4K${suffix}`] = map;
    figures[`unmap 4K${suffix}`] = unmap;
  }
  const after = measureSingle(name, [['single 4K', 0]]);
  return { ...figures, 'single 4K after bulk': after['single 4K'] };
}

const SINGLE = [
  ['single 4K', 0],
  ['single 2M', 9],
  ['single 1G', 18],
];

function measureSingle(name, sizes = SINGLE) {
  const { iommuMap, iommuUnmap } = load('core/iommuCore');
  const figures = {};
  for (const [label, pagesLg2] of sizes) {
    const { domain } = createSubject(name);
    const size = at(2 ** pagesLg2);
    const slots = pagesLg2 === 0 ? 512 : 64;
    const base = 2 ** (pagesLg2 + 9);
    const rounds = Math.ceil(200_000 / slots);
    figures[label] = best(RUNS, () =>
      timed(() => {
        for (let round = 0; round < rounds; round++) {
          for (let n = 0; n < slots; n++) {
            const va = at(base + n * size.pfn);
            iommuMap(domain, va, at(base + n * size.pfn), size, PROT);
            iommuUnmap(domain, va, size);
          }
        }
        // One map and one unmap are two operations.
        return rounds * slots * 2;
      }),
    );
  }
  return figures;
}

/** Looks up pages by their numbers. Gives how many there were. */
function lookUp(domain, order) {
  let sum = 0;
  for (let n = 0; n < order.length; n++) {
    sum += domain.iovaToPhys({ pfn: 0x40000 + order[n], offset: 0 }).pfn;
  }
  if (sum === 0) throw new Error('lookups found nothing');
  return order.length;
}

function measureLookups(name) {
  const { iommuMap } = load('core/iommuCore');
  const figures = {};
  const oa = outputOf(name);
  for (const [label, count] of [
    ['', 1 << 18],
    [', 4 Mi', 1 << 22],
  ]) {
    const subject = createSubject(name);
    const { domain, mem, memoryInUse } = subject;
    const length = at(pagesOf(name, count));
    if (iommuMap(domain, at(0x40000), oa, length, PROT) !== 0) throw new Error('map');
    if (count === 1 << 22) figures['bytes per page'] = memoryInUse(mem) / count;
    const pages = length.pfn;
    const order = new Int32Array(1 << 18);
    let state = 12345;
    for (let n = 0; n < order.length; n++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      order[n] = Math.floor((state / 2 ** 32) * pages);
    }
    if (label === '') {
      const inOrder = Int32Array.from({ length: pages }, (_, n) => n);
      figures['lookup in order'] = best(RUNS, () => timed(() => lookUp(domain, inOrder)));
    }
    figures[`lookup at random${label}`] = best(RUNS, () => timed(() => lookUp(domain, order)));
  }
  return figures;
}

export const title = "The model's page tables, millions per second of processor time (best run)";

const PARTS = { bulk: measureBulk, single: measureSingle, lookups: measureLookups };

/** Runs one part in a process of its own. */
function measureApart(file, name, part, runs) {
  const child = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--measure', name, part],
    {
      encoding: 'utf8',
      env: { ...process.env, BENCH_RUNS: String(runs), BENCH_BUNDLE: file },
    },
  );
  if (child.status !== 0) throw new Error(`bench ${name}: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

/** Measures formats. */
export function run(options = {}, names = Object.keys(formats)) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-bench-'));
  try {
    const file = path.join(folder, 'model.cjs');
    writeBundle(file);
    return { rows: names.flatMap((name) => rowsOf(file, name, options.runs ?? RUNS)) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(file, name, runs) {
  const parts = Object.keys(PARTS).map((part) => measureApart(file, name, part, runs));
  return Object.entries(Object.assign({}, ...parts)).map(([what, value]) => {
    const isSize = what === 'bytes per page';
    const goal = isSize ? 12 : AIMS[what];
    if (goal === undefined) return { what: `${name}: ${what}`, value: value.toFixed(1) };
    return {
      what: `${name}: ${what}`,
      value: value.toFixed(1),
      goal: `${isSize ? 'at most' : 'at least'} ${goal}`,
      met: isSize ? value <= goal : value >= goal,
    };
  });
}

if (process.argv[2] === '--measure') {
  process.stdout.write(JSON.stringify(PARTS[process.argv[4]](process.argv[3])));
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const { rows } = run({}, names.length === 0 ? undefined : names);
  console.log(title);
  for (const { what, value, goal, met } of rows) {
    const judged = goal === undefined ? '' : `  (goal ${goal}: ${met ? 'met' : 'missed'})`;
    console.log(`  ${what.padEnd(44)} ${value.padStart(8)}${judged}`);
  }
}
