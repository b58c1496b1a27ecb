import assert from 'node:assert/strict';
import { lineMap } from '../../patch/apply/lineMap.ts';
import { situationFrom } from '../situations/fromSpec.ts';
import type { SituationSpec } from '../situations/spec.ts';
import { SIMULATION_LIMITS, simulateChange } from './simulateChange.ts';
import type { SimulatedFunction, SimulatedRun } from './result/simulation.ts';

/** A driver of one unit: a table of one level above the leaves, and a queue that the unit reads. */
const DRIVER = `typedef unsigned long long u64;
typedef unsigned int u32;
struct device { int id; };
struct iommu_domain;
struct iommu_domain_ops {
  int (*attach_dev)(struct iommu_domain *domain, struct device *dev);
  unsigned long (*unmap)(struct iommu_domain *domain, unsigned long iova, unsigned long bytes);
};
struct iommu_domain { unsigned int type; const struct iommu_domain_ops *ops; unsigned long pgsize_bitmap; };
struct iommu_ops {
  struct iommu_domain *(*domain_alloc_paging)(struct device *dev);
  const struct iommu_domain_ops *default_domain_ops;
};
struct unit { char *reg; u64 *queue; u32 tail; u32 done; };
struct dmar_domain { struct iommu_domain domain; u64 *pgd; int agaw; int iommu_coherency; struct unit *unit; u32 did; };
void writel(u32 value, void *at);
void cpu_relax(void);
void writeq(u64 value, void *at);
unsigned long get_zeroed_page(unsigned int gfp);
void *__kmalloc(unsigned long bytes, unsigned int gfp);
static struct unit *the_unit;

static u64 physical(void *at) { return (u64)at - 0xffff888000000000ULL; }

static void put(struct unit *unit, u64 low, u64 high)
{
  unit->queue[unit->tail * 2] = low;
  unit->queue[unit->tail * 2 + 1] = high;
  unit->tail = (unit->tail + 1) % 256;
}

static void drop(struct unit *unit, u32 did, unsigned long iova, u32 order)
{
  put(unit, 2 | 3 << 4 | (u64)did << 16, iova | order);
  unit->done = 0;
  put(unit, 5 | 1 << 5 | 7ULL << 32, physical(&unit->done));
  writel(unit->tail << 4, unit->reg + 0x88);
  while (unit->done != 7)
    cpu_relax();
}

int unit_start(struct unit *unit)
{
  unit->queue = (u64 *)get_zeroed_page(0);
  writeq(physical(unit->queue), unit->reg + 0x90);
  writel(1 << 26, unit->reg + 0x18);
  the_unit = unit;
  return 0;
}

static struct iommu_domain *alloc_paging(struct device *dev)
{
  struct dmar_domain *own = __kmalloc(sizeof(*own), 0x100);
  own->pgd = (u64 *)get_zeroed_page(0);
  own->agaw = 1;
  own->iommu_coherency = 1;
  return &own->domain;
}

static int attach_dev(struct iommu_domain *domain, struct device *dev)
{
  struct dmar_domain *own = (struct dmar_domain *)domain;
  u64 *table = (u64 *)get_zeroed_page(0);
  own->unit = the_unit;
  own->did = 9;
  own->pgd[1] = physical(table) | 3;
  table[1] = 0x80200083ULL;
  table[2] = 0x80400083ULL;
  return 0;
}

static unsigned long unmap(struct iommu_domain *domain, unsigned long iova, unsigned long bytes)
{
  struct dmar_domain *own = (struct dmar_domain *)domain;
  u64 *table = (u64 *)((own->pgd[iova >> 30] & ~0xfffULL) + 0xffff888000000000ULL);
  table[(iova >> 21) & 511] = 0;
  drop(own->unit, own->did, iova, 9);
  return bytes;
}

static const struct iommu_domain_ops domain_ops = { .attach_dev = attach_dev, .unmap = unmap };
const struct iommu_ops driver_ops = { .domain_alloc_paging = alloc_paging, .default_domain_ops = &domain_ops };
`;

const SPEC: SituationSpec = {
  ...{ name: 'own-queue', summary: 'a unit with a queue unmaps 2M' },
  objects: { unit: {} },
  iommu: { kind: 'vtd', registers: ['unit.reg'], domainId: 'dmar_domain.did' },
  table: { format: 'driver' },
  before: [{ call: 'unit_start' }, { call: 'iommu_domain.ops.attach_dev' }],
  entry: {
    call: 'iommu_domain.ops.unmap',
    arguments: { 1: 0x40200000, 2: 0x200000 },
  },
  removes: [{ iova: 0x40200000, bytes: 0x200000 }],
};

