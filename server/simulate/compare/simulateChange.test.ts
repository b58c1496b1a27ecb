import assert from 'node:assert/strict';
import { lineMap } from '../../patch/apply/lineMap.ts';
import type { Change } from '../../patch/change.ts';
import { SIMULATION_LIMITS, simulateChange } from './simulateChange.ts';
import type { SimulatedFunction } from './result/simulation.ts';

/** What the drivers of these tests include: the interfaces, as far as they use them. */
const DECLARATIONS = `
typedef unsigned long size_t;
typedef unsigned long long u64;
typedef u64 dma_addr_t;
struct device { int id; };
struct scatterlist { unsigned long page_link; unsigned int offset, length; dma_addr_t dma_address; unsigned int dma_length; };
dma_addr_t dma_map_single_attrs(struct device *dev, void *p, size_t size, int dir, unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t a, size_t size, int dir, unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t a);
int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents, int dir, unsigned long attrs);
void dma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents, int dir, unsigned long attrs);
void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle, int gfp, unsigned long attrs);
void dma_free_attrs(struct device *dev, size_t size, void *cpu, dma_addr_t handle, unsigned long attrs);
int start(struct device *dev, dma_addr_t a);
struct ring { struct device *dev; void *cpu; dma_addr_t dma; void *buf; dma_addr_t buf_dma; int ready; };
`;

/** A change of one driver from one text to another, with what both begin and end with kept. */
function changeFrom(before: string, after: string): Change {
  const old = `${DECLARATIONS}${before}`.split('\n');
  const made = `${DECLARATIONS}${after}`.split('\n');
  const least = Math.min(old.length, made.length);
  let head = 0;
  while (head < least && old[head] === made[head]) head++;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === made.at(-1 - tail)) tail++;
  const map = lineMap(
    [
      { before: 1, after: 1, length: head },
      { before: old.length - tail + 1, after: made.length - tail + 1, length: tail },
    ],
    [{ document: 'test.patch', line: 1, kind: 'added', after: head + 1 }],
  );
  const file = {
    before: { path: 'drivers/x/ring.c', text: old.join('\n') },
    after: { path: 'drivers/x/ring.c', text: made.join('\n') },
    ...{ map, filePatches: [], placements: [], extent: 'whole' as const, seen: [] },
  };
  return { patches: [], files: [file], notLookedAt: [], problems: [] };
}

function results(before: string, after: string): readonly SimulatedFunction[] {
  return simulateChange({
    source: { read: () => undefined, list: () => [] },
    ...{ change: changeFrom(before, after), limits: SIMULATION_LIMITS },
    ...{ now: () => 0, cancelled: () => false },
  }).functions;
}

function only(before: string, after: string): SimulatedFunction {
  const all = results(before, after);
  assert.equal(all.length, 1, all.map((result) => result.function).join());
  return all[0]!;
}

const SETUP = `
int setup(struct ring *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 0, 0);
	if (!r->cpu)
		return -12;
	r->buf_dma = dma_map_single_attrs(r->dev, r->buf, 2048, 1, 0);
	if (dma_mapping_error(r->dev, r->buf_dma))
		goto free;
	return 0;
free:
	dma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0);
	return -12;
}
`;

/** Wrappers as a header has them: what drivers call stands for something else. */
const WRAPPERS = `static inline void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle, int gfp)
{
	return dma_alloc_attrs(dev, size, handle, gfp, 0);
}
#define dma_map_single(d, p, s, r) dma_map_single_attrs(d, p, s, r, 0)
`;

