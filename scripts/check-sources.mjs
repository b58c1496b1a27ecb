// `npm run check:sources -- TREE`: does every kernel symbol that the model cites still exist in a kernel tree?
import fs from 'node:fs';
import path from 'node:path';

const tree = process.argv[2];
if (tree === undefined || !fs.existsSync(path.join(tree, 'Kbuild'))) {
  console.log('check:sources: skipped, name a kernel tree: npm run check:sources -- TREE');
  process.exit(0);
}
const folder = path.resolve(import.meta.dirname, '../server/model/fmt');
let checked = 0;
const missing = [];
for (const name of fs.readdirSync(folder)) {
  if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
  const text = fs.readFileSync(path.join(folder, name), 'utf8');
  const paths = new Map();
  for (const [, key, value] of text.matchAll(/const (\w+) =\s*[`'"]([^`'"]+)[`'"];/g)) {
    paths.set(
      key,
      value.replace(/\$\{(\w+)\}/g, (_, inner) => paths.get(inner) ?? ''),
    );
  }
  for (const [, where, symbol] of text.matchAll(
    /\b(?:cited|field|flag)\((?:[^()']|'[^']*')*?,\s*(\w+|'[^']+'),\s*'([^']+)',?\s*\)/g,
  )) {
    const file = where.startsWith("'") ? where.slice(1, -1) : paths.get(where);
    if (file === undefined) continue;
    const full = path.join(tree, file);
    const word = symbol.split(/\s/).at(symbol.startsWith('struct') ? 1 : 0);
    checked++;
    if (!fs.existsSync(full)) missing.push(`${name}: ${file} is gone (${symbol})`);
    else if (!fs.readFileSync(full, 'utf8').includes(word))
      missing.push(`${name}: ${symbol} is not in ${file}`);
  }
}
for (const line of new Set(missing)) console.log(line);
console.log(`check:sources: ${checked} citations, ${new Set(missing).size} not found`);
process.exit(missing.length === 0 ? 0 : 1);
