import assert from 'node:assert/strict';
import { machineFor, stopOf } from '../../../tests/simulate/smallMachine.ts';

/** The result of `f()` in a text; what gcc gives for the same text stands beside each. */
const result = (text: string): unknown => machineFor(text).call('f', []);

describe('initialisers', () => {
  const PAIR = 'struct pair { int x, y; }; struct outer { struct pair a[3]; int z; };';

  it('repeat a value for a range, also inside another designator', () => {
    const text = `struct s { int n, a[4]; };
      int f(void) { struct s s = { .a[0 ... 3] = 7 }; return s.a[0] + 10 * s.a[3] + s.n; }`;
    assert.equal(result(text), 77);
    const nested = `${PAIR} int f(void) {
      struct outer o = { .a[0 ... 2].y = 4, .z = 1 }; return o.a[0].y + o.a[2].y + o.a[1].x + o.z; }`;
    assert.equal(result(nested), 9);
  });

  it('go on after a designator where it left off', () => {
    const text = `${PAIR} int f(void) {
      struct outer o = { .a[1].x = 1, 2, 3, .z = 9 };
      return o.a[1].x * 1000 + o.a[1].y * 100 + o.a[2].x * 10 + o.a[2].y + o.z; }`;
    assert.equal(result(text), 1239);
    const anonymous = `struct u { struct { int a, b; }; int c; };
      int f(void) { struct u u = { .a = 1, 2, 3 }; return u.a * 100 + u.b * 10 + u.c; }`;
    assert.equal(result(anonymous), 123);
  });

  it('forget what a later designator says anew', () => {
    const text = `${PAIR} struct w { struct pair s; };
      int f(void) { struct w w = { .s = { 1, 2 }, .s = { .y = 3 } }; return w.s.x * 10 + w.s.y; }`;
    assert.equal(result(text), 3);
    const part = `${PAIR} int f(void) {
      struct outer o = { .a = { { 1, 2 }, { 3, 4 } }, .a[0].y = 5 };
      return o.a[0].x * 100 + o.a[0].y * 10 + o.a[1].x; }`;
    assert.equal(result(part), 153);
  });

  it('take strings for arrays of characters only', () => {
    const text = `struct named { const char *name; int n; };
      int f(void) { struct named t[] = { "abc", 1, "de", 2 };
        return t[1].name[1] + t[0].n + (sizeof(t) / sizeof(t[0])) * 1000; }`;
    assert.equal(result(text), 2000 + 101 + 1);
    assert.equal(result('int f(void) { char t[][4] = { "ab", "cd" }; return t[1][0] + sizeof(t); }'), 107); // prettier-ignore
  });

  it('fill what is left out with zero, however large', () => {
    const text = `struct big { unsigned char page[1 << 26]; int n; };
      struct big b = { { 0 }, 5 };
      struct big c = { 0 };
      int f(void) { return b.n + c.n + c.page[12345]; }`;
    assert.equal(result(text), 5);
  });

  it('leave members without room to those behind them', () => {
    const text = `struct none { }; struct s { struct none a; int pad[0]; int n; };
      int f(void) { struct s s = { 7 }; return s.n; }`;
    assert.equal(result(text), 7);
  });
});

describe('arrays and pointers', () => {
  it('are dereferenced to their first element', () => {
    assert.equal(result('int f(void) { int a[3] = { 7, 8, 9 }; return *a; }'), 7);
    assert.equal(result('int f(void) { char a[3] = ""; return *a ? 1 : 2; }'), 2);
    assert.equal(result('int f(void) { int a[3]; *a = 5; return a[0]; }'), 5);
    assert.equal(result('int f(void) { int a[3]; return sizeof(a) / sizeof(*a); }'), 3);
    assert.equal(result('int f(void) { int a[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }; return **a + *(*(a + 1) + 2); }'), 7); // prettier-ignore
  });

  it('move back by unsigned offsets, as addresses wrap', () => {
    const back =
      'int f(void) { long a[4] = { 1, 2, 3, 4 }; char *p = (char *)&a[2]; return *(long *)(p + -sizeof(long)); }';
    assert.equal(result(back), 2);
    assert.equal(result('int f(void) { int a[4] = { 1, 2, 3, 4 }; int *p = a + 3; return (&p[-3UL])[0]; }'), 1); // prettier-ignore
    assert.equal(result('unsigned long f(void) { return (unsigned long)((char *)0x1000 + ~7UL); }'), 0xff8n); // prettier-ignore
  });
});

