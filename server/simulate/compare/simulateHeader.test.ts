import assert from 'node:assert/strict';
import { lineMap } from '../../patch/apply/lineMap.ts';
import type { Change, ChangedFile } from '../../patch/change.ts';
import { SIMULATION_LIMITS, simulateChange } from './simulateChange.ts';
import type { Simulation } from './result/simulation.ts';

/** A change of one file from one text to another, with what both begin and end with kept. */
function changed(path: string, before: string, after: string): ChangedFile {
  const [old, made] = [before.split('\n'), after.split('\n')];
  const least = Math.min(old.length, made.length);
  let head = 0;
  while (head < least && old[head] === made[head]) head++;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === made.at(-1 - tail)) tail++;
  const kept = [
    { before: 1, after: 1, length: head },
    { before: old.length - tail + 1, after: made.length - tail + 1, length: tail },
  ];
  return {
    before: { path, text: before },
    after: { path, text: after },
    map: lineMap(kept, [{ document: 'test.patch', line: 1, kind: 'added', after: head + 1 }]),
    ...{ filePatches: [], placements: [], extent: 'whole', seen: [] },
  };
}

type Tree = Readonly<Record<string, string>>;

/** Simulates the change from one tree to another of the files that differ. */
function simulated(before: Tree, after: Tree): Simulation {
  const files = Object.keys(after)
    .filter((path) => after[path] !== before[path])
    .map((path) => changed(path, before[path]!, after[path]!));
  const change: Change = { patches: [], files, notLookedAt: [], problems: [] };
  return simulateChange({
    source: {
      read: (path) => before[path],
      list: (folder) =>
        Object.keys(before).flatMap((path) => {
          const name = path.slice(folder.length + 1);
          return path.startsWith(`${folder}/`) && !name.includes('/') ? [name] : [];
        }),
    },
    ...{ change, limits: SIMULATION_LIMITS, now: () => 0, cancelled: () => false },
  });
}

const RING_H = `
#ifndef RING_H
#define RING_H
typedef unsigned long long dma_addr_t;
struct device { int id; };
struct ring { struct device *dev; void *buf; dma_addr_t dma; unsigned int flags; };
dma_addr_t dma_map_single_attrs(struct device *dev, void *p, unsigned long size, int dir, unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t a, unsigned long size, int dir, unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t a);
int start(struct ring *r);
#define RING_BYTES 2048
enum ring_state { RING_IDLE, RING_BUSY = 4 };
/* Gives the buffer back. */
static inline void ring_unmap(struct ring *r)
{
	dma_unmap_single_attrs(r->dev, r->dma, RING_BYTES, 1, 0);
}
static inline void ring_stop(struct ring *r)
{
	ring_unmap(r);
}
#endif
`;

/** A driver that undoes a mapping by a function of the header. */
const driver = (undo: string): string => `
#include "ring.h"
int setup_${undo}(struct ring *r)
{
	r->dma = dma_map_single_attrs(r->dev, r->buf, 2048, 1, 0);
	if (dma_mapping_error(r->dev, r->dma))
		return -12;
	if (start(r)) {
		${undo}(r);
		return -5;
	}
	return 0;
}
`;

const TREE: Tree = { 'drivers/x/ring.h': RING_H, 'drivers/x/ring.c': driver('ring_unmap') };

function withHeader(from: string, to: string, tree: Tree = TREE): Tree {
  assert.ok(RING_H.includes(from));
  return { ...tree, 'drivers/x/ring.h': RING_H.replace(from, to) };
}

