import assert from 'node:assert/strict';
import { FrontEnd } from '../frontEnd.ts';
import type { Unit } from '../unit.ts';

function unitOf(text: string, headers: Readonly<Record<string, string>> = {}): Unit {
  const files: Readonly<Record<string, string>> = { ...headers, 'drivers/a.c': text };
  const loaded = new FrontEnd({ read: (path) => files[path] }).load('drivers/a.c');
  assert.ok(loaded.ok);
  return loaded.unit;
}

const namesOf = (unit: Unit): string[] => unit.definedFunctions().map(({ name }) => name);

describe('declarations that are passed over', () => {
  it('leaves the functions in the order of their first declarations', () => {
    const unit = unitOf('int b(void); int a(void) { return 0; } int b(void) { return 1; }');
    assert.deepEqual(namesOf(unit), ['b', 'a']);
  });

  it('gives a function the type of its definition, and the linkage of its first declaration', () => {
    const unit = unitOf('static long f(); typedef long T; T f(T one) { return one; }');
    const symbol = unit.function('f');
    assert.equal(symbol?.external, false);
    assert.deepEqual(
      symbol.type.parameters.map(({ name }) => name),
      ['one'],
    );
  });

  it('knows the functions of one file from those of its headers', () => {
    const header = 'static inline int inner(void) { return 2; }';
    const unit = unitOf('#include "h.h"\nint outer(void) { return inner(); }', {
      'drivers/h.h': header,
    });
    assert.deepEqual([...unit.functionsIn('drivers/a.c').keys()], ['outer']);
    assert.deepEqual([...unit.functionsIn('drivers/h.h').keys()], ['inner']);
  });

  it('reads what looks like a function and is none', () => {
    const unit = unitOf(`typedef int T; int (*pointer)(void); static T (plain)(void);
      int count = 2, more(void); T (object);`);
    assert.equal(unit.object('pointer')?.type.kind, 'pointer');
    assert.equal(unit.function('plain')?.type.kind, 'function');
    assert.equal(unit.object('count')?.defined, true);
    assert.equal(unit.function('more')?.type.kind, 'function');
    assert.equal(unit.object('object')?.type.kind, 'integer');
  });

  it('names what cannot be read, and goes on without it', () => {
    const unit = unitOf('int f(unknown_t a); struct s { unknown_t b; }; int g(void) { return 0; }');
    assert.equal(unit.function('f'), undefined);
    assert.equal(unit.aggregate('s'), undefined);
    assert.deepEqual(namesOf(unit), ['g']);
    assert.equal(unit.problems().length, 2);
  });

  it('declares what a struct declares besides its members', () => {
    const unit = unitOf(
      'struct s { enum e { ONE = 1, TWO } e; struct in { char c; } in; struct { short x; }; };',
    );
    assert.equal(unit.enumerator('TWO'), 2n);
    assert.equal(unit.aggregate('in')?.layout?.size, 1);
    assert.equal(unit.aggregate('s')?.layout?.size, 8);
  });

  it('lays members out by the pragma and the attributes that held where they stand', () => {
    const unit = unitOf(`#pragma pack(1)
      struct tight { char c; struct { int i; short s; }; };
      #pragma pack()
      struct loose { char c; int i; } __attribute__((aligned(32)));`);
    assert.equal(unit.aggregate('loose')?.layout?.size, 32);
    assert.equal(unit.aggregate('tight')?.layout?.size, 7);
  });

  it('completes a struct that holds pointers to itself and to structs that come later', () => {
    const unit = unitOf('struct a { struct b *b; struct a *a; }; struct b { struct a a[2]; };');
    assert.equal(unit.aggregate('b')?.layout?.size, 32);
  });
});
