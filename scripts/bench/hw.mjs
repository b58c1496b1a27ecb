// The hardware model: what a scenario step costs with every invariant checked after it.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const load = (file) => import(pathToFileURL(path.join(root, 'out/server/model', file)));

export const title = 'Hardware model';

export async function run() {
  const { LIBRARY } = await load('scenario/library/all.js');
  const { runScenario } = await load('scenario/runScenario.js');
  for (const scenario of LIBRARY) runScenario(scenario);
  const started = performance.now();
  let steps = 0;
  for (const scenario of LIBRARY) steps += runScenario(scenario).steps.length;
  const perStep = (performance.now() - started) / steps;
  return {
    rows: [
      {
        what: 'scenario step with all invariants',
        value: `${perStep.toFixed(2)} ms`,
        goal: '5 ms',
        met: perStep <= 5,
      },
    ],
  };
}
