import type { StructView } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import type { ObjectPool } from './objects.ts';
import type { DeviceSpec } from './spec.ts';

/** Files whose structs and functions a device of a kind needs, beside what the linker finds by itself. */
export function deviceFiles({ dma, untrusted }: DeviceSpec): readonly string[] {
  const common = ['kernel/dma/mapping.c', 'kernel/dma/direct.c'];
  const bounce = 'kernel/dma/swiotlb.c';
  switch (dma) {
    case 'direct':
      return common;
    case 'swiotlb':
      return [...common, bounce];
    case 'iommu':
      return [
        ...common,
        ...(untrusted === true ? [bounce] : []),
        'drivers/iommu/dma-iommu.c',
        'drivers/iommu/iova.c',
        'drivers/iommu/iommu.c',
      ];
  }
}

/** Makes the devices: `struct device`, and where the C knows them the buses' structs around one. */
export function makeDevices(pool: ObjectPool, spec: DeviceSpec): readonly StructView[] {
  const made: StructView[] = [];
  const plain = pool.makeStanding('device');
  if (plain !== undefined) made.push(plain);
  for (const tag of ['pci_dev', 'platform_device']) {
    if (!pool.knows(tag)) continue;
    const around = pool.makeStanding(tag)!;
    const device = around.has('dev') ? pool.view('device', around.at('dev')) : undefined;
    if (device === undefined) continue;
    made.push(device);
    if (spec.untrusted === true && tag === 'pci_dev') distrust(pool, around, device);
  }
  for (const device of made) setUp(device, spec);
  if (spec.minAlignMask !== undefined) {
    const demands = pool.make('device_dma_parameters');
    if (demands !== undefined) pool.set('device_dma_parameters', demands, 'min_align_mask', spec.minAlignMask); // prettier-ignore
    for (const device of made) device.set('dma_parms', demands?.address ?? 0);
  }
  return made;
}

/** Lets the DMA API take the PCI device for the one that it is handed, and trust it with nothing. */
function distrust(pool: ObjectPool, around: StructView, device: StructView): void {
  const bus = pool.machine.evaluate('(unsigned long)&pci_bus_type', pool.unitOf('pci_dev'));
  if (bus === undefined) throw new Stop('not-parsed', 'this tree has no pci_bus_type');
  pool.set('device', device, 'bus', bus);
  pool.set('pci_dev', around, 'untrusted', 1);
  pool.stand('device', device.address);
}

function setUp(device: StructView, { addressBits = 64 }: DeviceSpec): void {
  const mask = (1n << BigInt(addressBits)) - 1n;
  device.set('coherent_dma_mask', mask);
  device.set('dma_mask', device.at('coherent_dma_mask'));
  if (device.has('dma_coherent')) device.set('dma_coherent', 1);
  if (device.has('kobj.name')) device.set('kobj.name', 0);
}

/** Bounce buffers, made by the tree's own late init, which wants more than IO_TLB_MIN_SLABS. Unit: bytes. */
const BOUNCE_BYTES = 1n << 21n;

/** Lets devices bounce: the pool is made, and every mapping goes through it, or those that the DMA API sends there. */
export function useBounceBuffers(
  pool: ObjectPool,
  devices: readonly StructView[],
  when: 'always' | 'where they are asked for',
): void {
  const { machine } = pool;
  // As at boot: first it is known whether buffers are shared, then they are made.
  if (machine.program.functionNamed('swiotlb_update_mem_attributes') !== undefined) {
    machine.call('swiotlb_update_mem_attributes', []);
  }
  const gfp = machine.constant('(unsigned int)GFP_KERNEL') ?? 0xcc0n;
  const result = machine.call('swiotlb_init_late', [BOUNCE_BYTES, gfp, 0]);
  if (result !== 0) throw new Stop('bug', `swiotlb_init_late() of the situation returns ${result}`);
  for (const device of devices) {
    // Since 6.7 a function; before, the core of devices assigns the default pool.
    if (machine.program.functionNamed('swiotlb_dev_init') !== undefined) {
      machine.call('swiotlb_dev_init', [device.address]);
    } else device.set('dma_io_tlb_mem', defaultPool(pool));
    const memory = Number(device.get('dma_io_tlb_mem'));
    const view = pool.view('io_tlb_mem', memory);
    if (when === 'always') view?.set('force_bounce', 1);
    pool.stand('io_tlb_mem', memory);
    // Since 6.6 the slots are in pools, of which every device has the default one.
    if (view?.has('defpool') === true) pool.stand('io_tlb_pool', view.at('defpool'));
  }
}

function defaultPool({ machine }: ObjectPool): number {
  const found = machine.program.objectNamed('io_tlb_default_mem');
  if (found === undefined) throw new Stop('not-parsed', 'this tree has no io_tlb_default_mem');
  return machine.addressOfObject(found.unit, found.symbol);
}

/** Puts devices behind a domain, with the IOVA allocator of dma-iommu. */
export function putBehindDomain(
  pool: ObjectPool,
  devices: readonly StructView[],
  domain: number,
): void {
  const { machine } = pool;
  const group = pool.makeStanding('iommu_group');
  const hardware = pool.make('iommu_device');
  const operations = pool.make('iommu_ops');
  if (group === undefined || hardware === undefined || operations === undefined) return;
  for (const list of ['devices', 'entry']) if (group.has(list)) pool.emptyList(group.at(list));
  group.set('default_domain', domain);
  group.set('domain', domain);
  hardware.set('ops', operations.address);
  const view = pool.view('iommu_domain', domain)!;
  view.set('type', machine.constant('IOMMU_DOMAIN_DMA') ?? 3n);
  const result = machine.call('iommu_get_dma_cookie', [domain]);
  if (result !== 0) throw new Stop('bug', `iommu_get_dma_cookie() returns ${result}`);
  for (const device of devices) {
    const state = pool.make('dev_iommu');
    if (state === undefined) return;
    state.set('iommu_dev', hardware.address);
    device.set('iommu', state.address);
    device.set('iommu_group', group.address);
    const setup = machine.callableNamed('iommu_setup_dma_ops');
    // (device), (device, domain) or (device, first, last IOVA), by version.
    const [, second] = setup.symbol?.type.parameters ?? [];
    const rest = second?.type.kind === 'pointer' ? [domain] : [0n, (1n << 48n) - 1n];
    machine.call('iommu_setup_dma_ops', [device.address, ...rest]);
  }
}
