import { unitOf } from './smallMachine.ts';
import { DOMAIN_DRIVER } from '../../server/simulate/kernel/domainDriver.ts';
import { kernelFloor } from '../../server/simulate/kernel/floor.ts';
import { prepareMemoryMap } from '../../server/simulate/kernel/pages.ts';
import { putUserMemory } from '../../server/simulate/kernel/userMemory.ts';
import { WIDE_BUDGET } from '../../server/simulate/machine/budget.ts';
import { Machine } from '../../server/simulate/machine/machine.ts';
import { callSiteOf } from '../../server/simulate/machine/whereabouts.ts';
import type { RunEvent } from '../../server/simulate/compare/run/runSide.ts';
import { Program } from '../../server/simulate/machine/program.ts';
import type { Probe, TableTop } from '../../server/simulate/situations/probe.ts';
import { NO_SITUATION } from '../../server/simulate/situations/situation.ts';
import type { HardwareView, WatchedEnd } from '../../server/simulate/watch/hardware.ts';
import { HardwareWatch } from '../../server/simulate/watch/hardware.ts';

/*
 * A small driver of page tables in C, in three levels, as a VT-d second stage or an AMD host table has them. Tests
 * run one entry of it, and look at what the hardware saw.
 */
const DRIVER = `
typedef unsigned long u64;
struct list_head { struct list_head *next, *prev; };
struct iommu_domain;
struct iommu_iotlb_gather { unsigned long start, end; struct list_head freelist; };
struct iommu_domain_ops {
  void (*iotlb_sync)(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);
  int (*iotlb_sync_map)(struct iommu_domain *domain, unsigned long iova, unsigned long size);
  u64 (*iova_to_phys)(struct iommu_domain *domain, u64 iova);
};
struct iommu_domain { const struct iommu_domain_ops *ops; u64 *top; int level; };
struct page { unsigned long flags; int _refcount; };
unsigned long get_zeroed_page(unsigned gfp);
void free_pages(unsigned long address, unsigned order);
void clflush_cache_range(void *address, unsigned size);
void unpin_user_page(struct page *page);
static void (*tell_top)(struct iommu_domain *domain, u64 top, unsigned level);

#define MAP_BASE 0xffff888000000000UL
#define phys(p) ((u64)(p) - MAP_BASE)
#define virt(e) ((u64 *)(((e) & 0x7fffffffff000UL) + MAP_BASE))
#define pfn_to_page(n) ((struct page *)0xffffea0000000000UL + (n))
#define RAM 0x80000000UL
#define RW 3

static struct iommu_domain_ops ops;
static struct iommu_domain domain = { &ops };
/* What of a table pointer and of a leaf is not address; how pointers of the next level differ. */
static u64 table_bits, leaf_bits;

void iommu_put_pages_list(struct list_head *list)
{
  struct list_head *at = list->next;
  while (at != list) {
    struct list_head *next = at->next;
    free_pages((unsigned long)at, 0);
    at = next;
  }
  list->next = list->prev = list;
}

static void iommu_iotlb_gather_init(struct iommu_iotlb_gather *g)
{
  g->start = ~0UL;
  g->end = 0;
  g->freelist.next = g->freelist.prev = &g->freelist;
}

static void gather_add(struct iommu_iotlb_gather *g, unsigned long first, unsigned long last)
{
  if (first < g->start)
    g->start = first;
  if (last > g->end)
    g->end = last;
}

static void gather_free(struct iommu_iotlb_gather *g, u64 *table)
{
  struct list_head *page = (struct list_head *)table;
  page->next = g->freelist.next;
  page->prev = &g->freelist;
  g->freelist.next = page;
}

static u64 *leaves(void)
{
  u64 *middle = virt(domain.top[0]);
  return virt(middle[0]);
}

static u64 iova_to_phys(struct iommu_domain *d, u64 iova)
{
  u64 entry = leaves()[(iova >> 12) & 511];
  return entry & leaf_bits ? entry & 0x7fffffffff000UL : 0;
}

/* Two pages are mapped at IOVA 0 and 0x1000. */
void setup(void *sync, void *sync_map, void *change_top, u64 table, u64 leaf, u64 per_level)
{
  u64 *middle = (u64 *)get_zeroed_page(0);
  u64 *last = (u64 *)get_zeroed_page(0);
  domain.top = (u64 *)get_zeroed_page(0);
  ops.iotlb_sync = sync;
  ops.iotlb_sync_map = sync_map;
  tell_top = change_top;
  table_bits = table;
  leaf_bits = leaf;
  domain.top[0] = phys(middle) | (table_bits + per_level);
  middle[0] = phys(last) | table_bits;
  last[0] = RAM | leaf_bits;
  last[1] = (RAM + 0x1000) | leaf_bits;
  ops.iova_to_phys = iova_to_phys;
  domain.level = 2;
}

static void unmap_second(struct iommu_iotlb_gather *g)
{
  leaves()[1] = 0;
  gather_add(g, 0x1000, 0x1fff);
}

int unmap(int flushes)
{
  struct iommu_iotlb_gather g;
  iommu_iotlb_gather_init(&g);
  unmap_second(&g);
  if (flushes)
    ops.iotlb_sync(&domain, &g);
  return 0;
}

int unmap_for_caller(struct iommu_iotlb_gather *g, int whole)
{
  leaves()[1] = 0;
  gather_add(g, whole ? 0x1000 : 0x2000, whole ? 0x1fff : 0x2fff);
  return 0;
}

/* What a consumer calls: it takes the neighbour along where it is told to. */
unsigned long iommu_unmap(struct iommu_domain *d, unsigned long iova, unsigned long size)
{
  struct iommu_iotlb_gather g;
  iommu_iotlb_gather_init(&g);
  leaves()[0] = 0;
  if (size != 0x1000)
    leaves()[1] = 0;
  gather_add(&g, 0, 0x1fff);
  ops.iotlb_sync(d, &g);
  return size == 0x1800 ? 0x2000 : size;
}

int consume(unsigned long size)
{
  iommu_unmap(&domain, 0, size);
  return 0;
}

/* What the core unwinds by itself is no promise of its caller. */
long iommu_map_sg(struct iommu_domain *d)
{
  iommu_unmap(d, 0, 0x1800);
  return -12;
}

int consume_list(void)
{
  iommu_map_sg(&domain);
  return 0;
}

/* The unmap path may not allocate: whoever flushes frees it again. */
int unmap_with_page(struct iommu_iotlb_gather *g, int allocates)
{
  if (allocates)
    free_pages(get_zeroed_page(0), 0);
  unmap_second(g);
  return 0;
}

int unpin(int early)
{
  struct iommu_iotlb_gather g;
  iommu_iotlb_gather_init(&g);
  unmap_second(&g);
  if (early)
    unpin_user_page(pfn_to_page(0x80001));
  ops.iotlb_sync(&domain, &g);
  if (!early)
    unpin_user_page(pfn_to_page(0x80001));
  return 0;
}

/* What gives IOVAs out takes them back. */
void free_iova_fast(void *allocator, unsigned long first, unsigned long count)
{
}

/* Gives an IOVA back: 0 as it should be, 1 before its flush, 2 another one before the flush. */
int give_iova_back(int manner)
{
  struct iommu_iotlb_gather g;
  iommu_iotlb_gather_init(&g);
  unmap_second(&g);
  if (manner)
    free_iova_fast(0, manner == 1 ? 1 : 7, 1);
  ops.iotlb_sync(&domain, &g);
  if (!manner)
    free_iova_fast(0, 1, 1);
  return 0;
}

/* Removes the table of leaves: 0 as it should be, 1 before the flush, 2 after one that drops leaves only. */
int remove_table(int manner)
{
  struct iommu_iotlb_gather g;
  u64 *middle = virt(domain.top[0]);
  u64 *last = virt(middle[0]);
  iommu_iotlb_gather_init(&g);
  last[0] = last[1] = 0;
  middle[0] = 0;
  gather_add(&g, 0, 0x1fffff);
  if (manner == 0)
    gather_free(&g, last);
  if (manner == 1)
    free_pages((unsigned long)last, 0);
  ops.iotlb_sync(&domain, &g);
  if (manner == 2)
    free_pages((unsigned long)last, 0);
  return 0;
}

int put_entry(u64 entry)
{
  virt(domain.top[0])[1] = entry;
  return 0;
}

/* Maps a page behind a new table; bits of \`cleans\`: the new table, its pointer, the leaf. */
int map_incoherent(int cleans)
{
  u64 *middle = virt(domain.top[0]);
  u64 *table = (u64 *)get_zeroed_page(0);
  if (cleans & 1)
    clflush_cache_range(table, 4096);
  middle[1] = phys(table) | table_bits;
  if (cleans & 2)
    clflush_cache_range(&middle[1], 8);
  table[0] = (RAM + 0x2000) | leaf_bits;
  if (cleans & 4)
    clflush_cache_range(&table[0], 8);
  ops.iotlb_sync_map(&domain, 0x200000, 0x1000);
  return 0;
}

int free_incoherent(int cleans)
{
  struct iommu_iotlb_gather g;
  u64 *middle = virt(domain.top[0]);
  iommu_iotlb_gather_init(&g);
  u64 *last = virt(middle[0]);
  last[0] = last[1] = 0;
  clflush_cache_range(last, 16);
  middle[0] = 0;
  if (cleans)
    clflush_cache_range(middle, 8);
  gather_add(&g, 0, 0x1fffff);
  gather_free(&g, last);
  ops.iotlb_sync(&domain, &g);
  return 0;
}

/* Software that does not find what it mapped. */
static u64 finds_nothing(struct iommu_domain *d, u64 iova)
{
  return 0;
}

int map_and_forget(int forgets)
{
  leaves()[2] = (RAM + 0x2000) | leaf_bits;
  if (forgets)
    ops.iova_to_phys = finds_nothing;
  return 0;
}

/* A level more on top, for an AMD host table. */
int grow(int software_first)
{
  u64 *top = (u64 *)get_zeroed_page(0);
  top[0] = phys(domain.top) | (3UL << 61) | (3UL << 9) | 1;
  if (!software_first)
    tell_top(&domain, phys(top), 3);
  domain.top = top;
  domain.level = 3;
  if (software_first)
    tell_top(&domain, phys(top), 3);
  return 0;
}
`;