describe('switch', () => {
  it('compares in the type that is switched on', () => {
    assert.equal(result('int f(void) { unsigned x = ~0u; switch (x) { case -1: return 1; } return 0; }'), 1); // prettier-ignore
    assert.equal(result('int f(void) { int x = -1; switch (x) { case 0xffffffff: return 1; } return 0; }'), 1); // prettier-ignore
    assert.equal(result('int f(void) { unsigned long x = ~0UL; switch (x) { case -2 ... -1: return 1; } return 0; }'), 1); // prettier-ignore
    const nested =
      'int f(void) { int x = -1; switch (x) { case -1: switch (1UL) { case 1: x = 3; } return x; case -2: return 9; } return 0; }';
    assert.equal(result(nested), 3);
  });
});

describe('types and layouts', () => {
  it('follow #pragma pack', () => {
    const text = `
#pragma pack(push, 1)
struct packed { unsigned char a; unsigned int b; unsigned short c; };
#pragma pack(2)
struct two { unsigned char a; unsigned int b; unsigned long c; };
#pragma pack(pop)
struct plain { unsigned char a; unsigned int b; unsigned short c; };
#pragma pack(1)
struct bits { unsigned char a; unsigned int b : 20; unsigned int c : 12; };
#pragma pack()
int f(void) { return sizeof(struct packed) * 10000 + sizeof(struct two) * 1000 + sizeof(struct plain) * 10 + sizeof(struct bits); }`;
    assert.equal(result(text), 70000 + 14000 + 120 + 5);
  });

  it('give statics the room that a flexible array is initialised with', () => {
    const text = `struct s { int n; int a[]; };
      static struct s s = { 2, { 10, 20, 30 } }; static struct s t = { 1, { 5 } };
      int f(void) { s.a[2]++; return s.a[2] + t.a[0] + t.n; }`;
    assert.equal(result(text), 37);
  });

  it('stop by name at sizes that only the running program knows', () => {
    const size = 'int f(int n) { return sizeof(int[n]); }';
    assert.match(stopOf(machineFor(size), 'f', [3]).message, /length is computed/);
    const pointer = 'int f(int n) { char b[16]; char (*p)[n] = (void *)b; return p[2][1]; }';
    assert.match(stopOf(machineFor(pointer), 'f', [3]).message, /length is computed/);
    const parameter = `static int last(int n, int a[n], int m) { return a[n - 1] + m; }
      int f(void) { int a[3] = { 1, 2, 3 }; return last(3, a, 10); }`;
    assert.equal(result(parameter), 13);
  });
});

describe('variadic arguments', () => {
  it('are read in the type that va_arg names', () => {
    const text = `static int g(int n, ...) {
        __builtin_va_list ap; __builtin_va_start(ap, n);
        unsigned u = __builtin_va_arg(ap, unsigned); __builtin_va_end(ap);
        return u > 5; }
      int f(void) { return g(1, -1); }`;
    assert.equal(result(text), 1);
  });
});

describe('strings', () => {
  const text = `int strncmp(const char *, const char *, unsigned long);
    unsigned long strnlen(const char *, unsigned long);
    char *strchr(const char *, int);`;

  it('are not read past the count, and end with a zero that can be found', () => {
    assert.equal(
      result(`${text} int f(void) { char a[4] = { 'D', 'M', 'A', 'R' }; return strncmp(a, "DMAR", 4); }`), // prettier-ignore
      0,
    );
    assert.equal(
      result(`${text} int f(void) { char a[2] = { 'a', 'b' }; return strnlen(a, 2); }`),
      2,
    );
    assert.equal(
      result(`${text} int f(void) { const char *s = "abc"; return strchr(s, 0) - s; }`),
      3,
    );
  });
});
