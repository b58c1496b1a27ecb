// npm run corpus -- DIR [--rules id,…] [--preview] [--case ID] [--json]
//
// DIR holds history.jsonl and history/ID/{before,after}/PATH: real bugs, each before and after its fix.
// A case is found when a rule that fits its class reports in the named function before the fix, and the same rule
// is silent there afterwards. A fixed function with an error or warning that was not there before is noisy.
// Ends with 1 when a fixed function is noisy.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, loadEngine, skip } from './lib/engine.mjs';
import { fitting } from './lib/fittingRules.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rules: { type: 'string' },
    case: { type: 'string' },
    preview: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const folder = positionals[0] === undefined ? undefined : fromUser(positionals[0]);
if (folder === undefined)
  fail('usage: npm run corpus -- DIR [--rules id,…] [--preview] [--case ID] [--json]');
const list = path.join(folder, 'history.jsonl');
if (!fs.existsSync(list)) skip(`${list}: no such file; the corpus is not part of the repository`);

compile();
const { open } = await loadEngine();
const cases = fs
  .readFileSync(list, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))
  .filter((each) => values.case === undefined || each.id === values.case);
if (cases.length === 0) fail(`no case ${values.case ?? ''} in ${list}`);

const selection = {
  rules: values.rules === undefined ? undefined : new Set(values.rules.split(',')),
  preview: values.preview,
};

/** Findings of one file of a case, as `iovet check --kernel` gives them. */
function review(each, side) {
  const base = path.resolve(folder, 'history', each.id, side);
  const version = /^\d+\.\d+/.exec(each[`kernel_${side}`])?.[0];
  const session = open({ root: base, kernel: version, selection });
  return session.review(each.path, fs.readFileSync(path.join(base, each.path), 'utf8'));
}

const withoutLines = (finding) =>
  `${finding.rule}: ${finding.message.replace(/\bline \d+|\.[ch]:\d+/g, '#')}`;

const results = cases.map((each) => {
  const rules = fitting[each.class];
  if (rules === undefined)
    fail(`${each.id}: class ${each.class} has no rules assigned in scripts/lib/fittingRules.mjs`);
  const before = review(each, 'before');
  const after = review(each, 'after');
  const inBefore = before.findings.filter((finding) => finding.function === each.function);
  const inAfter = after.findings.filter((finding) => finding.function === each.function_after);
  const hit = inBefore.filter((finding) => rules.includes(finding.rule));
  const still = hit.filter((finding) => inAfter.some((other) => other.rule === finding.rule));
  const known = new Set(inBefore.map(withoutLines));
  const noisy = inAfter.filter(
    (finding) => finding.severity !== 'info' && !known.has(withoutLines(finding)),
  );
  const incomplete = before.incomplete.filter((problem) => problem.function === each.function);
  return {
    id: each.id,
    class: each.class,
    function: each.function,
    found: hit.length > 0 && still.length < hit.length,
    reported: hit.length > 0,
    hits: hit.map((finding) => `${finding.range.start.line}: ${withoutLines(finding)}`),
    noisy: noisy.map((finding) => `${finding.range.start.line}: ${withoutLines(finding)}`),
    others: inBefore.length - hit.length,
    incomplete: incomplete.map((problem) => problem.reason),
  };
});

const found = results.filter((result) => result.found);
const noisy = results.filter((result) => result.noisy.length > 0);
if (values.json) {
  console.log(
    JSON.stringify(
      { cases: results.length, found: found.length, noisy: noisy.length, results },
      null,
      2,
    ),
  );
} else {
  for (const result of results) {
    const verdict = result.found ? 'found ' : result.reported ? 'still ' : 'missed';
    const tail = [
      result.noisy.length > 0 ? 'noisy after the fix' : '',
      result.incomplete.length > 0 ? `not analysed: ${result.incomplete.join('; ')}` : '',
      !result.found && result.others > 0 ? `${result.others} finding(s) of other rules` : '',
    ].filter((part) => part !== '');
    console.log(
      `${verdict}  ${result.id}  ${result.class.padEnd(26)} ${result.function}${tail.length > 0 ? `  (${tail.join(', ')})` : ''}`,
    );
    for (const hit of result.hits) console.log(`          before ${hit}`);
    for (const line of result.noisy) console.log(`          after  ${line}`);
  }
  console.log(
    `\n${found.length} of ${results.length} found, ${results.length - found.length} missed, ${noisy.length} noisy after the fix`,
  );
}
process.exit(noisy.length > 0 ? 1 : 0);
