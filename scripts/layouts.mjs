// `npm run layouts -- TREE`: sizes, alignments and member offsets of the structs a unit declares, as the front end
// lays them out and as gcc does. Skipped loudly without a tree or gcc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const UNITS = [
  'drivers/iommu/intel/iommu.c',
  'drivers/iommu/amd/iommu.c',
  'drivers/vfio/vfio_iommu_type1.c',
];
const PROMISED = 200;

const tree = process.argv[2];
if (tree === undefined || !fs.existsSync(path.join(tree, 'include/linux/kconfig.h'))) {
  console.log('SKIPPED: name a kernel tree: npm run layouts -- TREE');
  process.exit(0);
}
try {
  execFileSync('gcc', ['--version'], { stdio: 'ignore' });
} catch {
  console.log('SKIPPED: there is no gcc here; nothing was compared');
  process.exit(0);
}

const root = path.resolve(import.meta.dirname, '..');
const load = (file) => import(pathToFileURL(path.join(root, 'out/server/cfront', file)).href);
const { FrontEnd } = await load('frontEnd.js');
const { FILE_SCOPE_NAMES, KEPT_NAMES, intrinsicKind } = await load('parse/intrinsics.js');
const { spellingOf } = await load('lex/atoms.js');

const read = (file) => {
  const at = path.join(tree, file);
  return fs.existsSync(at) && fs.statSync(at).isFile() ? fs.readFileSync(at, 'utf8') : undefined;
};

/** The declarations of a unit as C text, function bodies left out; names that only the front end knows are macros. */
function declarationsText(unit) {
  const skipped = [...FILE_SCOPE_NAMES].map((atom) => `#define ${spellingOf(atom)}(...)`);
  const zero = [...KEPT_NAMES]
    .map(spellingOf)
    .filter((name) => intrinsicKind(name) === 'ignored' && unit.function(name) === undefined)
    .map((name) => `#define ${name}(...) 0`);
  const { atoms, partners, count } = unit.tokens;
  const bodies = new Set(unit.definedFunctions().map((symbol) => symbol.body));
  const words = [];
  for (let i = 0; i < count; i++) {
    if (bodies.has(i)) {
      words.push(';\n');
      i = partners[i];
    } else {
      const word = spellingOf(atoms[i]);
      words.push(word === ';' ? ';\n' : word);
    }
  }
  return `${[...skipped, ...zero].join('\n')}\n${words.join(' ')}`;
}

/** One line per fact: what gcc prints and what the front end says, in the same form. */
function factsOf(unit, tag, type) {
  const name = `${type.union ? 'union' : 'struct'} ${tag}`;
  const facts = [
    { c: `sizeof(${name})`, value: type.layout.size, what: `sizeof ${name}` },
    { c: `_Alignof(${name})`, value: type.layout.align, what: `alignof ${name}` },
  ];
  for (const [member, { offset, bits }] of type.layout.byName) {
    if (bits === undefined) {
      facts.push({
        c: `__builtin_offsetof(${name}, ${member})`,
        value: offset,
        what: `${name}.${member}`,
      });
    } else {
      facts.push({
        c: `first_bit(&(union { ${name} s; unsigned char b[sizeof(${name})]; }){ .s = { .${member} = -1 } }, sizeof(${name}))`,
        value: offset * 8 + bits.shift,
        what: `${name}.${member} (first bit)`,
      });
    }
  }
  return facts;
}

const HELPERS = `
int printf(const char *, ...);
static int first_bit(const void *at, unsigned long size) {
  const unsigned char *b = at;
  for (unsigned long i = 0; i < size * 8; i++) if (b[i / 8] >> (i % 8) & 1) return (int)i;
  return -1;
}
`;

let structs = 0;
let compared = 0;
const differences = [];
for (const file of UNITS) {
  const loaded = new FrontEnd({ read }).load(file);
  if (!loaded.ok) continue;
  const { unit } = loaded;
  const tags = unit.aggregateTags().filter((tag) => unit.aggregate(tag).layout.size < 1 << 20);
  const facts = tags.flatMap((tag) => factsOf(unit, tag, unit.aggregate(tag)));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-layouts-'));
  const source = path.join(folder, 'layouts.c');
  const binary = path.join(folder, 'layouts');
  const prints = facts.map(({ c }) => `  printf("%ld\\n", (long)(${c}));`);
  const text = `${declarationsText(unit)}\n${HELPERS}\nint main(void) {\n${prints.join('\n')}\n  return 0;\n}\n`;
  fs.writeFileSync(source, text);
  try {
    const flags = [
      '-w',
      '-O0',
      '-std=gnu11',
      '-fshort-wchar',
      '-fms-extensions',
      '-fno-builtin',
      '-no-pie',
      '-Wl,--unresolved-symbols=ignore-all',
      '-funsigned-char',
    ];
    execFileSync('gcc', [...flags, '-o', binary, source], { stdio: ['ignore', 'ignore', 'pipe'] });
    const answers = execFileSync(binary, { encoding: 'utf8', maxBuffer: 1 << 28 })
      .trim()
      .split('\n');
    facts.forEach(({ what, value }, i) => {
      compared++;
      if (String(value) !== answers[i])
        differences.push(`${file}: ${what}: gcc ${answers[i]}, here ${value}`);
    });
    structs += tags.length;
  } catch (error) {
    console.log(
      `${file}: gcc did not take it:\n${String(error.stderr ?? error)
        .split('\n')
        .slice(0, 8)
        .join('\n')}`,
    );
  }
  fs.rmSync(folder, { recursive: true });
}
for (const line of differences.slice(0, 30)) console.log(line);
console.log(`${structs} structs, ${compared} facts compared, ${differences.length} differences`);
process.exit(differences.length === 0 && structs >= PROMISED ? 0 : 1);