describe('simulating a change of a header', () => {
  it('runs a changed function in the C file that calls it', () => {
    const after = withHeader('r->dma, RING_BYTES', 'r->dma, RING_BYTES / 2');
    const { functions, notSimulated } = simulated(TREE, after);
    const broken = functions.filter(({ verdict }) => verdict === 'newly-broken');
    assert.deepEqual(
      broken.map((one) => [one.function, one.file, one.line, one.ranIn, one.setup]),
      [['ring_unmap', 'drivers/x/ring.h', 14, 'drivers/x/ring.c', 'setup_ring_unmap']],
    );
    assert.match(broken[0]!.reason, /C-UNMAP-ARGUMENTS: unmaps 1024 bytes of 2048/);
    assert.deepEqual(broken[0]!.after!.changed, [16]);
    assert.deepEqual(notSimulated, []);
  });

  it('runs it through another function of the header', () => {
    const tree = { ...TREE, 'drivers/x/ring.c': driver('ring_stop') };
    const after = withHeader('r->dma, RING_BYTES', 'r->dma, 1', tree);
    const { functions } = simulated(tree, after);
    assert.deepEqual(
      functions.map((one) => [one.function, one.verdict, one.setup]),
      [['ring_unmap', 'newly-broken', 'setup_ring_stop']],
    );
  });

  it('names the macro by which a function of a C file is another', () => {
    const use = driver('ring_unmap').replace('2048', 'RING_BYTES');
    const tree: Tree = {
      'drivers/x/ring.h': RING_H,
      'drivers/x/ring.c': use.replace('ring_unmap(r)', 'dma_unmap_single_attrs(r->dev, r->dma, 2048, 1, 0)'), // prettier-ignore
    };
    const { functions } = simulated(tree, withHeader('RING_BYTES 2048', 'RING_BYTES 4096', tree));
    const [found] = functions.filter(({ verdict }) => verdict === 'newly-broken');
    assert.deepEqual(
      [found?.function, found?.changedName, found?.file, found?.line, found?.ranIn],
      ['setup_ring_unmap', 'RING_BYTES', 'drivers/x/ring.h', 11, 'drivers/x/ring.c'],
    );
    assert.deepEqual(found?.after?.changed, [11]);
  });

  it('takes a function for another when a constant that it uses has another value', () => {
    const text = '#include "ring.h"\nvoid mark(struct ring *r)\n{\n\tr->flags = RING_BUSY;\n}\n';
    const tree: Tree = { 'drivers/x/ring.h': RING_H, 'drivers/x/mark.c': text };
    const { functions } = simulated(tree, withHeader('RING_BUSY = 4', 'RING_BUSY = 2', tree));
    assert.deepEqual(
      functions.map((one) => [one.function, one.changedName, one.verdict]),
      [['mark', 'RING_BUSY', 'unknown']],
    );
    assert.match(functions[0]!.reason, /leave different contents in r->flags/);
    const alike = simulated(tree, withHeader('RING_BUSY = 4', 'RING_BUSY = 2 + 2', tree));
    assert.deepEqual(alike.functions, []);
    assert.equal(
      alike.notSimulated[0]!.reason,
      'RING_BUSY: what drivers/x/mark.c uses of it is the same under profile x86-64',
    );
  });

  it('looks elsewhere where the C file of the patch uses nothing that changed', () => {
    const other = (n: number): string => `#include "ring.h"\nint one(void) { return ${n}; }\n`;
    const tree = { ...TREE, 'drivers/x/a.c': other(1) };
    const after = {
      ...withHeader('RING_BYTES, 1', 'RING_BYTES, 2', tree),
      'drivers/x/a.c': other(2),
    };
    const { functions } = simulated(tree, after);
    assert.deepEqual(
      functions.map((one) => [one.function, one.ranIn, one.verdict]),
      [
        ['one', undefined, 'unknown'],
        ['ring_unmap', 'drivers/x/ring.c', 'newly-broken'],
      ],
    );
  });

  it('does not look elsewhere for what the C file of the patch runs', () => {
    const tree = { ...TREE, 'drivers/x/b.c': driver('ring_unmap').replace('setup_', 'other_') };
    const after = {
      ...withHeader('RING_BYTES, 1', 'RING_BYTES, 2', tree),
      'drivers/x/b.c': tree['drivers/x/b.c'].replace('-5', '-6'),
    };
    const { functions } = simulated(tree, after);
    const ways = functions.flatMap(({ ranIn }) => ranIn ?? []);
    assert.deepEqual(ways, ['drivers/x/b.c']);
  });

  it('finds users of a public header in the folders that its path names, and below them', () => {
    const tree: Tree = {
      'include/linux/ring-core.h': RING_H,
      'drivers/ring/Makefile': 'obj-y += deep/\n',
      'drivers/ring/deep/far.c': driver('ring_unmap').replace('"ring.h"', '<linux/ring-core.h>'),
    };
    const text = RING_H.replace('r->dma, RING_BYTES', 'r->dma, 8');
    const { functions } = simulated(tree, { ...tree, 'include/linux/ring-core.h': text });
    assert.deepEqual(
      functions.map((one) => [one.verdict, one.ranIn]),
      [['newly-broken', 'drivers/ring/deep/far.c']],
    );
  });

  it('names the C files that were not run, and runs three at most', () => {
    const others = ['b', 'c', 'd', 'e', 'f'].map((name) => [
      `drivers/x/${name}.c`,
      driver('ring_unmap').replace('setup_', `${name}_`),
    ]);
    const tree = { ...TREE, ...Object.fromEntries(others) } as Tree;
    // Nothing is broken by it, so that no file makes the next one needless.
    const after = withHeader(
      'ring_unmap(struct ring *r)\n{',
      'ring_unmap(struct ring *r)\n{\n\tr->flags = 1;',
      tree,
    );
    const { functions, notSimulated } = simulated(tree, after);
    assert.equal(new Set(functions.map(({ ranIn }) => ranIn)).size, 3);
    assert.match(
      notSimulated.at(-1)!.reason,
      /^run in drivers\/x\/ring\.c, drivers\/x\/b\.c, drivers\/x\/c\.c; other C files that name it were not: drivers\/x\/d\.c, /,
    );
  });

  it('calls nothing unchanged where other files may call it otherwise', () => {
    const header = `${RING_H}static inline int ring_size(void) { return 4; }\n`;
    const use = (name: string): string =>
      `#include "ring.h"\nint ${name}(void) { return ring_size(); }\n`;
    const tree: Tree = { 'drivers/x/ring.h': header, 'drivers/x/one.c': use('one') };
    const text = header.replace('return 4', 'return 2 + 2');
    const verdicts = (before: Tree): readonly string[] =>
      simulated(before, { ...before, 'drivers/x/ring.h': text }).functions.map(
        (one) => one.verdict,
      );
    assert.deepEqual(verdicts(tree), ['unchanged']);
    assert.deepEqual(verdicts({ ...tree, 'drivers/x/two.c': use('two') }), ['unknown', 'unknown']);
  });

  it('says which profile leaves out what changed', () => {
    const stub = (n: number): string => `#include "ring.h"
      #if defined(CONFIG_RING_A) && defined(CONFIG_RING_B)
      static inline void ring_kick(struct ring *r) { r->flags = ${n}; }
      #else
      static inline void ring_kick(struct ring *r) { }
      #endif`;
    const use = '#include "kick.h"\nvoid kick(struct ring *r) { ring_kick(r); }';
    const tree: Tree = { ...TREE, 'drivers/x/kick.h': stub(1), 'drivers/x/kick.c': use };
    const { functions, notSimulated } = simulated(tree, { ...tree, 'drivers/x/kick.h': stub(2) });
    assert.deepEqual(functions, []);
    assert.match(
      notSimulated[0]!.reason,
      /^ring_kick\(\): what drivers\/x\/kick\.c uses of it is the same under profile x86-64; /,
    );
  });

  it('sets the option around what changed', () => {
    const stub = (n: number): string => `#include "ring.h"
#ifdef CONFIG_RING_A
static inline void ring_kick(struct ring *r) { r->flags = ${n}; }
#else
static inline void ring_kick(struct ring *r) { }
#endif
`;
    const use = '#include "kick.h"\nvoid kick(struct ring *r) { ring_kick(r); }';
    const tree: Tree = { ...TREE, 'drivers/x/kick.h': stub(1), 'drivers/x/kick.c': use };
    const { functions } = simulated(tree, { ...tree, 'drivers/x/kick.h': stub(2) });
    assert.deepEqual(
      functions.map((one) => [one.function, one.verdict]),
      [['ring_kick', 'unknown']],
    );
    assert.ok(functions[0]!.assumptions.some(({ about }) => about === 'CONFIG_RING_A'));
  });

  it('says what there is nothing to run for', () => {
    const comment = simulated(TREE, withHeader('Gives the buffer back.', 'Gives it back.'));
    assert.match(comment.notSimulated[0]!.reason, /^a header: comments, layout, declarations/);
    const alone = { 'drivers/x/ring.h': RING_H };
    const unused = simulated(alone, withHeader('RING_BYTES, 1', 'RING_BYTES, 2', alone));
    assert.match(unused.notSimulated[0]!.reason, /^ring_unmap\(\): no C file whose functions use it was found: 0 /); // prettier-ignore
    const foreign = { 'arch/powerpc/include/asm/ring.h': RING_H };
    const made = { 'arch/powerpc/include/asm/ring.h': RING_H.replace('2048', '1024') };
    assert.match(
      simulated(foreign, made).notSimulated[0]!.reason,
      /: a header of powerpc; C is read/,
    );
  });
});
