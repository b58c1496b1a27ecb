import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { lineMap } from '../../patch/apply/lineMap.ts';
import type { Change } from '../../patch/change.ts';
import { SIMULATION_LIMITS, simulateChange } from './simulateChange.ts';

/**
 * Drivers of our own with a change in them: `//- TEXT` is a line before the change only, a line that ends in
 * `//+` one after it only. `expect` says what is to come of it, a verdict and what is broken, `because` the reason.
 */
const folder = path.resolve('test-fixtures/simulation/verdicts');
const PATH = 'drivers/rig/rig.c';

interface Line {
  readonly text: string;
  readonly side: 'before' | 'after' | 'both';
}

function lineOf(text: string): Line {
  if (text.startsWith('//-')) return { text: text.slice(3), side: 'before' };
  if (text.endsWith('//+')) return { text: text.slice(0, -3), side: 'after' };
  return { text, side: 'both' };
}

function changeOf(text: string): Change {
  const lines = text.split('\n').map(lineOf);
  const of = (side: 'before' | 'after'): string =>
    lines
      .flatMap((line) => (line.side === side || line.side === 'both' ? [line.text] : []))
      .join('\n');
  const kept: { before: number; after: number; length: number }[] = [];
  let before = 1;
  let after = 1;
  for (const { side } of lines) {
    if (side === 'both') kept.push({ before, after, length: 1 });
    if (side !== 'after') before++;
    if (side !== 'before') after++;
  }
  const first = kept.findIndex((one) => one.before !== one.after);
  const removed = [{ document: 'test.patch', line: 1, kind: 'added' as const, after: first + 1 }];
  const file = {
    before: { path: PATH, text: of('before') },
    after: { path: PATH, text: of('after') },
    ...{ map: lineMap(kept, removed), filePatches: [], placements: [] },
    ...{ extent: 'whole' as const, seen: [] },
  };
  return { patches: [], files: [file], notLookedAt: [], problems: [] };
}

describe('verdicts', () => {
  const header = fs.readFileSync(path.join(folder, 'interfaces.h'), 'utf8');
  const source = {
    read: (name: string) => (name === 'drivers/rig/interfaces.h' ? header : undefined),
    list: () => [],
  };
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.c'))) {
    it(name.replace(/\.c$/, '').replaceAll('-', ' '), () => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      const expected = /^\/\/ expect: (.*)$/m.exec(text)![1];
      const { functions, notSimulated } = simulateChange({
        ...{ source, change: changeOf(text), limits: SIMULATION_LIMITS },
        ...{ now: () => 0, cancelled: () => false },
      });
      const said = functions.map(({ verdict, violations, reason }) => ({
        found: [verdict, ...violations.map(({ id }) => id)].join(' '),
        reason,
      }));
      const found = said.map((one) => one.found).join(', ') || 'nothing';
      const reasons = [...said, ...notSimulated].map(({ reason }) => reason).join('; ');
      assert.equal(found, expected, reasons);
      const because = /^\/\/ because: (.*)$/m.exec(text)?.[1];
      if (because !== undefined) assert.match(reasons, new RegExp(because));
      // A slip in a fixture is told from one that is about C which does not compile.
      if (!/^\/\/ compiles: no$/m.test(text)) {
        assert.doesNotMatch(reasons, /not-parsed|undeclared|gets past this statement/);
      }
    });
  }
});
