import assert from 'node:assert/strict';
import fc from 'fast-check';
import { spell } from '../lex/tokenStream.ts';
import { unitOf } from '../../../tests/simulate/smallMachine.ts';
import { identifier } from '../lex/atoms.ts';
import { lex } from '../lex/lex.ts';
import { spellingOf } from '../lex/atoms.ts';
import { IncludePath } from './includePath.ts';
import { makefileFlags } from './makefile.ts';
import { preprocess } from './preprocess.ts';
import type { Preprocessed } from './preprocess.ts';
import { LexCache, normalizePath, SourceSnapshot } from './sources.ts';

function run(
  files: Readonly<Record<string, string>>,
  reuse?: Preprocessed['preamble'],
): Preprocessed {
  const snapshot = new SourceSnapshot({ read: (path) => files[path] }, new LexCache());
  return preprocess({
    root: snapshot.file('a.c')!,
    includePath: new IncludePath(snapshot, ['include']),
    forced: [],
    predefined: lex('<predefined>', ''),
    kept: new Set([identifier('KEPT')]),
    reuse,
  });
}

function expand(text: string, files: Readonly<Record<string, string>> = {}): string {
  const { tokens } = run({ ...files, 'a.c': text });
  return spell(tokens, 0, tokens.count);
}

describe('preprocess', () => {
  it('expands a macro anew when a name in its expansion means something else', () => {
    const text = '#define in 1\n#define out in +\nout out\n#undef in\nout\n#define in 2\nout';
    assert.equal(expand(text), '1 + 1 + in + 2 +');
  });

  it('expands a macro that ends in a name of another by what follows each use', () => {
    const text = '#define f(x) [x]\n#define g f\ng(1) g g\n(2) f\n#define h 3\n(4) f h';
    assert.equal(expand(text), '[ 1 ] f [ 2 ] [ 4 ] f 3');
  });

  it('gives __LINE__ behind a macro the line of each use', () => {
    assert.equal(expand('#define here __LINE__\nhere\nhere'), '2 3');
  });

  it('expands the examples of the C standard', () => {
    // C11 6.10.3.5, examples 3 and 7 in shape.
    const text = `
#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
#define p() int
#define q(x) x
#define r(x,y) x ## y
#define str(x) # x
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
char c[2][6] = { str(hello), str() };`;
    assert.equal(
      expand(text),
      'f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; ' +
        'f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ; ' +
        'int i [ ] = { 1 , 23 , 4 , 5 , } ; char c [ 2 ] [ 6 ] = { "hello" , "" } ;',
    );
  });

  it('does not expand a macro again inside itself, through arguments either', () => {
    assert.equal(expand('#define foo foo + 1\nfoo;'), 'foo + 1 ;');
    assert.equal(expand('#define a b\n#define b a\na b;'), 'a b ;');
    assert.equal(expand('#define f(x) x f\nf(1)(2)(3);'), '1 f ( 2 ) ( 3 ) ;');
    assert.equal(expand('#define w(x) x\n#define v w(v)\nv;'), 'v ;');
  });

  it('reads GNU and standard variadic macros', () => {
    assert.equal(
      expand('#define p(f, ...) q(f, ##__VA_ARGS__)\np(1) p(1, 2, 3)'),
      'q ( 1 ) q ( 1 , 2 , 3 )',
    );
    assert.equal(expand('#define p(f, a...) q(f, ##a)\np(1) p(1, 2)'), 'q ( 1 ) q ( 1 , 2 )');
    assert.equal(expand('#define p(...) [__VA_OPT__(x,) __VA_ARGS__]\np() p(1)'), '[ ] [ x , 1 ]');
  });

  it('obeys directives inside the arguments of a macro', () => {
    const text = '#define id(x) x\n#define YES 1\nid(a\n#ifdef YES\nb\n#else\nc\n#endif\nd) e';
    assert.equal(expand(text), 'a b d e');
  });

  it('computes includes, and names those that are missing', () => {
    const files = { 'include/fmt_x.h': 'int included;' };
    const text =
      '#define STR_(x) #x\n#define STR(x) STR_(x)\n#define NAME fmt_x.h\n#include STR(NAME)\n#include <none.h>\n';
    const result = run({ ...files, 'a.c': text });
    assert.equal(spell(result.tokens, 0, 9), 'int included ;');
    assert.deepEqual(
      result.problems.map(({ kind, message }) => [kind, message]),
      [['missing-include', 'none.h']],
    );
  });

  it('finds headers that only another architecture has, after those that all share', () => {
    const files = {
      'arch/mips/include/asm/rig.h': 'mips',
      'arch/sh/include/asm/rig.h': 'sh',
      'arch/sh/include/asm/shared.h': 'sh',
      'include/asm-generic/shared.h': 'all',
    };
    assert.equal(expand('#include <asm/rig.h>\n#include <asm/shared.h>', files), 'mips all');
  });

  it('evaluates conditions', () => {
    const holds = (condition: string): boolean => expand(`#if ${condition}\nyes\n#endif`) === 'yes';
    for (const condition of [
      '1 + 2 * 3 == 7',
      '(2 || 0) && !0',
      "'A' == 65",
      '0x10 >> 2 == 4',
      '~0 < 0',
    ]) {
      assert.ok(holds(condition), condition);
    }
    for (const condition of ['0', 'undefined_name', 'defined(NOPE)', '1 ? 0 : 1', '3 % 0']) {
      assert.ok(!holds(condition), condition);
    }
    assert.ok(!holds('defined NOPE || __has_include("nothing.h")'));
  });

  it('counts unsigned where a condition says so, and knows defined() that a macro brings', () => {
    const holds = (condition: string): string =>
      expand(
        `#define A\n#define HAVE_A defined(A)\n#define HAVE_B defined B\n#if ${condition}\nyes\n#else\nno\n#endif\n`,
      );
    for (const condition of [
      '-1 > 0u',
      '~0UL >> 1 == 0x7fffffffffffffff',
      '-1 < 0',
      'HAVE_A && !HAVE_B',
    ]) {
      assert.equal(holds(condition), 'yes', condition);
    }
  });

  it('pastes to what it made a string of, and hands #pragma pack on', () => {
    assert.equal(expand('#define P(a, b) a ## #b\nP(, abc) P(L, d)\n'), '"abc" L"d"');
    assert.equal(
      expand('#pragma pack(push, 1)\nx\n#pragma other\n'),
      '_Pragma ( "pack ( push , 1 )" ) x',
    );
  });

  it('skips a guarded header the second time and one with #pragma once', () => {
    const files = {
      'include/g.h': '#ifndef G\n#define G\nguarded\n#endif\n',
      'include/o.h': '#pragma once\nonce\n',
      'include/e.h': '#ifndef E\nfirst\n#define E\n#else\nsecond\n#endif\n',
    };
    const text = ['g', 'g', 'o', 'o', 'e', 'e'].map((n) => `#include <${n}.h>`).join('\n');
    assert.equal(expand(text, files), 'guarded once first second');
  });

  it('leaves names alone that the parser knows', () => {
    assert.equal(expand('#define KEPT(x) wrong\nKEPT(1)'), 'KEPT ( 1 )');
  });

  it('gives a token of a macro both places: where it is used and where it is written', () => {
    const { tokens, sources } = run({ 'a.c': '#define one(x) (x + 1)\n\nint y = one(2);' });
    const plus = Array.from(tokens.atoms).findIndex((atom) => spellingOf(atom) === '+');
    assert.deepEqual(sources.place(tokens.uses[plus]!), { file: 'a.c', line: 3, column: 9 });
    assert.deepEqual(sources.place(tokens.definitions[plus]!), {
      file: 'a.c',
      line: 1,
      column: 19,
    });
  });

  it('starts from the state after the includes when only the rest changed', () => {
    const files = { 'include/h.h': '#define N 4\nint from_header;' };
    const first = run({ ...files, 'a.c': '#include <h.h>\nint a = N;' });
    const changed = { ...files, 'a.c': '#include <h.h>\nint b = N + N;' };
    const again = run(changed, first.preamble);
    const fresh = run(changed);
    assert.equal(spell(again.tokens, 0, 99), spell(fresh.tokens, 0, 99));
    assert.deepEqual(again.sources.place(again.tokens.uses[4]!), {
      file: 'a.c',
      line: 2,
      column: 5,
    });
  });

  it('remembers what the configuration leaves out', () => {
    const { inactive } = run({ 'a.c': 'int a;\n#ifdef CONFIG_OFF\nint b;\n#endif\nint c;' });
    assert.equal(inactive.length, 1);
    assert.equal(inactive[0]!.file, 'a.c');
  });

  it('never fails', () => {
    const piece = fc.constantFrom(
      ...[
        '#define f(x) x',
        '#define g f(',
        '#if 1',
        '#else',
        '#endif',
        '#elif x',
        'f(1',
        ')',
        'g 2)',
        '#include',
        '"',
        "'",
        '##',
        '#define',
        '#x',
        '\\',
        'f',
        '\n',
        '/*',
        '//',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        run({ 'a.c': pieces.join('\n') });
        run({ 'a.c': pieces.join(' ') });
      }),
    );
  });
});

