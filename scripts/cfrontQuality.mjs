// `npm run cfront-quality -- TREE [FOLDER…]`: the share of functions that parse and type-check under the default profiles.
// Lists what does not, with the reason. Exits with 1 below the share that is promised.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PROMISED = 0.97;
const DEFAULT_FOLDERS = [
  'drivers/iommu',
  'drivers/vfio',
  'drivers/gpu/drm/tegra',
  'drivers/gpu/drm/msm',
  'drivers/infiniband/hw/usnic',
];

const [tree, ...named] = process.argv.slice(2);
if (tree === undefined || !fs.existsSync(path.join(tree, 'include/linux/kconfig.h'))) {
  console.log('SKIPPED: name a kernel tree: npm run cfront-quality -- TREE [FOLDER…]');
  process.exit(0);
}
const root = path.resolve(import.meta.dirname, '..');
const load = (file) => import(pathToFileURL(path.join(root, 'out/server/cfront', file)).href);
const { FrontEnd } = await load('frontEnd.js');

const read = (file) => {
  try {
    return fs.readFileSync(path.join(tree, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
};

const isTestOnly = (file) => /(?:selftest|kunit|-test|_test)[^/]*\.c$/.test(file);

function cFiles(folder) {
  const at = path.join(tree, folder);
  if (!fs.existsSync(at)) return [];
  return fs
    .readdirSync(at, { recursive: true })
    .filter((name) => name.endsWith('.c') && !isTestOnly(name))
    .map((name) => path.posix.join(folder, name))
    .sort();
}

const frontEnd = new FrontEnd({ read });
let functions = 0;
let good = 0;
const failures = [];
for (const folder of named.length > 0 ? named : DEFAULT_FOLDERS) {
  const before = { functions, good };
  for (const file of cFiles(folder)) {
    const loaded = frontEnd.load(file);
    if (!loaded.ok) {
      failures.push(`${file}: ${loaded.problem.reason}`);
      continue;
    }
    const { unit } = loaded;
    for (const problem of unit.problems()) {
      failures.push(`${problem.file}:${problem.line}: declaration: ${problem.message}`);
    }
    for (const symbol of unit.definedFunctions()) {
      if (unit.place(symbol.at).file !== file) continue;
      functions++;
      const body = unit.bodyOf(symbol);
      const problems = body instanceof Error ? [body] : body.problems;
      if (problems.length === 0) good++;
      for (const { at, message } of problems) {
        const { file: where, line } = unit.place(at);
        failures.push(`${where}:${line}: ${symbol.name}(): ${message}`);
      }
    }
  }
  const share = ((100 * (good - before.good)) / Math.max(1, functions - before.functions)).toFixed(
    1,
  );
  console.log(
    `${folder}: ${good - before.good} of ${functions - before.functions} functions (${share} %)`,
  );
}
for (const line of [...new Set(failures)]) console.log(`  ${line.slice(0, 200)}`);
const share = good / Math.max(1, functions);
console.log(
  `${good} of ${functions} functions parse and type-check: ${(100 * share).toFixed(1)} %`,
);
process.exit(share >= PROMISED ? 0 : 1);
