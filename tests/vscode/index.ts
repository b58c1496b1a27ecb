import fs from 'node:fs';
import path from 'node:path';
import type Mocha from 'mocha';

/**
 * Called by VS Code inside its extension host. Rejects when a test failed.
 * Writes the result file last: a host that died without it is no success, whatever its exit code.
 */
export async function run(): Promise<void> {
  // Mocha is an ES module; this file is bundled as CommonJS, as VS Code loads it.
  const { default: Runner } = await import('mocha');
  const mocha = new Runner({ ui: 'bdd', timeout: 30_000, color: false, reporter: 'spec' });
  for (const name of ['suite.cjs', 'patches.cjs', 'explain.cjs', 'simulation.cjs'])
    mocha.addFile(path.join(__dirname, name));
  const runner = await new Promise<Mocha.Runner>((resolve) => {
    const running = mocha.run(() => {
      resolve(running);
    });
  });
  const { passes = 0, failures = 0 } = runner.stats ?? {};
  const result = process.env['VSC_TEST_RESULT'];
  if (result !== undefined) fs.writeFileSync(result, JSON.stringify({ passes, failures }));
  if (failures > 0) throw new Error(`${failures} tests failed`);
  if (passes === 0) throw new Error('no test ran');
}
