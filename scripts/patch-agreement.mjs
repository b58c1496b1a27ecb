// npm run patch-agreement -- TREE_A TREE_B [TREE_C …] [--count N] [--seed S] [--json]
//
// Makes N patches (300) from differences between kernel trees, changes the files they shall be applied to, and applies
// each with iovet, git apply and patch -F2. They agree when iovet's text is that of git or of patch, byte for byte, or
// when all refuse. Prints counts by kind of change and every disagreement; ends with 1 when there is one.
// git, diff and patch are started directly, in a folder of their own below the system's one for temporary files.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, root, skip } from './lib/engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
if (positionals.length < 2)
  fail(
    'usage: npm run patch-agreement -- TREE_A TREE_B [TREE_C …] [--count N] [--seed S] [--json]',
  );
const trees = positionals.map(fromUser);
for (const tree of trees) if (!fs.existsSync(tree)) skip(`${tree}: no such folder`);
for (const program of ['git', 'patch'])
  if (spawnSync(program, ['--version']).status !== 0) skip(`${program} is not installed`);

compile();
const { parsePatch } = await import(path.join(root, 'out/server/patch/parseSeries.js'));
const { applyHunks } = await import(path.join(root, 'out/server/patch/apply/applyFile.js'));

const { strict } = await import(path.join(root, 'out/server/patch/apply/options.js'));

const folders = [
  'drivers/iommu',
  'drivers/vfio',
  'drivers/dma',
  'drivers/net/ethernet',
  'drivers/crypto',
  'kernel/dma',
  'include/linux',
  'mm',
];
const { diceOf } = await import(path.join(root, 'out/tests/patch/dice.js'));
const source = diceOf(Number(values.seed));
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-agreement-'));
const environment = {
  ...process.env,
  GIT_CEILING_DIRECTORIES: path.dirname(work),
  GIT_CONFIG_NOSYSTEM: '1',
  HOME: work,
  LC_ALL: 'C',
};
const options = { cwd: work, env: environment, encoding: 'latin1', maxBuffer: 1 << 28 };

/** C files that two trees both have, and not alike. */
function differing(a, b) {
  const found = [];
  for (const folder of folders) {
    if (!fs.existsSync(path.join(a, folder))) continue;
    for (const name of fs.readdirSync(path.join(a, folder), { recursive: true })) {
      if (!/\.[ch]$/.test(name)) continue;
      const file = path.join(folder, name);
      const [left, right] = [path.join(a, file), path.join(b, file)];
      if (!fs.existsSync(right) || !fs.lstatSync(left).isFile()) continue;
      const [was, is] = [fs.readFileSync(left, 'latin1'), fs.readFileSync(right, 'latin1')];
      if (was !== is && was.length < 400_000) found.push(file);
    }
  }
  return found;
}

/** Ways to change a text that a patch is made for. `at` is a hunk of the patch. */
const changes = {
  none: (lines) => lines,
  'lines added above': (lines) => [...filler(1 + source.below(300)), ...lines],
  'lines removed above': (lines, hunk) => {
    const most = Math.min(hunk.oldStart - 5, 60);
    return most > 1 ? lines.slice(1 + source.below(most)) : lines;
  },
  'lines added between hunks': (lines, hunk) => {
    const end = hunk.oldStart + hunk.oldCount;
    return [...lines.slice(0, end), ...filler(1 + source.below(40)), ...lines.slice(end)];
  },
  'a copy of the place above': (lines, hunk) => {
    const from = Math.max(0, hunk.oldStart - 4);
    return [
      ...lines.slice(0, from),
      ...lines.slice(from, hunk.oldStart + hunk.oldCount + 3),
      ...lines.slice(from),
    ];
  },
  'outer context changed': (lines, hunk) =>
    touched(lines, source.of([hunk.oldStart, hunk.oldStart + hunk.oldCount - 1])),
  'two lines of outer context changed': (lines, hunk) =>
    touched(touched(lines, hunk.oldStart), hunk.oldStart + 1),
  'both ends of the context changed': (lines, hunk) =>
    touched(touched(lines, hunk.oldStart), hunk.oldStart + hunk.oldCount - 1),
  'inner line changed': (lines, hunk) => touched(lines, hunk.oldStart + (hunk.oldCount >> 1)),
  'white space of the context changed': (lines, hunk) =>
    lines.map((line, at) =>
      at + 1 === hunk.oldStart + 2 ? line.replace(/^\t/, '        ') + ' ' : line,
    ),
  'applied already': undefined,
  'end cut off': (lines, hunk) =>
    lines.slice(0, hunk.oldStart + source.below(Math.max(1, hunk.oldCount))),
  'no newline at the end': (lines) => lines,
};

function filler(count) {
  return Array.from({ length: count }, (_, at) => (at % 3 === 0 ? '' : `/* ${at} */`));
}

