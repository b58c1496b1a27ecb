import assert from 'node:assert/strict';
import { lineMap } from '../../patch/apply/lineMap.ts';
import { situationFrom } from '../situations/fromSpec.ts';
import type { SituationSpec } from '../situations/spec.ts';
import { SIMULATION_LIMITS, simulateChange } from './simulateChange.ts';
import type { SimulatedFunction } from './result/simulation.ts';

/** A driver of one unit with a table of io-pgtable: two levels, the lower of which goes as a whole. */
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
struct io_pgtable_ops { int dummy; };
struct io_pgtable_cfg { struct { u64 ttbr; } arm_lpae_s1_cfg; };
struct io_pgtable { struct io_pgtable_cfg cfg; struct io_pgtable_ops ops; };
struct arm_lpae_io_pgtable { struct io_pgtable iop; int start_level; u64 *pgd; };
struct unit { char *reg; u64 *queue; u32 prod; };
struct own_domain { struct iommu_domain domain; struct io_pgtable_ops *pgtbl_ops; u32 asid; struct unit *unit; struct arm_lpae_io_pgtable *table; };
void writel(u32 value, void *at);
void writeq(u64 value, void *at);
u32 readl(void *at);
unsigned long get_zeroed_page(unsigned int gfp);
void free_pages(unsigned long at, unsigned int order);
void *__kmalloc(unsigned long bytes, unsigned int gfp);
static struct unit *the_unit;

static u64 physical(void *at) { return (u64)at - 0xffff888000000000ULL; }
static u64 *behind(u64 entry) { return (u64 *)((entry & 0xfffffffff000ULL) + 0xffff888000000000ULL); }

static void put(struct unit *unit, u64 low, u64 high)
{
  unit->queue[(unit->prod & 15) * 2] = low;
  unit->queue[(unit->prod & 15) * 2 + 1] = high;
  unit->prod = (unit->prod + 1) & 31;
}

static void wait(struct unit *unit)
{
  put(unit, 0x46, 0);
  writel(unit->prod, unit->reg + 0x98);
  while (readl(unit->reg + 0x9c) != unit->prod)
    ;
}

static void drop(struct own_domain *own, unsigned long iova, u32 scale, u32 leaf)
{
  put(own->unit, 0x12 | (u64)own->asid << 48 | scale << 20, iova | 1 << 10 | leaf);
  wait(own->unit);
}

int unit_start(struct unit *unit)
{
  unit->queue = (u64 *)get_zeroed_page(0);
  writeq(physical(unit->queue) | 4, unit->reg + 0x90);
  writel(8, unit->reg + 0x20);
  the_unit = unit;
  return readl(unit->reg) == 2 ? 0 : -19;
}

static struct iommu_domain *alloc_paging(struct device *dev)
{
  struct own_domain *own = __kmalloc(sizeof(*own), 0x100);
  return &own->domain;
}

static int attach_dev(struct iommu_domain *domain, struct device *dev)
{
  struct own_domain *own = (struct own_domain *)domain;
  u64 *table = (u64 *)get_zeroed_page(0);
  own->unit = the_unit;
  own->asid = 9;
  own->table = __kmalloc(sizeof(*own->table), 0x100);
  own->table->pgd = (u64 *)get_zeroed_page(0);
  own->table->start_level = 2;
  own->table->iop.cfg.arm_lpae_s1_cfg.ttbr = physical(own->table->pgd);
  own->pgtbl_ops = &own->table->iop.ops;
  own->table->pgd[1] = physical(table) | 3;
  own->table->pgd[2] = 0x80400401ULL;
  table[0] = 0x80200403ULL;
  table[7] = 0x80207403ULL;
  return 0;
}

static unsigned long unmap(struct iommu_domain *domain, unsigned long iova, unsigned long bytes)
{
  struct own_domain *own = (struct own_domain *)domain;
  u64 *at = &own->table->pgd[iova >> 21];
  u64 old = *at;
  *at = 0;
  drop(own, iova, 9, 0);
  free_pages((unsigned long)behind(old), 0);
  return bytes;
}

static const struct iommu_domain_ops domain_ops = { .attach_dev = attach_dev, .unmap = unmap };
const struct iommu_ops driver_ops = { .domain_alloc_paging = alloc_paging, .default_domain_ops = &domain_ops };
`;

const SPEC: SituationSpec = {
  ...{ name: 'own-arm', summary: 'a unit with a queue unmaps what a table maps' },
  objects: { unit: {} },
  iommu: {
    ...{ kind: 'smmuv3', registers: ['unit.reg'], tells: { '0x0': 2 } },
    start: [{ call: 'unit_start' }],
    domainId: ['own_domain.cd.asid', 'own_domain.asid'],
  },
  table: { format: 'driver', layout: 'arm_64_lpae_s1' },
  before: [{ call: 'iommu_domain.ops.attach_dev' }],
  entry: { call: 'iommu_domain.ops.unmap', arguments: { 1: 0x200000, 2: 0x200000 } },
  keeps: [{ iova: 0x400000, bytes: 0x200000 }],
  removes: [{ iova: 0x200000, bytes: 0x200000 }],
};

/** What replacing one line says of the function that it is in. */
function after(line: string, by: string): SimulatedFunction {
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
    ...{ limits: SIMULATION_LIMITS, situations: [situationFrom(SPEC)] },
    ...{ now: () => 0, cancelled: () => false },
  });
  assert.equal(functions.length, 1, functions.map((one) => one.reason).join());
  return functions[0]!;
}

const PUT = 'put(own->unit, 0x12 | (u64)own->asid << 48 | scale << 20, iova | 1 << 10 | leaf);';
const DROP = 'drop(own, iova, 9, 0);';

describe('a driver of Arm tables that fills a queue', () => {
  it('is unchanged where it says the same in other words', () => {
    const result = after(PUT, 'put(own->unit, ((u64)own->asid << 48) + (scale << 20) + 18, leaf + 1024 + iova);'); // prettier-ignore
    assert.equal(result.verdict, 'unchanged', result.reason);
  });

  const bugs: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['names another ASID', PUT, PUT.replace('own->asid <<', '(own->asid + 1) <<'), ['I-LIFE-1', 'I-REACH-1']], // prettier-ignore
    ['drops leaves only', DROP, 'drop(own, iova, 9, 1);', ['I-LIFE-1', 'I-LIFE-2']],
    ['drops the table and some of its leaves', DROP, 'drop(own, iova, 1, 0);', ['I-REACH-1']],
    ['names leaves of another level', PUT, PUT.replace('1 << 10', '2 << 8 | 1 << 10'), ['I-LIFE-1', 'I-REACH-1']], // prettier-ignore
    ['waits for nothing', 'while (readl(unit->reg + 0x9c) != unit->prod)', '  while (0)', ['I-LIFE-1', 'I-REACH-1']], // prettier-ignore
    ['puts a block where a table is', '*at = 0;', '  *at = 0x80600401ULL;', ['I-BBM-1']],
    ['queues what is reserved', DROP, 'drop(own, iova, 0, 0);', ['C-END']],
  ];
  for (const [what, line, by, ids] of bugs) {
    it(`is newly broken where it ${what}`, () => {
      const { verdict, reason, violations } = after(line, by);
      assert.equal(verdict, 'newly-broken', reason);
      const found = [...violations.map(({ id }) => id), reason.split(':')[0]!];
      for (const id of ids)
        assert.ok(
          found.some((one) => one.startsWith(id)),
          `${id} of ${found.join()}`,
        );
    });
  }
});
