import assert from 'node:assert/strict';
import { machineFor, stopOf } from '../../../tests/simulate/smallMachine.ts';

const READ = 'unsigned int readl(const volatile void *at); void writel(unsigned int v, void *at);';

describe('device registers', () => {
  it('hold what was written', () => {
    const machine = machineFor(
      `${READ} unsigned int f(void) { writel(0x55, (void *)64); return readl((void *)64); }`,
    );
    assert.equal(machine.call('f', []), 0x55);
  });

  it('change for who polls them, to set and to clear', () => {
    const poll = (test: string): string =>
      `${READ} int f(void) { int n = 0; while (${test}) n++; return n; }`;
    for (const test of ['!(readl((void *)64) & 8)', 'readl((void *)64) & 8']) {
      const turns = machineFor(poll(test)).call('f', []);
      assert.ok(Number(turns) < 10, `${test}: ${String(turns)} turns`);
    }
  });
});

describe('the choices of a path', () => {
  it('end it when there are too many', () => {
    const machine = machineFor('int ask(void); void f(void) { while (ask() < 1) ; }', {
      budget: { choices: 30 },
    });
    const { kind, message } = stopOf(machine, 'f');
    assert.equal(kind, 'budget');
    assert.match(message, /rests on more than 30 choices/);
  });
});
