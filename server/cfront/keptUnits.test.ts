import assert from 'node:assert/strict';
import { FrontEnd } from './frontEnd.ts';
import { KeptUnits } from './keptUnits.ts';
import { LexCache } from './preprocess/sources.ts';
import type { Unit } from './unit.ts';

const FILES: Readonly<Record<string, string>> = {
  'drivers/a.c': '#include "a.h"\n#include <linux/b.h>\nint f(void) { return SIZE; }',
  'drivers/a.h': '#define SIZE 1',
  'include/linux/b.h': '',
};

describe('units kept from one state of a tree to the next', () => {
  const cache = new LexCache();
  let kept: KeptUnits;
  beforeEach(() => (kept = new KeptUnits()));

  function unitOf(changes: Readonly<Record<string, string>> = {}, text?: string): Unit {
    const files = { ...FILES, ...changes };
    const frontEnd = new FrontEnd({ read: (path) => files[path] }, cache, kept);
    const loaded = frontEnd.load('drivers/a.c', text === undefined ? {} : { text });
    assert.ok(loaded.ok);
    return loaded.unit;
  }

  it('are the same where nothing changed', () => {
    assert.equal(unitOf(), unitOf());
  });

  it('are read anew where a file that they read changed', () => {
    const unit = unitOf();
    assert.notEqual(unitOf({ 'drivers/a.h': '#define SIZE 2' }), unit);
    assert.notEqual(unitOf({ 'drivers/a.c': 'int g(void) { return 2; }' }), unit);
  });

  it('are read anew where a file appears that would be found first', () => {
    const unit = unitOf();
    const changes = { 'arch/x86/include/linux/b.h': 'struct b;' };
    assert.notEqual(unitOf(changes), unit);
    assert.ok(unitOf(changes).reads('arch/x86/include/linux/b.h'));
  });

  it('are no units of edited files, which begin as before where their includes are as before', () => {
    const text = `${FILES['drivers/a.c']!}\nint g(void) { return SIZE; }`;
    const unit = unitOf({}, text);
    assert.notEqual(unitOf({}, text), unit);
    const tokens = (one: Unit): string => one.tokens.atoms.join(' ');
    assert.equal(tokens(unitOf({}, text)), tokens(unit));
    assert.notEqual(tokens(unitOf({ 'drivers/a.h': '#define SIZE 3' }, text)), tokens(unit));
  });
});
