// `npm run hover-fields -- TREE [--others DIR,…]`: hovers over every known field, code and constant in a kernel tree.
//
// Each name is looked for in the tree as text. Where the tree defines it, the script opens the file in the built server
// and hovers at the definition, and at one use in C code of the same folder (or of the header's users). The bits that the
// hover shows are compared with what this script makes of the definition by itself, where that is an expression of BIT,
// GENMASK and shifts. Names that the tree does not define are listed with the trees of --others that do.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, root, skip } from './lib/engine.mjs';
import { startServer } from './lib/server.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { others: { type: 'string' }, verbose: { type: 'boolean', default: false } },
});
if (positionals[0] === undefined) skip('name a kernel tree: npm run hover-fields -- TREE');
const tree = fromUser(positionals[0]);
if (!fs.existsSync(path.join(tree, 'Kbuild'))) fail(`${tree}: no kernel tree`);
const others = (values.others ?? '').split(',').filter(Boolean).map(fromUser);

compile();
const { fieldFamilies } = await import(path.join(root, 'out/server/explain/fields/all.js'));
const entries = fieldFamilies.flatMap((family) =>
  family.entries.map((entry) => ({ entry, family })),
);

const texts = new Map();
function read(base, file) {
  const full = path.join(base, file);
  if (!texts.has(full))
    texts.set(full, fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : undefined);
  return texts.get(full);
}