describe('simulateChange', () => {
  const MAP = 'dma_map_single_attrs(r->dev, r->buf, 2048, 1, 0)';
  const UNMAP = 'dma_unmap_single_attrs(r->dev, r->dma, 2048, 1, 0);';
  /** Whatever fails behind the `&&`, the first mapping goes again; the text of what makes it go is left out after. */
  const SECOND_OPERANDS: readonly (readonly [name: string, c: string])[] = [
    [
      'a call',
      `	r->dma = ${MAP};
	if (!dma_mapping_error(r->dev, r->dma) && start(r->dev, r->dma)) {
		${UNMAP}
		return -12;
	}
	return 0;`,
    ],
    [
      'a map',
      `	if (r->ready && (r->dma = ${MAP}, !dma_mapping_error(r->dev, r->dma)) &&
	    (r->buf_dma = ${MAP}, dma_mapping_error(r->dev, r->buf_dma))) {
		${UNMAP}
		return -12;
	}
	return 0;`,
    ],
    [
      'a test',
      `	r->dma = ${MAP};
	r->buf_dma = ${MAP};
	if (!dma_mapping_error(r->dev, r->dma) && !dma_mapping_error(r->dev, r->buf_dma))
		return 0;
	if (!dma_mapping_error(r->dev, r->dma)) {
		${UNMAP}
	}
	if (!dma_mapping_error(r->dev, r->buf_dma))
		dma_unmap_single_attrs(r->dev, r->buf_dma, 2048, 1, 0);
	return -12;`,
    ],
  ];
  for (const [name, body] of SECOND_OPERANDS) {
    it(`tries what fails in the second operand of &&: ${name}`, () => {
      const before = `\nint setup(struct ring *r)\n{\n${body}\n}\n`;
      const found = only(before, before.replace(UNMAP, ';'));
      assert.equal(found.verdict, 'newly-broken');
      assert.match(found.reason, /C-LEAK: fails and keeps a mapping of 2048 bytes/);
    });
  }

  it('finds the list that another file defines empty, or with an entry', () => {
    const walk = (undo: string): string => `
struct list_head { struct list_head *next, *prev; };
struct entry { struct ring ring; struct list_head node; };
extern struct list_head all_rings;
int map_all(void)
{
	struct list_head *at;
	for (at = all_rings.next; at != &all_rings; at = at->next) {
		struct ring *r = &((struct entry *)((char *)at - __builtin_offsetof(struct entry, node)))->ring;
		r->dma = ${MAP};
		if (dma_mapping_error(r->dev, r->dma))
			return -12;
		if (start(r->dev, r->dma)) {
			${undo}
			return -5;
		}
	}
	return 0;
}
`;
    const found = only(walk(UNMAP), walk(';'));
    assert.equal(found.verdict, 'newly-broken');
    assert.match(found.reason, /C-LEAK: fails and keeps a mapping of 2048 bytes/);
  });

  /** A driver of some bus that leaves the unmap with its device; \`removes\`: what its remove() does. */
  const driverOf = (removes: string): string => `
struct platform_device { struct device dev; struct ring *ring; };
struct device_driver { const char *name; };
struct ring_link { struct device_driver core; };
struct ring_bus_driver { int (*probe)(struct platform_device *); void (*remove)(struct platform_device *); struct ring_link link; };
int devm_add_action(struct device *dev, void (*action)(void *), void *data);
static void ring_unmap(void *data)
{
	struct ring *r = data;
	dma_unmap_single_attrs(r->dev, r->buf_dma, 2048, 1, 0);
}
static int ring_probe(struct platform_device *p)
{
	struct ring *r = p->ring;
	r->buf_dma = dma_map_single_attrs(r->dev, r->buf, 2048, 1, 0);
	if (dma_mapping_error(r->dev, r->buf_dma))
		return -12;
	if (devm_add_action(&p->dev, ring_unmap, r)) {
		ring_unmap(r);
		return -12;
	}
	return 0;
}
static void ring_remove(struct platform_device *p)
{
	struct ring *r = p->ring;
	r->ready = 0;
${removes}
}
struct ring_bus_driver ring_driver = { .probe = ring_probe, .remove = ring_remove };
`;
  const GIVES_BACK = '	dma_unmap_single_attrs(r->dev, r->buf_dma, 2048, 1, 0);';

  it('lets go of the device after remove(): what that gives back goes again with the device', () => {
    const found = results(driverOf(''), driverOf(GIVES_BACK));
    const broken = found.find(({ verdict }) => verdict === 'newly-broken');
    assert.match(broken?.reason ?? JSON.stringify(found.map(({ reason }) => reason)), /^C-TWICE/);
    assert.equal(broken?.setup, 'ring_probe');
  });

  it('finds nothing in a remove() that leaves to the device what probe() left with it', () => {
    const found = results(driverOf(GIVES_BACK), driverOf(''));
    assert.deepEqual(
      found.filter(({ verdict }) => verdict === 'newly-broken').map(({ reason }) => reason),
      [],
    );
    assert.ok(found.some(({ verdict }) => verdict === 'fixed'));
  });

  it('calls what a driver calls by the name that it uses, at its own line', () => {
    const header = 'include/linux/wrappers.h';
    const before = `#include <linux/wrappers.h>
int setup(struct ring *r)
{
	r->cpu = dma_alloc_coherent(r->dev, 4096, &r->dma, 0);
	r->buf_dma = dma_map_single(r->dev, r->buf, 2048, 1);
	if (dma_mapping_error(r->dev, r->buf_dma)) {
		dma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0);
		return -12;
	}
	return 0;
}
`;
    const after = before.replace('\t\tdma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0);\n', '');
    const { functions } = simulateChange({
      source: { read: (path) => (path === header ? WRAPPERS : undefined), list: () => [] },
      ...{ change: changeFrom(before, after), limits: SIMULATION_LIMITS },
      ...{ now: () => 0, cancelled: () => false },
    });
    const [found] = functions;
    const { after: run, violations } = found!;
    const events = run!.events.filter(({ actor }) => actor === 'api');
    assert.deepEqual(
      events.map(({ text, position, holding }) => [text, position?.file, holding]),
      [
        [
          'dma_alloc_coherent(): 4096 bytes of coherent memory',
          'drivers/x/ring.c',
          { number: 1, what: 'taken', reachable: true },
        ],
        [
          'dma_map_single(): a mapping of 2048 bytes: fails',
          'drivers/x/ring.c',
          { number: 2, what: 'failed', reachable: true },
        ],
      ],
    );
    assert.equal(violations[0]?.id, 'C-LEAK');
    assert.equal(violations[0].holding, 1);
    assert.deepEqual(found!.models, ['dma_alloc_coherent', 'dma_free_attrs', 'dma_map_single']);
  });

  it('shows a leak on an error path, with the failure that leads there and nothing else', () => {
    const leaks = SETUP.replace('goto free;', 'return -5;');
    const found = only(SETUP, leaks);
    assert.equal(found.verdict, 'newly-broken');
    assert.equal(found.violations[0]!.id, 'C-LEAK');
    assert.match(found.reason, /keeps 4096 bytes of coherent memory/);
    assert.deepEqual(found.assumptions, [
      { about: 'dma_map_single_attrs() fails', kind: 'failure', value: '1' },
    ]);
    assert.equal(found.before!.outcome, 'returns -12');
    assert.equal(found.after!.outcome, 'returns -5');
    assert.ok(found.models.includes('dma_map_single_attrs'));
  });

  it('runs what gives back after what took it, where only both together show the difference', () => {
    const pair = (count: string): string => `
struct host { struct device *dev; struct scatterlist *sg; unsigned int flags; int asked, mapped; };
int begin(struct host *h)
{
	if (!(h->flags & 0x40))
		return 1;
	h->asked = 2;
	h->mapped = dma_map_sg_attrs(h->dev, h->sg, h->asked, 1, 0);
	return h->mapped ? 0 : -12;
}
void finish(struct host *h)
{
	dma_unmap_sg_attrs(h->dev, h->sg, ${count}, 1, 0);
}
`;
    const found = only(pair('h->asked'), pair('h->mapped'));
    assert.equal(found.verdict, 'newly-broken', found.reason);
    assert.equal(found.violations[0]!.id, 'C-NENTS');
    assert.equal(found.entry, 'finish');
    assert.equal(found.setup, 'begin');
    assert.match(found.reason, /in finish\(\) after begin\(\)/);
    assert.equal(only(pair('h->mapped'), pair('h->asked')).verdict, 'fixed');
  });

  it('runs what gives back after what took it, also where that calls it when it fails', () => {
    const pair = (size: string): string => `
struct rings { struct device *dev; void *a, *b; dma_addr_t at_a, at_b; unsigned int bytes_a, bytes_b; };
void stop(struct rings *r)
{
	if (r->at_b)
		dma_unmap_single_attrs(r->dev, r->at_b, ${size}, 1, 0);
}
int begin(struct rings *r)
{
	r->at_b = dma_map_single_attrs(r->dev, r->b, r->bytes_b, 1, 0);
	if (dma_mapping_error(r->dev, r->at_b)) {
		r->at_b = 0;
		stop(r);
		return -12;
	}
	r->bytes_a += 16;
	return 0;
}
`;
    const found = only(pair('r->bytes_b'), pair('r->bytes_a'));
    assert.equal(found.verdict, 'newly-broken', found.reason);
    assert.equal(found.violations[0]!.id, 'C-UNMAP-ARGUMENTS');
    assert.equal(found.setup, 'begin');
  });

  it('runs what a changed macro makes another, although none of its lines changed', () => {
    const driver = (size: string): string => `
#define SIZE ${size}
int begin(struct ring *r)
{
	r->ready = 0;
	r->buf_dma = dma_map_single_attrs(r->dev, r->buf, SIZE, 1, 0);
	if (dma_mapping_error(r->dev, r->buf_dma))
		return -12;
	dma_unmap_single_attrs(r->dev, r->buf_dma, 512, 1, 0);
	return 0;
}
`;
    const found = only(driver('512'), driver('256'));
    assert.equal(found.verdict, 'newly-broken', found.reason);
    assert.equal(found.violations[0]!.id, 'C-UNMAP-ARGUMENTS');
    const [line] = found.after!.changed!;
    assert.equal(found.after!.changed!.length, 1);
    assert.equal(line, found.violations[0]!.since!.line);
  });

  it('does not take a failure for unnoticed where another way was tried', () => {
    const once = `
int get(struct ring *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 0, 0);
	return r->cpu ? 0 : -12;
}
`;
    const twice = once.replace(
      '\treturn r->cpu',
      '\tif (!r->cpu)\n\t\tr->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 1, 0);\n\treturn r->cpu',
    );
    assert.notEqual(only(once, twice).verdict, 'newly-broken');
  });

  it('finds operations through the table that the file defines', () => {
    const driver = (test: string): string => `
struct ops { dma_addr_t (*map)(struct device *dev, void *p); };
struct port { struct device *dev; const struct ops *ops; void *p; dma_addr_t at; };
static dma_addr_t map_one(struct device *dev, void *p)
{
	return dma_map_single_attrs(dev, p, 512, 1, 0);
}
static const struct ops ops = { .map = map_one };
const struct ops *all(void) { return &ops; }
int send(struct port *port)
{
	port->at = port->ops->map(port->dev, port->p);
	${test}
	return start(port->dev, port->at);
}
`;
    const found = only(
      driver('if (dma_mapping_error(port->dev, port->at)) return -12;'),
      driver(''),
    );
    assert.equal(found.verdict, 'newly-broken', found.reason);
    assert.equal(found.violations[0]!.id, 'C-UNCHECKED');
  });

  it('counts steps and not time, and names what the steps did not suffice for', () => {
    const leaks = SETUP.replace('goto free;', 'return -5;');
    const other = (text: string): string => `${text}${text.replace('setup', 'again')}`;
    const limits = { ...SIMULATION_LIMITS, stepsOfFunction: 3_000, steps: 3_000 };
    const { functions, notSimulated } = simulateChange({
      source: { read: () => undefined, list: () => [] },
      ...{ change: changeFrom(other(SETUP), other(leaks)), limits },
      ...{ now: () => 0, cancelled: () => false },
    });
    assert.deepEqual(
      functions.map((result) => result.function),
      ['setup'],
    );
    assert.match(notSimulated[0]!.reason, /^again\(\): not run, the 3000 steps for one change/);
  });

  it('sees calls that take and give nothing: what is synchronised, and what is unmapped that others mapped', () => {
    const finish = (calls: string): string => `
void dma_sync_single_for_cpu(struct device *dev, dma_addr_t a, size_t size, int dir);
int finish(struct ring *r)
{
	${calls}
	return r->ready;
}
`;
    for (const call of [
      'dma_sync_single_for_cpu(r->dev, r->buf_dma, 512, 2);',
      'dma_unmap_single_attrs(r->dev, r->buf_dma, 512, 2, 0);',
    ]) {
      const { verdict, reason } = only(finish(call), finish(''));
      assert.equal(verdict, 'unknown');
      assert.match(reason, /^the sides behave differently/);
    }
  });

  it('runs a changed function as it is written, also where it is an interface with a model', () => {
    const implementation = (size: string): string => `
int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents, int dir, unsigned long attrs)
{
	struct ring *r = (struct ring *)dev;
	r->ready = ${size};
	return start(dev, sg->dma_address);
}
`;
    const found = only(implementation('1'), implementation('2'));
    assert.match(found.reason, /leave different contents in /);
  });

  it('calls the same change backwards a fix', () => {
    const leaks = SETUP.replace('goto free;', 'return -5;');
    const found = only(leaks, SETUP);
    assert.equal(found.verdict, 'fixed');
    assert.equal(found.violations[0]!.id, 'C-LEAK');
  });

  it('shows a mapping that is used without asking whether it worked', () => {
    const unasked = SETUP.replace('	if (dma_mapping_error(r->dev, r->buf_dma))\n		goto free;\n', '');
    const found = only(SETUP, unasked);
    assert.equal(found.verdict, 'newly-broken');
    assert.equal(found.violations[0]!.id, 'C-UNCHECKED');
    assert.deepEqual(found.violations[0]!.rules.includes('dma-map-no-error-check'), true);
  });

  it('shows counts, sizes, directions and addresses that do not fit what was mapped', () => {
    const driver = (unmap: string): string => `
int once(struct device *dev, struct scatterlist *sg, void *p, int n)
{
	dma_addr_t a = dma_map_single_attrs(dev, p, 512, 1, 0);
	int count;
	if (dma_mapping_error(dev, a))
		return -12;
	count = dma_map_sg_attrs(dev, sg, 2, 1, 0);
	if (count == 0) {
		dma_unmap_single_attrs(dev, a, 512, 1, 0);
		return -12;
	}
	${unmap}
	return 0;
}
`;
    const right =
      'dma_unmap_sg_attrs(dev, sg, 2, 1, 0); dma_unmap_single_attrs(dev, a, 512, 1, 0);';
    const wrong: readonly (readonly [string, string])[] = [
      ['C-NENTS', right.replace('sg, 2', 'sg, count')],
      ['C-UNMAP-ARGUMENTS', right.replace('512', '256')],
      ['C-UNMAP-ARGUMENTS', right.replace('512, 1', '512, 2')],
      ['C-UNMAP-ARGUMENTS', right.replace('(dev, a,', '(dev, a + 64,')],
      ['C-TWICE', `${right} dma_unmap_single_attrs(dev, a, 512, 1, 0);`],
    ];
    for (const [id, text] of wrong) {
      const found = only(driver(right), driver(text));
      assert.equal(found.verdict, 'newly-broken', text);
      assert.equal(found.violations[0]!.id, id, text);
    }
  });

  it('asks the callers whether they give back what a function that fails keeps', () => {
    const helper = (cleans: string): string => `
static int fill(struct ring *r)
{
	r->cpu = dma_alloc_attrs(r->dev, 4096, &r->dma, 0, 0);
	if (!r->cpu)
		return -12;
	if (start(r->dev, r->dma)) {
		${cleans}
		return -5;
	}
	return 0;
}
`;
    const caller = `
int open(struct ring *r)
{
	int ret = fill(r);
	if (ret && r->cpu) {
		dma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0);
		return ret;
	}
	return ret;
}
`;
    const freed = 'dma_free_attrs(r->dev, 4096, r->cpu, r->dma, 0); r->cpu = 0;';
    const handed = only(helper(freed) + caller, helper('') + caller);
    assert.equal(handed.verdict, 'unknown', handed.reason);
    const careless = caller.replace(/\tif \(ret && r->cpu\) \{[^}]*\}\n/, '');
    const lost = only(helper(freed) + careless, helper('') + careless);
    assert.equal(lost.verdict, 'newly-broken', lost.reason);
    assert.match(lost.reason, /open\(\) does not make up for it/);
  });

  it('calls equal what nothing assumed decides, and unknown what something does', () => {
    const sum = (body: string): string => `
static int steps[4] = { 1, 2, 3, 4 };
int total(void)
{
	int sum = 0;
	${body}
	return sum;
}
`;
    const loop = 'for (int i = 0; i < 4; i++) sum += steps[i];';
    const backwards = 'for (int i = 3; i >= 0; i--) sum += steps[i];';
    assert.equal(only(sum(loop), sum(backwards)).verdict, 'unchanged');
    const assumed = 'sum = r->ready ? 1 : 2;';
    const read = (text: string): string => sum(text).replace('(void)', '(struct ring *r)');
    const other = only(read(assumed), read('if (r->ready) sum = 1; else sum = 2;'));
    assert.equal(other.verdict, 'unknown');
    assert.match(other.reason, /rest on assumptions/);
  });

  it('does not call unchanged what ran in part', () => {
    const text = (step: string, undo: string): string => `
static int known(void)
{
	return 1;
}
int step(void)
{
	int count = 0;
	${step}
	if (known() < 0)
		${undo}
	return count;
}
`;
    const inPart = only(text('count++;', 'count--;'), text('count += 1;', 'count = 5;'));
    assert.equal(inPart.verdict, 'unknown');
    assert.match(
      inPart.reason,
      /no run got to the changed line \d+ and line \d+ of before the change$/,
    );
    assert.equal(only(text('count++;', ';'), text('count += 1;', ';')).verdict, 'unchanged');
  });

  it('does not call equal what it never reached', () => {
    const stops = (value: number): string => `
int f(void)
{
	asm volatile("cpuid");
	return ${value};
}
`;
    const found = only(stops(1), stops(1).replace('return 1', 'return 0 + 1'));
    assert.equal(found.verdict, 'not-simulated');
    assert.match(found.reason, /inline assembly "cpuid" has no model at drivers\/x\/ring\.c:\d+/);
  });

  it('does not depend on names, layout or comments', () => {
    const leaks = SETUP.replace('goto free;', 'return -5;');
    const renamed = (text: string): string =>
      text
        .replaceAll('setup', 'prepare_it')
        .replaceAll('free:', 'undo:')
        .replaceAll('goto free', 'goto undo')
        .replaceAll('(struct ring *r)', '(\n  struct ring *the_ring /* where */)')
        .replaceAll('r->', 'the_ring->')
        .replaceAll('the_the_ring', 'the_ring');
    const one = only(SETUP, leaks);
    const other = only(renamed(SETUP), renamed(leaks));
    assert.equal(other.verdict, one.verdict);
    assert.equal(other.reason, one.reason);
    assert.deepEqual(other.assumptions, one.assumptions);
  });

  it('says of comments and layout that nothing was to be run', () => {
    const { functions, notSimulated } = simulateChange({
      source: { read: () => undefined, list: () => [] },
      change: changeFrom(SETUP, SETUP.replace('return 0;', 'return 0; /* done */')),
      ...{ limits: SIMULATION_LIMITS, now: () => 0, cancelled: () => false },
    });
    assert.deepEqual(functions, []);
    assert.match(notSimulated[0]!.reason, /no function body changed/);
  });
});
