import assert from 'node:assert/strict';
import { changedNames, headerItems, namesLeadingTo } from './headerItems.ts';

const HEADER = `#ifndef X_H
#define X_H
struct ops { int (*get)(int); };
enum kind { A, B = 3, C, D };
#define TWICE(x) \\
	((x) + (x))
static inline __printf(1, 2) int
plain(int x)
{
#ifdef CONFIG_Y
	if (x) {
#else
	if (!x) {
#endif
		return TWICE(x);
	}
	return 0;
}
static const struct ops all = { .get = plain };
static inline int above(int x) __must_hold(x) { return plain(x); }
int declared(int x);
#endif
`;

function names(before: string, after: string): readonly string[] {
  return changedNames(headerItems('x.h', before), headerItems('x.h', after)).map(
    ({ name }) => name,
  );
}

describe('headerItems', () => {
  it('finds functions, macros and constants with their lines', () => {
    assert.deepEqual(
      headerItems('x.h', HEADER).map(({ kind, name, first, last }) => [kind, name, first, last]),
      [
        ['macro', 'X_H', 2, 2],
        ['constant', 'A', 4, 4],
        ['constant', 'B', 4, 4],
        ['constant', 'C', 4, 4],
        ['constant', 'D', 4, 4],
        ['macro', 'TWICE', 5, 6],
        ['function', 'plain', 7, 18],
        ['function', 'above', 20, 20],
      ],
    );
  });

  it('says what is another, whatever its layout and comments', () => {
    assert.deepEqual(names(HEADER, HEADER.replace('return 0;', 'return  0; /* none */')), []);
    assert.deepEqual(names(HEADER, HEADER.replace('return 0;', 'return 1;')), ['plain']);
    assert.deepEqual(names(HEADER, HEADER.replace('(x) + (x)', '2 * (x)')), ['TWICE']);
    assert.deepEqual(names(HEADER, HEADER.replace('B = 3', 'B = 5')), ['B', 'C', 'D']);
    assert.deepEqual(names(HEADER, HEADER.replace('enum kind { A,', 'enum kind { Z, A,')), ['A']);
  });

  it('counts the conditions around a definition', () => {
    const two = '#ifdef CONFIG_A\nstatic inline int f(void) { return 1; }\n#endif\n';
    assert.deepEqual(names(two, two.replace('CONFIG_A', 'CONFIG_B')), ['f']);
  });

  it('follows uses within the header', () => {
    const leading = namesLeadingTo('TWICE', headerItems('x.h', HEADER));
    assert.deepEqual([...leading], ['TWICE', 'plain', 'above']);
  });
});
