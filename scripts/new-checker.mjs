// `npm run new-checker <id>`: writes a rule that reports nothing, its fixture, and the derived files.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const root = path.resolve(import.meta.dirname, '..');
const id = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id)) {
  console.error(
    'usage: npm run new-checker <id>, a kebab-case name of the defect: dma-unmap-twice',
  );
  process.exit(2);
}
const rule = `server/checkers/rules/${id}.ts`;
const fixture = `test-fixtures/checkers/${id}/basic.c`;
for (const file of [rule, fixture]) {
  if (fs.existsSync(path.join(root, file))) {
    console.error(`new-checker: ${file} exists`);
    process.exit(2);
  }
}
const name = id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

write(
  rule,
  `import { defineChecker, type Checker } from '../checker.ts';

/** TODO: what the rule reports, as one sentence. */
export const ${name}: Checker = defineChecker(
  {
    id: '${id}',
    summary: 'TODO: the invariant, as one true sentence about correct code.',
    severity: 'warning',
    confidence: 'medium',
    maturity: 'preview',
    since: '${version}',
    needs: ['calls'],
    messages: {
      found: 'TODO: both sides as the code spells them, and the consequence: {call}',
    },
    sources: [{ where: 'TODO: path or specification', what: 'TODO: function or section' }],
    falsePositives: [],
    limits: ['TODO: wrong code that stays silent.'],
    page: {
      what: 'TODO',
      why: 'TODO',
      example: '/* TODO: wrong */',
      instead: '/* TODO: right */',
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      if (call.function !== 'TODO_the_interface') continue;
      report({ message: 'found', values: { call: { text: call.function } }, at: call.place });
    }
  },
);
`,
);
write(
  fixture,
  `// TODO: one sentence about the defect. Carets name the reported range by visual column, tabs are 8 wide.
static int bad_TODO(struct device *dev)
{
	return 0;
}

static int good_TODO(struct device *dev)
{
	return 0; // ok[${id}]: TODO say why this is right
}
`,
);
const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/generate.mjs')], {
  stdio: 'inherit',
});
console.log('next: docs/adding-a-checker.md, step 2');
process.exit(status ?? 1);

function write(file, text) {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
  console.log(`new-checker: ${file}`);
}