const FORMATS = {
  vtdss: { table: 3n, leaf: 3n, perLevel: 0n },
  // Present, readable and writable; a pointer says which level it leads to.
  amdv1: { table: (3n << 61n) | (1n << 9n) | 1n, leaf: (3n << 61n) | 1n, perLevel: 1n << 9n },
} as const;

/** An entry of the driver, with what it is called with. */
export interface Asked {
  readonly entry: string;
  readonly args: readonly (number | bigint)[];
  readonly format?: keyof typeof FORMATS;
  readonly incoherent?: true;
  /** The entry is handed a gather, which stays with the caller. */
  readonly gather?: true;
}

/** An entry of the driver that ran: what the hardware saw, and what else the trace has. */
export interface RanDriver {
  readonly hardware: HardwareView;
  readonly events: readonly RunEvent[];
}

/** What the hardware sees of an entry of the driver that runs. */
export function watchedDriver(asked: Asked): HardwareView {
  return runDriver(asked).hardware;
}

/** Runs an entry of the driver under the eyes of the hardware. */
export function runDriver({ entry, args, format = 'vtdss', incoherent, gather }: Asked): RanDriver {
  const events: RunEvent[] = [];
  const unit = unitOf(DRIVER);
  const machine = new Machine({
    ...{ program: new Program([unit]), floor: kernelFloor(DOMAIN_DRIVER) },
    ...{ budget: WIDE_BUDGET, now: () => 0 },
    trace: (event, frame) => {
      events.push({ event, site: frame === undefined ? undefined : callSiteOf(frame) });
    },
  });
  prepareMemoryMap(machine);
  const driver = (name: string): number =>
    machine.addressOfFunction(machine.callableNamed(`domain driver: ${name}`));
  const { table, leaf, perLevel } = FORMATS[format];
  const callbacks = ['iotlb_sync', 'iotlb_sync_map', 'change_top'].map(driver);
  machine.call('setup', [...callbacks, table, leaf, perLevel]);
  putUserMemory(machine, {
    ...{ start: 0, pages: [], areas: [], pins: new Map([[0x80001, 1]]), failAfter: undefined },
  });
  const top = (): TableTop => ({
    physical: Number(machine.evaluate('(long)domain.top')) - machine.directMap,
    level: Number(machine.evaluate('domain.level')),
  });
  const probe: Probe = {
    ...{
      name: 'domain 1',
      format,
      domain: Number(machine.evaluate('(long)&domain')),
      encryptionMask: 0n,
      top,
    },
    ...{ flushes: 'recorded', incoherent: () => incoherent === true },
  };
  const environment = { ...NO_SITUATION.build(machine), probes: [probe] };
  events.length = 0;
  const handed = gather === undefined ? undefined : gatherIn(machine);
  const watch = new HardwareWatch(machine, environment, () => events.length, handed);
  machine.call(entry, handed === undefined ? args : [handed, ...args]);
  const end: WatchedEnd = { succeeded: true, syncs: gather ? 'caller' : 'itself', gather: handed };
  return { hardware: watch.finish(end), events };
}

/** An empty gather in the C's memory. */
function gatherIn(machine: Machine): number {
  const gather = machine.allocate({
    ...{ kind: 'input', name: 'gather', size: 32, align: 8, contents: 'zero' },
  });
  machine.memory.store64(gather, -1n);
  for (const at of [16, 24]) machine.memory.storePointer(gather + at, gather + 16);
  return gather;
}