describe('makefileFlags', () => {
  it('takes -I and -D of the Makefile that compiles the file, and subdir flags from above', () => {
    const files: Readonly<Record<string, string>> = {
      'drivers/x/Makefile':
        'ccflags-y := -I$(srctree)/drivers/net/other -I $(src) \\\n -DDEBUG=2 # -I no\n',
      'drivers/Makefile': 'subdir-ccflags-y += -Iinclude/extra\nccflags-y += -I not/this\n',
    };
    const flags = makefileFlags({ read: (path) => files[path] }, 'drivers/x/sub/a.c');
    assert.deepEqual(flags.includeFolders, ['drivers/net/other', 'drivers/x', 'include/extra']);
    assert.deepEqual([...flags.defines], [['DEBUG', '2']]);
  });
});

describe('normalizePath', () => {
  it('stays inside the tree', () => {
    assert.equal(normalizePath('a/./b/../c.h'), 'a/c.h');
    assert.equal(normalizePath('../secret'), undefined);
    assert.equal(normalizePath('a/../../secret'), undefined);
  });
});

describe('kernel idioms', () => {
  it('finds IS_ENABLED and the real headers of a tree', () => {
    const files = {
      'include/linux/kconfig.h':
        '#define __ARG_PLACEHOLDER_1 0,\n#define __take_second_arg(__ignored, val, ...) val\n#define __is_defined(x) ___is_defined(x)\n#define ___is_defined(val) ____is_defined(__ARG_PLACEHOLDER_##val)\n#define ____is_defined(arg1_or_junk) __take_second_arg(arg1_or_junk 1, 0)\n#define IS_ENABLED(option) __is_defined(option)\n',
    };
    const unit = unitOf(
      'int on = IS_ENABLED(CONFIG_IOMMU_API), off = IS_ENABLED(CONFIG_NO_SUCH);',
      files,
    );
    const values = ['on', 'off'].map((name) => unit.initializerOf(unit.object(name)!));
    const numbers = values.map((v) =>
      'parts' in v && v.parts[0]!.value.op === 'number' ? v.parts[0]!.value.value : NaN,
    );
    assert.deepEqual(numbers, [1, 0]);
  });
});
