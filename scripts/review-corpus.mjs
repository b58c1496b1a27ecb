// npm run review-corpus -- DIR KERNELS [--case ID] [--json]
//
// DIR holds patches/index.json and pairs of patches: ID.bug.patch brings a real bug back, ID.fix.patch mends it on top.
// KERNELS is a folder of kernel trees. A case is found when the series of both reports, with a rule that fits the class,
// something introduced in the named function by the first patch and the same fixed by the second one.
// Ends with 1 when a fix patch introduces an error or warning in its function.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, loadEngine, skip } from './lib/engine.mjs';
import { fitting } from './lib/fittingRules.mjs';
import { kernelTrees, openPatchReview } from './lib/patchReview.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { case: { type: 'string' }, json: { type: 'boolean', default: false } },
});
if (positionals.length !== 2)
  fail('usage: npm run review-corpus -- DIR KERNELS [--case ID] [--json]');
const [folder, kernels] = positionals.map(fromUser);
const list = path.join(folder, 'patches/index.json');
if (!fs.existsSync(list)) skip(`${list}: no such file; the corpus is not part of the repository`);
if (!fs.existsSync(kernels))
  skip(`${kernels}: no such folder; kernel trees are not part of the repository`);

compile();
const engine = await loadEngine();
const { allRules } = await engine.load('review/ruleSet.js');
const known = new Set(allRules.map(({ id }) => id));
const review = await openPatchReview(engine);
const trees = kernelTrees(kernels);

/** Trees that a case can be for: its release, else the newest ones. */
const treesFor = (release) => {
  const exact = trees.filter((tree) => tree.release === release);
  return exact.length > 0 ? exact : trees.slice(-2);
};

const cases = JSON.parse(fs.readFileSync(list, 'utf8')).filter(
  (each) => values.case === undefined || each.id === values.case,
);
const documents = (each, kinds) =>
  kinds.map((kind) => {
    const name = each[`${kind}_patch`];
    return { name, text: fs.readFileSync(path.join(folder, 'patches', name), 'utf8') };
  });

const results = [];
for (const each of cases) {
  const rules = fitting[each.class] ?? [];
  let answer;
  for (const tree of treesFor(each.tree)) {
    answer = review(documents(each, ['bug', 'fix']), tree.folder);
    if (!answer.problems.some(({ severity }) => severity === 'error')) break;
  }
  const errors = answer.problems.filter(({ severity }) => severity === 'error');
  const [bug, fix] = answer.patches;
  const here = (finding) => finding.function === each.function;
  const introduced = (bug?.introduced ?? []).filter(here);
  const fits = introduced.filter(({ rule }) => rules.includes(rule));
  const mended = fits.filter(({ fixedIn }) => fixedIn === 1);
  const incomplete = (bug?.incomplete ?? []).filter(here).map(({ reason }) => reason);
  results.push({
    id: each.id,
    class: each.class,
    function: each.function,
    applied: errors.length === 0,
    found: mended.length > 0,
    introduced: introduced.map(describe),
    elsewhere: (bug?.introduced ?? []).filter((finding) => !here(finding)).map(describe),
    noisy: (fix?.introduced ?? []).filter(here).map(describe),
    why: why(errors, introduced, fits, mended, incomplete, rules, bug, here),
  });
}

function describe(finding) {
  return `${finding.range.start.line}: ${finding.rule}: ${finding.message}`;
}

/** Why a case is not found, as a class. */
function why(errors, introduced, fits, mended, incomplete, rules, bug, here) {
  if (errors.length > 0) return `does not apply: ${errors[0].reason}`;
  if (mended.length > 0) return '';
  if (fits.length > 0) return 'introduced, but still there after the fix';
  if (introduced.length > 0) return 'another rule than one that fits the class reports';
  if (rules.every((rule) => !known.has(rule))) return 'no rule for this class';
  if (incomplete.length > 0) return `function not analysed: ${incomplete[0]}`;
  const before = [...(bug?.existing ?? [])].filter(here);
  if (before.some(({ rule }) => rules.includes(rule))) return 'taken for existing';
  return 'the engine finds no path';
}

if (values.json) {
  console.log(JSON.stringify(results, null, 2));
} else {
  for (const result of results) {
    console.log(
      `${result.found ? 'found ' : 'missed'}  ${result.id}  ${result.class.padEnd(26)} ${result.function}${result.why === '' ? '' : `  (${result.why})`}`,
    );
    for (const line of result.introduced) console.log(`          ${line}`);
    for (const line of result.elsewhere) console.log(`          elsewhere ${line}`);
    for (const line of result.noisy) console.log(`          introduced by the fix ${line}`);
  }
  const found = results.filter((result) => result.found).length;
  const applied = results.filter((result) => result.applied).length;
  console.log(
    `\n${results.length} cases, ${applied} apply with their fix, ${found} introduced in the named function and fixed by the twin`,
  );
  const classes = new Map();
  for (const { why: reason } of results.filter((result) => !result.found)) {
    classes.set(reason.replace(/:.*/, ''), (classes.get(reason.replace(/:.*/, '')) ?? 0) + 1);
  }
  for (const [reason, count] of [...classes].sort((a, b) => b[1] - a[1])) {
    console.log(`  ${String(count).padStart(3)}  ${reason}`);
  }
}
process.exit(results.some((result) => result.noisy.length > 0) ? 1 : 0);