function touched(lines, number) {
  return lines.map((line, at) => (at + 1 === number ? `${line} /* changed */` : line));
}

function outcomeOf(run, file) {
  return run.status === 0 ? fs.readFileSync(file, 'latin1') : undefined;
}

const pairs = trees.flatMap((a) => trees.filter((b) => b !== a).map((b) => [a, b]));
const pools = pairs.map(([a, b]) => ({ a, b, files: differing(a, b), used: new Set() }));
const counts = {};
const disagreements = [];
let tolerantOnly = 0;
const kinds = Object.keys(changes);

try {
  for (let made = 0; made < Number(values.count); made++) {
    const pool = pools[made % pools.length];
    const file = source.of(pool.files);
    pool.used.add(file);
    const kind = kinds[Math.floor(made / pools.length) % kinds.length];
    const before = fs.readFileSync(path.join(pool.a, file), 'latin1');
    const after = fs.readFileSync(path.join(pool.b, file), 'latin1');
    for (const [side, text] of [
      ['a', before],
      ['b', after],
    ]) {
      fs.mkdirSync(path.join(work, side), { recursive: true });
      fs.writeFileSync(path.join(work, side, 'file.c'), text, 'latin1');
    }
    const context = source.of(['1', '2', '3', '3', '3', '3', '5']);
    const diff = spawnSync(
      'git',
      [
        'diff',
        '--no-index',
        '--no-color',
        '--no-prefix',
        `-U${context}`,
        '--',
        'a/file.c',
        'b/file.c',
      ],
      options,
    ).stdout;
    const parsed = parsePatch(diff, file);
    const filePatch = parsed.patches[0]?.files[0];
    if (filePatch === undefined || parsed.problems.length > 0 || parsed.repairs.length > 0) {
      disagreements.push({
        file,
        kind,
        from: pool.a,
        to: pool.b,
        what: 'the patch was not read as it is',
        problems: parsed.problems,
      });
      continue;
    }
    const hunk = source.of(filePatch.hunks);
    let target = after;
    if (kind !== 'applied already') target = changes[kind](before.split('\n'), hunk).join('\n');
    if (kind === 'no newline at the end') target = target.replace(/\n$/, '');

    const targetFile = path.join(work, 'file.c');
    const patchFile = path.join(work, 'change.patch');
    fs.writeFileSync(patchFile, diff, 'latin1');
    const write = () => fs.writeFileSync(targetFile, target, 'latin1');
    write();
    const byGit = outcomeOf(
      spawnSync('git', ['apply', '--whitespace=nowarn', '-p1', '--', 'change.patch'], options),
      targetFile,
    );
    write();
    const byPatch = outcomeOf(
      spawnSync(
        'patch',
        ['-p1', '-f', '-s', '-F2', '--no-backup-if-mismatch', '-r', '-', '-i', 'change.patch'],
        options,
      ),
      targetFile,
    );
    const exact = applyHunks(filePatch, target, strict);
    const own = exact.ok ? exact.text : undefined;
    if (own === undefined && applyHunks(filePatch, target).ok) tolerantOnly++;
    const verdict =
      own === byGit && own === byPatch
        ? own === undefined
          ? 'all refuse'
          : 'all equal'
        : own !== undefined && own === byGit
          ? byPatch === undefined
            ? 'as git; patch refuses'
            : 'as git; patch differs'
          : own !== undefined && own === byPatch
            ? byGit === undefined
              ? 'as patch; git refuses'
              : 'as patch; git differs'
            : 'disagree';
    const row = (counts[kind] ??= {});
    row[verdict] = (row[verdict] ?? 0) + 1;
    if (verdict === 'disagree')
      disagreements.push({
        file,
        kind,
        context,
        from: pool.a,
        to: pool.b,
        iovet: exact.ok ? 'applies' : exact.failure.reason,
        git: byGit === undefined ? 'refuses' : 'applies',
        patch: byPatch === undefined ? 'refuses' : 'applies',
      });
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}

if (values.json)
  console.log(JSON.stringify({ seed: Number(values.seed), counts, disagreements }, null, 1));
else {
  for (const { a, b, used, files } of pools)
    console.log(
      `${path.basename(a)} to ${path.basename(b)}: ${used.size} files of ${files.length} that differ`,
    );
  for (const [kind, row] of Object.entries(counts))
    console.log(
      `${kind}: ${Object.entries(row)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', ')}`,
    );
  for (const each of disagreements) console.log(`DISAGREES ${JSON.stringify(each)}`);
  const total = Number(values.count);
  console.log(
    `${total - disagreements.length} of ${total} agree with git or patch; ${tolerantOnly} that all refuse fit when white space is not compared; seed ${values.seed}`,
  );
}
process.exit(disagreements.length > 0 ? 1 : 0);
