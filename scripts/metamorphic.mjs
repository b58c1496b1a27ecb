// npm run metamorphic [-- CORPUS] [--only NAME,…] [--case TEXT] [--preview] [--verbose]
//
// Findings must not depend on names, layout or place. Every fixture, and every file of a corpus folder (history/ID/…),
// is changed in ways that leave its meaning alone: locals, static functions, labels and members of its own structs get
// other names; braces, parentheses, line breaks and comments come and go; !x becomes x == 0; the file moves.
// Findings, compared by rule, function and place, must be the same. Ends with 1 on any difference.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { applyEdits } from './lib/edits.mjs';
import { compile, fail, fromUser, loadEngine, root } from './lib/engine.mjs';
import { transforms } from './lib/transforms.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    case: { type: 'string' },
    preview: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? [...Object.keys(transforms), 'move', 'all'];
for (const name of names) {
  if (!(name in transforms) && name !== 'move' && name !== 'all') {
    fail(
      `no transformation named ${name}; there are ${[...Object.keys(transforms), 'move', 'all'].join(', ')}`,
    );
  }
}

compile();
const { syntax, open, load } = await loadEngine();
const tree = await load('syntax/tree.js');
const { Kind, fieldNames } = await load('syntax/kinds.generated.js');
const { createProgram } = await load('program/program.js');
const { visitExpressions } = await load('program/walk.js');
const c = { ...tree, Kind, fieldNames };

const selection = { rules: undefined, preview: values.preview };
const inputs = [...fixtures(), ...corpus()].filter(({ label }) =>
  label.includes(values.case ?? ''),
);
if (inputs.length === 0)
  fail(`nothing to try${values.case === undefined ? '' : ` that matches ${values.case}`}`);

const totals = new Map(names.map((name) => [name, { tried: 0, changed: 0, different: 0 }]));
let findings = 0;
let notParsed = 0;
for (const input of inputs) {
  const before = review(input, input.file, input.text);
  findings += before.findings.length;
  for (const name of names) {
    const total = totals.get(name);
    total.tried++;
    const changed = change(name, input);
    if (changed === undefined) continue;
    if (parseErrors(changed.file, changed.text) > parseErrors(input.file, input.text)) {
      // The changed text is not read as C any more: that is a defect of the parser or of the transformation.
      notParsed++;
      console.log(`${input.label}: ${name}: the changed file has more parse errors`);
      continue;
    }
    total.changed++;
    const after = review(input, changed.file, changed.text);
    const differences = compare(input, before, after, changed);
    if (differences.length === 0) continue;
    total.different++;
    console.log(`${input.label}: ${name}`);
    for (const line of differences) console.log(`  ${line}`);
    if (values.verbose) console.log(changed.text);
  }
}

console.log(`\n${inputs.length} files, ${findings} findings`);
let different = 0;
for (const [name, total] of totals) {
  different += total.different;
  console.log(
    `${name.padEnd(12)} ${String(total.changed).padStart(5)} changed, ${total.different} different`,
  );
}
console.log(`${different} differences${notParsed > 0 ? `, ${notParsed} not parsed` : ''}`);
process.exit(different + notParsed > 0 ? 1 : 0);

/** The changed file, or undefined where the transformation has nothing to change. */
function change(name, input) {
  if (name === 'move') {
    const file = `drivers/moved/${path.basename(input.file)}`;
    return { file, text: input.text, back: (offset) => offset, functionBack: (each) => each };
  }
  if (name === 'all') {
    let state = {
      file: input.file,
      text: input.text,
      back: (offset) => offset,
      functionBack: (each) => each,
    };
    for (const each of Object.keys(transforms)) {
      const next = change(each, { ...input, text: state.text });
      if (next === undefined) continue;
      const previous = state;
      state = {
        file: `drivers/moved/${path.basename(input.file)}`,
        text: next.text,
        back: (offset) => previous.back(next.back(offset)),
        functionBack: (each) => previous.functionBack(next.functionBack(each)),
      };
    }
    return state.text === input.text ? undefined : state;
  }
  const { value } = syntax.parse(input.file, input.text);
  const { edits, functionBack } = transforms[name](
    value,
    c,
    name === 'fields' ? ownerIn(input) : undefined,
  );
  if (edits.length === 0) return undefined;
  const { text, back } = applyEdits(input.text, edits);
  return { file: input.file, text, back, functionBack: functionBack ?? ((each) => each) };
}

