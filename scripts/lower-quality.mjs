// How much of a kernel tree is lowered: npm run lower-quality -- TREE [folder …] [--details] [--function NAME]
// Counts of statements are compared between the lowered graphs' own syntax trees and an independent tokenizer.
import fs from 'node:fs';
import path from 'node:path';
import { loadSyntax } from '../out/server/syntax/syntax.js';
import { createProgram } from '../out/server/program/program.js';
import { dumpFunction } from '../out/server/program/dump.js';

const args = process.argv.slice(2);
const flag = (name) => {
  const at = args.indexOf(name);
  if (at < 0) return undefined;
  return args.splice(at, name === '--function' ? 2 : 1)[1] ?? true;
};
const details = flag('--details');
const wanted = flag('--function');
const [tree, ...folders] = args;
if (tree === undefined || !fs.existsSync(path.join(tree, 'MAINTAINERS'))) {
  console.log(
    'lower-quality: skipped, no kernel tree given (npm run lower-quality -- TREE [folder …])',
  );
  process.exit(0);
}
const root = path.resolve(import.meta.dirname, '..');
const syntax = await loadSyntax(
  fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
  fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
);
const read = (file) => {
  try {
    return fs.readFileSync(path.join(tree, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR')
      return undefined;
    throw error;
  }
};
const list = (folder) => {
  try {
    return fs.readdirSync(path.join(tree, folder));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};
const program = createProgram({ parsing: syntax, tree: { read, list } });

/** C files below a folder or file, relative to the tree. */
function cFiles(at) {
  const full = path.join(tree, at);
  if (!fs.existsSync(full)) return [];
  if (fs.statSync(full).isFile()) return [at];
  return fs
    .readdirSync(full, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
    .map((entry) => path.relative(tree, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Number of `return` in C text, comments and strings aside. */
function countReturns(text) {
  const plain = text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g,
    ' ',
  );
  return plain.match(/\breturn(?:_ptr)?\b/g)?.length ?? 0;
}

const total = {
  files: 0,
  functions: 0,
  lowered: 0,
  nodes: 0,
  doubts: 0,
  returnsDiffer: 0,
  parse: 0,
  lower: 0,
};
const reasons = new Map();
const doubts = new Map();
const note = (map, reason, where) => {
  const key = reason.replace(
    /\b[\w$]+\b(?= hides| has a label| is a statement| controls| is not defined)/,
    'X',
  );
  const known = map.get(key) ?? { count: 0, where: [] };
  known.count++;
  if (known.where.length < 400) known.where.push(`${where} ${reason}`);
  map.set(key, known);
};
for (const folder of folders.length > 0 ? folders : ['drivers/iommu']) {
  const before = { ...total };
  for (const file of cFiles(folder)) {
    const text = read(file);
    total.files++;
    let at = performance.now();
    const source = syntax.parse(file, text).value;
    total.parse += performance.now() - at;
    at = performance.now();
    const unit = program.unit(file, source);
    for (const fn of unit.functions) {
      total.functions++;
      const ir = fn.lower();
      if (ir.kind === 'notLowered') {
        const line = text.slice(0, fn.itemStart + ir.start).split('\n').length;
        note(reasons, ir.reason, `${file}:${line} ${fn.name}`);
        continue;
      }
      total.lowered++;
      total.nodes += ir.cfg.nodes.length;
      total.doubts += ir.doubts.length;
      for (const { start, reason } of ir.doubts) {
        const line = text.slice(0, fn.itemStart + start).split('\n').length;
        note(doubts, reason, `${file}:${line}`);
      }
      if (wanted === fn.name) console.log(dumpFunction(ir));
      const lines = new Set(
        ir.cfg.nodes.filter((node) => node.kind === 'return').map((node) => node.start),
      );
      const inText = countReturns(fn.text);
      if (lines.size !== inText) {
        total.returnsDiffer++;
        if (details)
          console.log(`returns: ${file} ${fn.name}: ${lines.size} lowered, ${inText} in the text`);
      }
    }
    total.lower += performance.now() - at;
  }
  const of = (key) => total[key] - before[key];
  console.log(
    `${folder}: ${of('files')} files, ${of('functions')} functions, ${of('lowered')} lowered, ${of('functions') - of('lowered')} not, ` +
      `${of('nodes')} nodes, ${of('doubts')} doubts, parse ${of('parse').toFixed(0)} ms, lower ${of('lower').toFixed(0)} ms`,
  );
}
const share = (100 * (total.functions - total.lowered)) / Math.max(1, total.functions);
console.log(
  `total: ${total.functions} functions, ${total.functions - total.lowered} not lowered (${share.toFixed(3)} %), ` +
    `unresolved gotos ${[...reasons].filter(([reason]) => reason.includes('is not defined')).reduce((sum, [, { count }]) => sum + count, 0)}, ` +
    `functions whose returns differ from the text ${total.returnsDiffer}`,
);
for (const [title, map] of [
  ['not lowered', reasons],
  ['doubts', doubts],
]) {
  for (const [reason, { count, where }] of [...map].sort((a, b) => b[1].count - a[1].count)) {
    console.log(`${title}: ${count} × ${reason}`);
    for (const place of details ? where : where.slice(0, 2)) console.log(`    ${place}`);
  }
}
syntax.dispose();
