// `npm run differential [-- COUNT [SEED]]`: generated functions, gcc against the machine. Skipped loudly without gcc.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');
const load = (file) => import(pathToFileURL(path.join(root, 'out', file)).href);
const { compareProgram, hasGcc } = await load('tests/differential/compare.js');

const wanted = Number(process.argv[2] ?? 11_000);
const firstSeed = Number(process.argv[3] ?? 1);
const perProgram = 1_100;

if (!hasGcc()) {
  console.log('SKIPPED: there is no gcc here; nothing was compared');
  process.exit(0);
}
let functions = 0;
let compared = 0;
const differences = [];
for (let seed = firstSeed; functions < wanted; seed++) {
  const count = Math.min(perProgram, wanted - functions);
  const result = compareProgram(seed, count);
  functions += count;
  compared += result.compared;
  differences.push(...result.differences);
}
for (const line of differences.slice(0, 20)) console.log(line);
console.log(
  `${functions} functions, ${compared} results compared, ${differences.length} differences`,
);
process.exit(differences.length === 0 ? 0 : 1);
