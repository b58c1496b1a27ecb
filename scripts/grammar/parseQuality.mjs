// npm run parse-quality -- TREE [FOLDER…] [--list]
// How well the grammar reads real kernel files. Every figure is checked against a tokenizer that shares no code with the grammar:
//   functions   bodies whose braces stand in column 0, found by the tokenizer
//   errors      of those, the ones for which the tree has no function with exactly this body, or one with an error in it
//   nested      function definitions inside another
//   gotos       gotos in functions without errors whose label the tree does not have
//   mismatches  functions without errors in which return, goto, if, break or continue are counted differently
// --list names each of them; --top also lists errors outside functions.
import fs from 'node:fs';
import path from 'node:path';
import { Field, Kind } from '../../out/server/syntax/kinds.generated.js';
import { loadSyntax } from '../../out/server/syntax/syntax.js';
import * as T from '../../out/server/syntax/tree.js';

const root = path.resolve(import.meta.dirname, '../..');
const usual = ['iommu', 'vfio', 'vdpa', 'dma-buf', 'nvme', 'infiniband', 'virtio'];
const defaults = [...usual.map((name) => `drivers/${name}`), 'kernel/dma'];

const words = process.argv.slice(2);
const listing = words.includes('--list');
const listingTop = words.includes('--top');
const [tree, ...given] = words.filter((word) => !word.startsWith('--'));
if (tree === undefined || !fs.existsSync(tree)) {
  console.log(
    `parse-quality: skipped, ${tree === undefined ? 'no kernel tree given' : `no ${tree}`}`,
  );
  console.log('usage: npm run parse-quality -- TREE [FOLDER…] [--list] [--top]');
  process.exit(0);
}
const folders = given.length > 0 ? given : defaults;

const syntax = await loadSyntax(
  fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
  fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
);