/** Offset of the name where a text defines it: a macro, enumerator, function or struct member. */
function definitionIn(text, { name, kind }) {
  if (text === undefined) return undefined;
  if (kind === 'member') {
    const [struct, member] = name.split('.');
    const start = new RegExp(`^struct ${struct}\\b[^;]*?\\{`, 'm').exec(text);
    if (start === null) return undefined;
    const end = text.indexOf('\n}', start.index);
    const inside = new RegExp(`\\b${member}\\b(?=[\\s:;,])`, 'g');
    inside.lastIndex = start.index + start[0].length;
    const match = inside.exec(text);
    return match !== null && match.index < end ? match.index : undefined;
  }
  const patterns = [
    new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}\\b`, 'm'),
    new RegExp(`^[ \\t]+${name}\\b(?=\\s*(?:=|,|$|/\\*))`, 'm'),
    new RegExp(`^(?:[\\w\\s*]+[\\s*])${name}\\(`, 'm'),
    new RegExp(`^[\\w\\s*]*\\b${name}\\b[^=(]*;`, 'm'),
  ];
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match.index + match[0].lastIndexOf(name);
  }
  return undefined;
}

/** C files that a header's names are used in: its own folder, and one up for headers of a subfolder. */
const usersOf = new Map();
function users(file) {
  const folder = path.dirname(file);
  const places = /^(include|arch)\//.test(file)
    ? [folder, 'drivers/iommu', 'drivers/iommu/intel', 'drivers/iommu/amd', 'drivers/iommu/arm/arm-smmu-v3', 'drivers/iommu/riscv', 'drivers/iommu/iommufd', 'drivers/iommu/generic_pt', 'drivers/iommu/generic_pt/fmt', 'drivers/vfio', 'drivers/vfio/pci', 'kernel/dma', 'arch/x86/mm', 'arch/x86/virt/svm', 'arch/x86/coco/sev', 'arch/arm64/mm', 'arch/arm64/kvm', 'arch/arm64/kvm/hyp', 'arch/riscv/mm', 'arch/s390/pci'] // prettier-ignore
    : [folder, path.dirname(folder)];
  const key = places.join();
  if (!usersOf.has(key)) {
    const list = places.flatMap((place) => {
      const full = path.join(tree, place);
      if (!fs.existsSync(full)) return [];
      return fs
        .readdirSync(full)
        .filter((name) => /\.[ch]$/.test(name))
        .map((name) => `${place}/${name}`);
    });
    usersOf.set(key, [...new Set(list)]);
  }
  return usersOf.get(key);
}

/** One use of a name outside of comments and preprocessor lines. */
function useOf(entry, definedIn) {
  const [, member] = entry.kind === 'member' ? entry.name.split('.') : [];
  const pattern =
    member === undefined
      ? new RegExp(`\\b${entry.name}\\b`, 'g')
      : new RegExp(`(?<=(?:->|\\.))${member}\\b`, 'g');
  const struct = entry.name.split('.')[0];
  for (const file of [
    ...users(definedIn.file).filter((each) => each.endsWith('.c')),
    ...users(definedIn.file).filter((each) => each.endsWith('.h')),
  ]) {
    // prettier-ignore
    const text = read(tree, file);
    if (text?.includes(member ?? entry.name) !== true) continue;
    if (member !== undefined && !text.includes(`struct ${struct}`)) continue;
    // The file may have a name of its own that is spelled alike.
    if (file !== definedIn.file && definitionIn(text, entry) !== undefined) continue;
    for (const match of text.matchAll(pattern)) {
      if (file === definedIn.file && match.index === definedIn.offset) continue;
      const lineStart = text.lastIndexOf('\n', match.index) + 1;
      const line = text.slice(lineStart, text.indexOf('\n', match.index));
      if (/^\s*(?:#|\*|\/\*|\/\/)/.test(line) || /^\s*#/.test(line)) continue;
      const before = text.slice(0, match.index);
      if (before.lastIndexOf('/*') > before.lastIndexOf('*/')) continue;
      if (
        /\\\s*$/.test(
          text
            .slice(0, lineStart - 1)
            .split('\n')
            .at(-1) ?? '',
        )
      )
        continue;
      if (member !== undefined && !isOfStruct(text, match.index, struct)) continue;
      return { file, offset: match.index };
    }
  }
  return undefined;
}

/** The object before `->` or `.` is declared in the function as the struct. */
function isOfStruct(text, offset, struct) {
  const start = text.lastIndexOf('\n}', offset);
  const object = /(\w+)(?:\[[^\]]*\])?(?:->|\.)$/.exec(
    text.slice(Math.max(0, offset - 60), offset),
  )?.[1];
  return new RegExp(`struct ${struct}\\s*\\*?\\s*${object}\\b`).test(text.slice(start, offset));
}

/** Bits of a definition that is an expression of BIT, GENMASK, shifts and numbers: worked out here, not by the product. */
function bitsWritten(text, offset, entry) {
  const end = text.indexOf('\n', offset);
  const rest = text.slice(offset + entry.name.length, end).replace(/\/\*.*$/, '').replace(/\/\/.*$/, ''); // prettier-ignore
  const isEnum = /^\s*=/.test(rest);
  const body = rest.replace(/^\s*=/, '').replace(/,\s*$/, '').trim();
  if (body === '' || (!isEnum && rest.startsWith('('))) return undefined;
  const script = body
    .replace(/\b(?:BIT|BIT_ULL|_BITUL|_BITULL)\(\s*(\d+)\s*\)/g, '(1n<<$1n)')
    .replace(/\b(?:GENMASK|GENMASK_ULL)\(\s*(\d+)\s*,\s*(\d+)\s*\)/g, '((1n<<($1n+1n))-(1n<<$2n))')
    .replace(/\b(?:_AC|UL|ULL)\((\w+?)[uUlL]*(?:\s*,\s*\w+)?\)/g, '$1')
    .replace(/\b(0x[0-9a-fA-F]+|\d+)[uUlL]*(?!n)\b/g, '$1n');
  if (!/^[\s()|&~+<>*xXa-fA-F0-9n-]+$/.test(script) || !/<<|\|/.test(script)) return undefined;
  let value;
  try {
    value = BigInt.asUintN(64, Function(`return ${script}`)());
  } catch {
    return undefined;
  }
  const binary = value.toString(2);
  const match = /^(0*)(1+)(0*)$/.exec(binary);
  if (match === null) return undefined;
  return { low: match[3].length, high: match[3].length + match[2].length - 1 };
}

const found = [];
const elsewhere = [];
for (const { entry, family } of entries) {
  const [file, text] = locate(tree, entry);
  if (file === undefined) {
    const names = others.filter((other) => locate(other, entry)[0] !== undefined);
    elsewhere.push({ entry, in: names.map((name) => path.basename(name)) });
    continue;
  }
  const offset = definitionIn(text, entry);
  found.push({ entry, family, file, offset, use: useOf(entry, { file, offset }) });
}

function locate(base, entry) {
  const text = read(base, entry.path);
  return definitionIn(text, entry) === undefined ? [undefined, undefined] : [entry.path, text];
}

const server = await startServer(tree);
const jobs = new Map();
for (const item of found) {
  const add = (file, offset, what) => {
    if (!jobs.has(file)) jobs.set(file, []);
    jobs.get(file).push({ item, offset, what });
  };
  add(item.file, item.offset, 'definition');
  if (item.use !== undefined) add(item.use.file, item.use.offset, 'use');
}
const missed = [];
const wrong = [];
let tooLong = 0;
let tooWide = 0;
let compared = 0;
let hovered = 0;
for (const [file, list] of jobs) {
  const text = read(tree, file);
  await server.open(file, text);
  for (const { item, offset, what } of list) {
    const before = text.slice(0, offset);
    const line = before.split('\n').length - 1;
    const character = offset - (before.lastIndexOf('\n') + 1);
    const answer = await server.hover(file, { line, character });
    const shown = answer?.contents.value ?? '';
    const plain = item.entry.kind === 'member' ? item.entry.name : item.entry.name;
    hovered++;
    if (!shown.includes(plain)) {
      missed.push(`${what} ${file}:${line + 1} ${item.entry.name}`);
      continue;
    }
    const lines = shown.split('\n');
    if (lines.length > 15 * shown.split('\n\n').length + 1) tooLong++;
    if (lines.some((each) => each.startsWith('|') && each.length > 72)) tooWide++;
    if (what !== 'definition' || item.entry.kind !== 'field') continue;
    const bits = bitsWritten(text, offset, item.entry);
    if (bits === undefined) continue;
    compared++;
    const span = bits.high === bits.low ? `bit ${bits.low}` : `bits ${bits.high}:${bits.low}`;
    if (!new RegExp(`${item.entry.name}, ${span}\\b`).test(shown)) {
      wrong.push(
        `${file}:${line + 1} ${item.entry.name}: the tree writes ${span}, shown: ${lines[0]}`,
      );
    }
  }
  await server.close(file);
}
await server.stop();

const withUse = found.filter(({ use }) => use !== undefined).length;
console.log(
  `${entries.length} names known, ${found.length} defined in ${path.basename(tree)}, ${withUse} of them used in C code of their folders`,
);
console.log(
  `${hovered} hovers, ${missed.length} without an answer (${(100 - (100 * missed.length) / hovered).toFixed(2)} % answered)`,
);
console.log(
  `${compared} definitions of BIT, GENMASK and shifts compared, ${wrong.length} differ from what is shown`,
);
console.log(`${tooWide} with a diagram wider than 72 columns, ${tooLong} with more than 15 lines`);
if (server.log.length > 0) console.log(`server log:\n${server.log.join('\n')}`);
for (const line of [...missed, ...wrong]) console.log(`  ${line}`);
const list = elsewhere.map(({ entry, in: names }) => `${entry.name}${names.length === 0 ? '' : ` (${names.join(', ')})`}`); // prettier-ignore
console.log(`not in this tree (${elsewhere.length}): ${list.join(', ')}`);
process.exit(
  missed.length <= hovered / 100 && wrong.length === 0 && tooWide + tooLong === 0 ? 0 : 1,
);