/** What replacing one line says of the function that it is in. */
function after(line: string, by: string, spec: SituationSpec = SPEC): SimulatedFunction {
  const old = DRIVER.split('\n');
  const at = old.findIndex((one) => one.trim() === line);
  assert.ok(at >= 0, line);
  const made = [...old.slice(0, at), by, ...old.slice(at + 1)];
  const map = lineMap(
    [
      { before: 1, after: 1, length: at },
      { before: at + 2, after: at + 2, length: old.length - at - 1 },
    ],
    [{ document: 'test.patch', line: 1, kind: 'added', after: at + 1 }],
  );
  const path = 'drivers/x/unit.c';
  const file = {
    before: { path, text: DRIVER },
    after: { path, text: made.join('\n') },
    ...{ map, filePatches: [], placements: [], extent: 'whole' as const, seen: [] },
  };
  const { functions } = simulateChange({
    source: { read: () => undefined, list: () => [] },
    change: { patches: [], files: [file], notLookedAt: [], problems: [] },
    ...{ limits: SIMULATION_LIMITS, situations: [situationFrom(spec)] },
    ...{ now: () => 0, cancelled: () => false },
  });
  assert.equal(functions.length, 1, functions.map((one) => one.reason).join());
  return functions[0]!;
}

const DROP = 'put(unit, 2 | 3 << 4 | (u64)did << 16, iova | order);';

describe('a driver that fills a queue', () => {
  it('is unchanged where it says the same in other words', () => {
    const result = after(DROP, 'put(unit, ((u64)did << 16) + 0x32, order + iova);');
    assert.equal(result.verdict, 'unchanged', result.reason);
    assert.equal(result.entry, 'iommu_domain.ops.unmap');
  });

  const bugs: readonly (readonly [what: string, line: string, by: string])[] = [
    ['names another domain', DROP, 'put(unit, 2 | 3 << 4 | (u64)(did + 1) << 16, iova | order);'],
    ['names too few pages', 'drop(own->unit, own->did, iova, 9);', 'drop(own->unit, own->did, iova, 8);'], // prettier-ignore
    ['queues nothing', DROP, ';'],
    ['does not say that something is queued', 'drop(own->unit, own->did, iova, 9);', 'put(own->unit, 2, 0);'], // prettier-ignore
    [
      'does not wait',
      'drop(own->unit, own->did, iova, 9);',
      'put(own->unit, 2 | 3 << 4 | 9 << 16, iova | 9); writel(own->unit->tail << 4, own->unit->reg + 0x88);',
    ],
  ];
  for (const [what, line, by] of bugs) {
    it(`is newly broken where it ${what}`, () => {
      const result = after(line, by);
      assert.equal(result.verdict, 'newly-broken', result.reason);
      assert.deepEqual(
        result.violations.map(({ id }) => id),
        ['I-REACH-1'],
      );
    });
  }

  it('is newly broken where it waits for what it never told the unit to do', () => {
    const result = after('writel(unit->tail << 4, unit->reg + 0x88);', '  ;');
    assert.equal(result.verdict, 'newly-broken', result.reason);
    assert.match(
      result.reason,
      /^C-END: does not come to its end: it still runs after 1000000 steps/,
    );
  });

  it('tells when a changed line ran, and what it put where', () => {
    const result = after(
      'drop(own->unit, own->did, iova, 9);',
      '  own->did += 1; if (own->did > 3) drop(own->unit, own->did, iova, 9);',
    );
    const told = (run: SimulatedRun | undefined): readonly string[] | undefined =>
      run?.events.filter(({ kind }) => kind === 'changed').map(({ text }) => text);
    assert.deepEqual(told(result.before), ['runs']);
    assert.deepEqual(told(result.after), ['own->did: 9 -> 0xa', 'the condition is true', 'runs']);
  });

  it('shows the commands in words, as steps of the queue, with what goes', () => {
    const { before, after: run } = after(DROP, bugs[0]![2]);
    const queued = [before, run].map((side) =>
      side?.events.filter(({ actor }) => actor === 'queue').map(({ text }) => text),
    );
    assert.match(queued[0]![0]!, /^IOTLB invalidation .*\(leaves and tables of 0x40200000-0x403fffff in domain 1\)$/); // prettier-ignore
    assert.match(queued[1]![0]!, /\(leaves and tables of 0x40200000-0x403fffff in no domain of this run\)$/); // prettier-ignore
    assert.match(queued[0]![1]!, /^invalidation wait /);
  });

  it('does not call unchanged what only ran before the entry', () => {
    const result = after('table[2] = 0x80400083ULL;', '  table[1 + 1] = 0x80400083ULL;');
    assert.equal(result.verdict, 'unknown');
    assert.match(result.reason, /ran only before iommu_domain\.ops\.unmap\(\) was called/);
  });

  it('names a struct that the C does not have', () => {
    const result = after(DROP, ';', { ...SPEC, iommu: { ...SPEC.iommu!, registers: ['unit.regs'] } }); // prettier-ignore
    assert.equal(result.verdict, 'not-simulated');
    assert.match(result.reason, /field "regs" is not in struct unit; nearest: "reg"/);
  });
});
