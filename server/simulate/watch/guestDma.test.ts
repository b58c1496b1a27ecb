import assert from 'node:assert/strict';
import { unitOf } from '../../../tests/simulate/smallMachine.ts';
import { confidentiality } from '../kernel/confidential.ts';
import { kernelFloor } from '../kernel/floor.ts';
import { prepareMemoryMap } from '../kernel/pages.ts';
import { WIDE_BUDGET } from '../machine/budget.ts';
import { Machine } from '../machine/machine.ts';
import { Program } from '../machine/program.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import type { HardwareView } from './hardware.ts';
import { HardwareWatch } from './hardware.ts';
import type { Violation } from './violation.ts';

/** A small DMA API of a guest: it bounces through pages that it shared, where it is not told to leave that. */
const DMA_API = `
typedef unsigned long u64;
struct device { int id; };
enum { DMA_ATTR_CC_SHARED = 1 << 12, DMA_ATTR_MMIO = 1 << 10 };
unsigned long get_zeroed_page(unsigned gfp);
int set_memory_decrypted(unsigned long address, int pages);
int set_memory_encrypted(unsigned long address, int pages);
#define MAP_BASE 0xffff888000000000UL

static struct device device;
static unsigned long bounce, own;
static int leaves_in_place;

void setup(int in_place)
{
  bounce = get_zeroed_page(0);
  own = get_zeroed_page(0);
  set_memory_decrypted(bounce, 1);
  leaves_in_place = in_place;
}

u64 dma_map_phys(struct device *dev, u64 phys, unsigned long size, int dir, unsigned long attrs)
{
  if (size > 4096)
    return ~0UL;
  if (leaves_in_place || (attrs & (DMA_ATTR_CC_SHARED | DMA_ATTR_MMIO)))
    return phys;
  return bounce - MAP_BASE + (phys & 4095);
}

void dma_unmap_phys(struct device *dev, u64 address, unsigned long size, int dir, unsigned long attrs)
{
}

int map_one(unsigned long size, unsigned long attrs)
{
  return dma_map_phys(&device, own - MAP_BASE + 16, size, 1, attrs) == ~0UL ? -12 : 0;
}

/* The bounce page becomes private again: before the device lets go of it, or after. */
int give_back(int early)
{
  u64 address = dma_map_phys(&device, own - MAP_BASE, 64, 1, 0);
  if (early)
    set_memory_encrypted(bounce, 1);
  dma_unmap_phys(&device, address, 64, 1, 0);
  if (!early)
    set_memory_encrypted(bounce, 1);
  return 0;
}

int map_and_unmap(unsigned long map_attrs, unsigned long unmap_attrs)
{
  u64 address = dma_map_phys(&device, own - MAP_BASE, 64, 1, map_attrs);
  dma_unmap_phys(&device, address, 64, 1, unmap_attrs);
  return 0;
}
`;

interface Asked {
  readonly entry: string;
  readonly args: readonly number[];
  /** The API maps where memory is, whoever owns it. */
  readonly inPlace?: true;
  readonly encryption?: 'guest' | 'host';
}

function broken(asked: Asked): readonly Violation[] {
  return seen(asked).violations;
}

function seen({ entry, args, inPlace, encryption = 'guest' }: Asked): HardwareView {
  const unit = unitOf(DMA_API);
  const machine = new Machine({
    ...{ program: new Program([unit]), floor: kernelFloor() },
    ...{ budget: WIDE_BUDGET, now: () => 0 },
  });
  prepareMemoryMap(machine);
  confidentiality(machine).encryption = encryption;
  machine.call('setup', [inPlace === true ? 1 : 0]);
  const watch = new HardwareWatch(machine, NO_SITUATION.build(machine));
  machine.call(entry, args);
  return watch.finish({ succeeded: true, syncs: 'itself', gather: undefined });
}

const CC_SHARED = 1 << 12;
const MMIO = 1 << 10;

describe('the DMA API of a guest', () => {
  const cases: readonly (readonly [what: string, trips: Asked, near: Asked])[] = [
    [
      'a page that is private',
      { entry: 'map_one', args: [64, 0], inPlace: true },
      { entry: 'map_one', args: [64, 0] },
    ],
    [
      'a page that the caller did not say it shared',
      { entry: 'map_one', args: [64, 0], inPlace: true },
      { entry: 'map_one', args: [64, CC_SHARED], inPlace: true },
    ],
    [
      'memory of the guest, and not of a device',
      { entry: 'map_one', args: [64, 0], inPlace: true },
      { entry: 'map_one', args: [64, MMIO], inPlace: true },
    ],
    [
      'a mapping that failed is none',
      { entry: 'map_one', args: [64, 0], inPlace: true },
      { entry: 'map_one', args: [8192, 0], inPlace: true },
    ],
    [
      'a page that becomes private too early',
      { entry: 'give_back', args: [1] },
      { entry: 'give_back', args: [0] },
    ],
    [
      'attributes that differ',
      { entry: 'map_and_unmap', args: [CC_SHARED, 0] },
      { entry: 'map_and_unmap', args: [CC_SHARED, CC_SHARED] },
    ],
  ];
  for (const [what, trips, near] of cases) {
    it(`I-DMA-1: ${what}`, () => {
      assert.deepEqual(
        broken(trips).map(({ id }) => id),
        ['I-DMA-1'],
      );
      assert.deepEqual(broken(near), []);
    });
  }

  it('tells what devices are given and give back, and who may read it', () => {
    const told = (asked: Asked): readonly string[] =>
      seen(asked).given.map(
        ({ number, what, sharing, by }) => `${number} ${what} ${sharing} ${by}`,
      );
    assert.deepEqual(told({ entry: 'give_back', args: [0] }), [
      '1 given shared dma_map_phys',
      '1 taken-back shared dma_unmap_phys',
    ]);
    assert.deepEqual(told({ entry: 'give_back', args: [1] }), [
      '1 given shared dma_map_phys',
      '1 becomes-private private give_back',
      '1 taken-back private dma_unmap_phys',
    ]);
    assert.deepEqual(told({ entry: 'map_one', args: [64, CC_SHARED], inPlace: true }), [
      '1 given shared by its caller dma_map_phys',
    ]);
    assert.deepEqual(told({ entry: 'map_one', args: [64, 0], encryption: 'host' }), []);
  });

  it('is nothing to a host that encrypts its own memory', () => {
    const trips: Asked = { entry: 'map_one', args: [64, 0], inPlace: true };
    assert.deepEqual(broken({ ...trips, encryption: 'host' }), []);
  });

  it('says which page, and where it was given away', () => {
    const [violation] = broken({ entry: 'map_one', args: [64, 0], inPlace: true });
    assert.match(violation!.message, /^dma_map_phys\(\) gives a device 0x\w+, private to the guest$/); // prettier-ignore
    assert.equal(violation!.place?.function, 'map_one');
  });
});
