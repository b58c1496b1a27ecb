// Rows of a demonstration that execute C: an entry function of a tree's file in a situation, and what came of it.
import { load } from '../treeChecks/support.mjs';
import { BUDGET, listedTree, openTree } from './support.mjs';

/** Runs one row. `judge` gets the run and says what came of it; text that starts with `WRONG` counts. */
async function runRow(linked, tree, { file, entry, spec, judge }) {
  if (listedTree(tree).read(file) === undefined) return `not run: this tree has no ${file}`;
  const opened = linked.open(file);
  if (!opened.ok) return `not run: ${opened.problem.reason}`;
  const symbol = opened.file.unit.function(entry);
  if (symbol?.body === undefined) return `not run: this tree has no ${entry}()`;
  const { situationFrom } = await load('simulate/situations/fromSpec.js');
  const { runInSituation } = await load('simulate/situations/run.js');
  const situation = situationFrom({ name: 'demo', summary: 'a demonstration', ...spec });
  const options = { budget: BUDGET, now: () => performance.now() };
  const ran = runInSituation(opened.file, symbol, situation, options);
  const [problem] = ran.environment?.problems ?? [];
  if (problem !== undefined) return `not run: ${problem.reason}`;
  if (ran.stop !== undefined) return `WRONG: stops: ${ran.stop.message}`;
  return judge(ran, opened.file.unit);
}

/** Runs rows and prints them; the number of wrong ones. */
export async function runCRows(tree, rows) {
  const linked = await openTree(tree);
  let wrong = 0;
  for (const row of rows) {
    const text = await runRow(linked, tree, row);
    if (text.startsWith('WRONG')) wrong++;
    console.log(`  ${row.id.padEnd(12)} C         ${row.entry}(): ${row.about}`);
    console.log(`  ${''.padEnd(12)}           ${text}`);
  }
  return wrong;
}

/** Runs scenarios of the library by the prefix of their id and prints them; the number of wrong ones. */
export async function runScenarios(prefix) {
  const { LIBRARY } = await load('model/scenario/library/all.js');
  const { runScenario } = await load('model/scenario/runScenario.js');
  let wrong = 0;
  for (const scenario of LIBRARY.filter(({ id }) => id.startsWith(prefix))) {
    const run = runScenario(scenario);
    if (!run.asExpected) wrong++;
    const broken = run.broken.length === 0 ? '' : `; breaks ${run.broken.join(', ')}`;
    const result = run.asExpected ? 'as expected' : 'WRONG';
    console.log(`  ${scenario.id.padEnd(12)} scenario  ${scenario.title}: ${result}${broken}`);
  }
  return wrong;
}
