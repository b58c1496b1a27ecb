import type { StructView } from '../machine/fields.ts';
import type { ObjectPool } from './objects.ts';
import type { Probe } from './probe.ts';
import type { Task } from './task.ts';
import { USER_START } from './task.ts';

/** Where the IOVAs of the mapping start. */
export const IOVA_START = 0x100000;
const PAGE = 4096;
const READ_WRITE = 3;

/** Makes the container with the first `listed` domains in its list. */
export function makeContainer(
  pool: ObjectPool,
  task: Task,
  domains: readonly Probe[],
  listed: number,
): void {
  const iommu = pool.makeStanding('vfio_iommu');
  if (iommu === undefined) return;
  for (const list of ['domain_list', 'iova_list', 'device_list', 'emulated_iommu_groups']) {
    if (iommu.has(list)) pool.emptyList(iommu.at(list));
  }
  pool.set('vfio_iommu', iommu, 'dma_avail', 0xffff);
  pool.setAny(iommu, ['v2'], 1);
  addWindow(pool, iommu);
  domains.forEach((probe, i) => {
    const domain = pool.makeStanding('vfio_domain');
    if (domain === undefined) return;
    domain.set('domain', probe.domain);
    pool.emptyList(domain.at('group_list'));
    if (i < listed) pool.addToList(iommu.at('domain_list'), domain.at('next'));
    const sizes = pool.view('iommu_domain', probe.domain)?.get('pgsize_bitmap');
    if (sizes !== undefined) pool.set('vfio_iommu', iommu, 'pgsize_bitmap', sizes);
  });
  makeRequest(pool, task);
  makeUnmapRequest(pool, task);
  makeMapping(pool, task, iommu);
}

/** Every IOVA is free. */
function addWindow(pool: ObjectPool, iommu: StructView): void {
  const window = pool.make('vfio_iova');
  if (window === undefined) return;
  window.set('start', 0n);
  window.set('end', (1n << 47n) - 1n);
  pool.addToList(iommu.at('iova_list'), window.at('list'));
}

/** What user space asks for: the whole mapping, readable and writable. */
function makeRequest(pool: ObjectPool, { pages }: Task): void {
  const request = pool.makeStanding('vfio_iommu_type1_dma_map');
  if (request === undefined) return;
  request.set('argsz', 32);
  request.set('flags', READ_WRITE);
  request.set('vaddr', BigInt(USER_START));
  request.set('iova', BigInt(IOVA_START));
  request.set('size', BigInt(pages.length * PAGE));
}

/** What user space asks for when it is done with the whole mapping. */
function makeUnmapRequest(pool: ObjectPool, { pages }: Task): void {
  if (!pool.knows('vfio_iommu_type1_dma_unmap')) return;
  const request = pool.makeStanding('vfio_iommu_type1_dma_unmap');
  request?.set('argsz', 24);
  request?.set('iova', BigInt(IOVA_START));
  request?.set('size', BigInt(pages.length * PAGE));
  if (pool.knows('vfio_bitmap')) pool.makeStanding('vfio_bitmap');
}

/** A mapping that is empty yet, for functions that are handed one; one in the container's tree goes first. */
function makeMapping(pool: ObjectPool, task: Task, iommu: StructView): void {
  const mapping = pool.make('vfio_dma');
  if (mapping === undefined) return;
  mapping.set('iova', BigInt(IOVA_START));
  mapping.set('vaddr', BigInt(USER_START));
  pool.set('vfio_dma', mapping, 'prot', READ_WRITE);
  pool.setAny(mapping, ['lock_cap'], 1);
  pool.setAny(mapping, ['mm'], task.mm);
  pool.setAny(mapping, ['task'], task.task);
  const node = mapping.has('node') ? mapping.at('node') - mapping.address : 0;
  pool.standFor('vfio_dma', () => {
    const root = Number(iommu.get('dma_list.rb_node'));
    return root === 0 ? mapping.address : root - node;
  });
}