/** C sources and headers of a folder, or the file itself. */
function sources(place) {
  if (!fs.existsSync(place)) return [];
  if (fs.statSync(place).isFile()) return [place];
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Blanks comments, strings and directives, keeping offsets; then braces and keywords can be counted as they stand. */
function skeleton(text) {
  return text.replace(
    /\/\*[^]*?\*\/|\/\/(?:\\\r?\n|.)*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|^[ \t]*#(?:\\\r?\n|\/\*[^]*?\*\/|.)*/gm,
    (piece) => piece.replace(/[^\n]/g, ' '),
  );
}

/** Function bodies by the kernel's layout: `{` alone in column 0 after a `)` or a word, up to the brace that matches it. */
function bodies(code) {
  const found = [];
  for (const match of code.matchAll(/(?<=[\w)]\s*\n)\{[ \t]*$/gm)) {
    const end = matchingBrace(code, match.index);
    if (end === undefined) continue;
    const before = code.slice(Math.max(0, match.index - 600), match.index);
    // The header: what follows the last end of a declaration. A type or an initialiser is none.
    const header = before.slice(Math.max(before.lastIndexOf(';'), before.lastIndexOf('}')) + 1);
    if (!header.includes('(') || /=\s*$|\b(?:struct|union|enum)\s+\w*\s*$/.test(header)) continue;
    found.push({ start: match.index, end, header });
  }
  return found;
}

function matchingBrace(code, start) {
  let depth = 0;
  for (let i = start; i < code.length; i++) {
    if (code[i] === '{') depth++;
    else if (code[i] === '}' && --depth === 0) return i + 1;
  }
  return undefined;
}

const keywords = ['return', 'goto', 'if', 'break', 'continue'];
const functionKinds = [Kind.function_definition, Kind.macro_function_definition];
const statementKinds = [
  Kind.return_statement,
  Kind.goto_statement,
  Kind.if_statement,
  Kind.break_statement,
  Kind.continue_statement,
];

function countTokens(code) {
  const counts = keywords.map(() => 0);
  for (const [word] of code.matchAll(/\b[A-Za-z_]\w*/g)) {
    const index = keywords.indexOf(word);
    if (index >= 0) counts[index]++;
  }
  return counts;
}

function countNodes(flat) {
  const counts = keywords.map(() => 0);
  for (let node = 0; node < T.nodeCount(flat); node++) {
    const index = statementKinds.indexOf(T.kindOf(flat, node));
    if (index >= 0) counts[index]++;
  }
  return counts;
}

function unresolvedGotos(flat) {
  const name = (node) => T.textOf(flat, T.childByField(flat, node, Field.label));
  const labels = new Set(T.descendantsOfKind(flat, 0, Kind.labeled_statement).map(name));
  return T.descendantsOfKind(flat, 0, Kind.goto_statement)
    .filter((node) => T.childByField(flat, node, Field.label) !== T.noNode)
    .map(name)
    .filter((label) => !labels.has(label));
}

const columns = ['files', 'functions', 'errors', 'nested', 'gotos', 'mismatches', 'top-level'];
const total = Object.fromEntries(columns.map((column) => [column, 0]));
let bytes = 0;
let milliseconds = 0;

function examine(file, figures) {
  const text = fs.readFileSync(file, 'utf8');
  const started = performance.now();
  const { value, problems } = syntax.parse(file, text);
  milliseconds += performance.now() - started;
  bytes += text.length;
  figures.files++;
  const line = (offset) => text.slice(0, offset).split('\n').length;
  const note = (what, offset, detail) => {
    if (listing) console.log(`  ${what} ${path.relative(tree, file)}:${line(offset)} ${detail}`);
  };
  for (const { reason } of problems) note('not parsed', 0, reason);

  // The tokenizer sees the reading that the tree was made of: the same branches of #if.
  const read = text.split('');
  for (let i = 0; i < read.length; i++) if (read[i] !== '\n') read[i] = ' ';
  for (const item of value.items) {
    for (let i = 0; i < item.tree.text.length; i++) read[item.start + i] = item.tree.text[i];
  }
  const code = skeleton(read.join(''));

  const clean = new Map();
  for (const item of value.items) {
    const { tree: flat } = item;
    const definitions = T.descendantsOfKind(flat, 0, Kind.function_definition);
    const isFunction = functionKinds.includes(T.kindOf(flat, 0));
    for (const inner of definitions.filter((node) => node !== 0)) {
      figures.nested++;
      note(
        'nested',
        item.start + T.startOf(flat, inner),
        T.textOf(flat, inner).slice(0, 60).replace(/\s+/g, ' '),
      );
    }
    if (flat.hasError && !isFunction) {
      figures['top-level']++;
      if (listingTop) {
        const at = Array.from({ length: T.nodeCount(flat) }, (_, node) => node).find(
          (node) => T.kindOf(flat, node) === Kind.ERROR || T.isMissing(flat, node),
        );
        console.log(
          `  top-level ${path.relative(tree, file)}:${line(item.start + T.startOf(flat, at))} ${T.kindName(flat, 0)} ${T.textOf(flat, at).slice(0, 100).replace(/\s+/g, ' ')}`,
        );
      }
    }
    if (!isFunction) continue;
    const body = T.childByField(flat, 0, Field.body);
    if (!flat.hasError) {
      clean.set(item.start + T.startOf(flat, body), item.start + T.endOf(flat, body));
      const tokens = countTokens(code.slice(item.start, item.start + flat.text.length));
      const nodes = countNodes(flat);
      if (tokens.join() !== nodes.join()) {
        figures.mismatches++;
        note(
          'mismatch',
          item.start,
          `${keywords.join()}: tokenizer ${tokens.join()}, tree ${nodes.join()}`,
        );
      }
      for (const label of unresolvedGotos(flat)) {
        figures.gotos++;
        note('goto', item.start, label);
      }
    }
  }
  for (const { start, end, header } of bodies(code)) {
    figures.functions++;
    if (clean.get(start) === end) continue;
    figures.errors++;
    const item = value.items.find(
      (one) => one.start <= start && start < one.start + one.tree.text.length,
    );
    const wrong = item === undefined ? undefined : firstError(item.tree);
    const at = wrong === undefined ? start : item.start + T.startOf(item.tree, wrong);
    const name = /(\w+)\s*\([^]*$/.exec(header)?.[1] ?? '?';
    const detail =
      wrong === undefined
        ? `no error, but ${item === undefined ? 'no item' : T.kindName(item.tree, 0)}`
        : T.textOf(item.tree, wrong).slice(0, 80).replace(/\s+/g, ' ');
    note(
      'error',
      at,
      `in ${name}: ${text.split('\n')[line(at) - 1].trim().slice(0, 90)} :: ${detail}`,
    );
  }
}

function firstError(flat) {
  for (let node = 0; node < T.nodeCount(flat); node++) {
    if (T.kindOf(flat, node) === Kind.ERROR || T.isMissing(flat, node)) return node;
  }
  return undefined;
}

const show = (name, figures) => {
  const share = figures.functions === 0 ? 0 : (100 * figures.errors) / figures.functions;
  const cells = columns.map((column) => String(figures[column]).padStart(10));
  console.log(`${name.padEnd(28)}${cells.join('')}${share.toFixed(3).padStart(9)} %`);
};
console.log(
  `${'folder'.padEnd(28)}${columns.map((column) => column.padStart(10)).join('')}   in error`,
);
for (const folder of folders) {
  const figures = Object.fromEntries(columns.map((column) => [column, 0]));
  const files = sources(path.join(tree, folder));
  if (files.length === 0) console.log(`${folder.padEnd(28)}   not in this tree`);
  for (const file of files) examine(file, figures);
  for (const column of columns) total[column] += figures[column];
  show(folder, figures);
}
show('total', total);
console.log(
  `parsed and flattened ${(bytes / 1e6).toFixed(2)} MB in ${(milliseconds / 1000).toFixed(2)} s`,
);
syntax.dispose();