/** Says of which struct the object of a member access is, by the offset of the member's name. */
function ownerIn(input) {
  const owners = new Map();
  const program = createProgram({ parsing: syntax, version: input.kernel });
  const unit = program.unit(input.file, syntax.parse(input.file, input.text).value);
  for (const fn of unit.functions) {
    const ir = fn.lower();
    if (ir.kind !== 'lowered') continue;
    visitExpressions(ir, (expr) => {
      if (expr.kind !== 'field' || expr.macro !== undefined) return;
      const object = unit.types.resolve(unit.types.typeOf(ir, expr.base), ir);
      const record = object.kind === 'pointer' ? unit.types.resolve(object.to, ir) : object;
      if (record.kind === 'record') owners.set(fn.itemStart + expr.nameStart, record.tag);
    });
  }
  return (offset) => owners.get(offset);
}

function parseErrors(file, text) {
  return syntax.parse(file, text).value.items.filter((item) => item.tree.hasError).length;
}

function review(input, file, text) {
  return open({ root: input.base, kernel: input.kernel, selection }).review(file, text);
}

/** Differences in words; places are those of the original. */
function compare(input, before, after, changed) {
  // A test may begin with the `!` or parenthesis that came or went.
  const settle = (offset) => {
    let at = offset;
    while (/[!(\s]/.test(input.text[at] ?? '')) at++;
    return at;
  };
  const line = (offset) => input.text.slice(0, offset).split('\n').length;
  const key = (rule, name, offset) =>
    `${rule} in ${name}() at line ${line(settle(offset))}, offset ${settle(offset)}`;
  const was = [
    ...before.findings
      .filter(({ file }) => file === input.file)
      .map((each) => key(each.rule, each.function, each.span.start)),
    ...before.incomplete.map((each) => `not analysed: ${each.function ?? ''}() ${each.reason}`),
  ].sort();
  const is = [
    ...after.findings
      .filter(({ file }) => file === changed.file)
      .map((each) =>
        key(each.rule, changed.functionBack(each.function), changed.back(each.span.start)),
      ),
    ...after.incomplete.map(
      (each) => `not analysed: ${changed.functionBack(each.function ?? '')}() ${each.reason}`,
    ),
  ].sort();
  const rest = [...is];
  const gone = was.filter((each) => {
    const at = rest.indexOf(each);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [...gone.map((each) => `gone: ${each}`), ...rest.map((each) => `new:  ${each}`)];
}

/** The C files of test-fixtures/checkers; a fixture with several files is tried as its parts. */
function fixtures() {
  const base = path.join(root, 'test-fixtures/checkers');
  if (!fs.existsSync(base)) return [];
  return fs
    .readdirSync(base, { recursive: true })
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => {
      const text = fs.readFileSync(path.join(base, name), 'utf8');
      return {
        label: `fixture ${name}`,
        base,
        file: `drivers/fixture/${path.basename(name)}`,
        kernel: /^\/\/! kernel: (\d+\.\d+)/m.exec(text)?.[1],
        text,
      };
    });
}

/** Both sides of every case of a corpus folder, where one is named. */
function corpus() {
  if (positionals[0] === undefined) return [];
  const folder = fromUser(positionals[0]);
  const list = path.join(folder, 'history.jsonl');
  if (!fs.existsSync(list)) {
    console.log(`skipped: ${list}: no such file; only the fixtures are tried`);
    return [];
  }
  return fs
    .readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .flatMap((each) =>
      ['before', 'after'].map((side) => {
        const base = path.resolve(folder, 'history', each.id, side);
        return {
          label: `${each.id} ${side}`,
          base,
          file: each.path,
          kernel: /^\d+\.\d+/.exec(each[`kernel_${side}`])?.[0],
          text: fs.readFileSync(path.join(base, each.path), 'utf8'),
        };
      }),
    );
}
