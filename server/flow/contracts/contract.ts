import type * as kernel from '../../program/kernelApi/contract.ts';
import type { Convention, Family, Role } from '../facts.ts';

/** What an interface does to a resource. */
export type Effect = 'acquire' | 'release' | 'sync' | 'check';

/** The contract of one kernel interface, as far as paths depend on it. */
export interface Contract {
  readonly name: string;
  readonly effect: Effect;
  readonly family: Family;
  /** Role of each parameter, in order. */
  readonly roles: readonly Role[];
  readonly convention: Convention;
  /** The kernel's own family: memory of dma_alloc_wc() is given back with dma_free_wc(). */
  readonly group: kernel.Family;
  /** Released by the driver core: never a leak. */
  readonly managed: boolean;
}

/** How the engine groups the kernel's resources. Families that are not here are not followed. */
const families: Readonly<Partial<Record<kernel.Family, Family>>> = {
  dmaSingle: 'dma-map',
  dmaPage: 'dma-map',
  dmaPhys: 'dma-map',
  dmaResource: 'dma-map',
  dmaSg: 'dma-sg',
  dmaSgtable: 'dma-sgtable',
  dmaCoherent: 'coherent',
  dmaAttrs: 'coherent',
  dmaManaged: 'coherent',
  dmaWc: 'coherent',
  dmaPages: 'coherent',
  dmaNoncoherent: 'coherent',
  dmaNoncontiguous: 'noncontiguous',
  dmaPool: 'dma-pool',
  dmaPoolObject: 'pool-memory',
  sgTable: 'sg-table',
  iommuMapping: 'iommu-map',
  iommuDomain: 'iommu-domain',
  iommuAttach: 'iommu-attach',
  iommuGroupAttach: 'iommu-attach',
  pin: 'pin',
  vfioPin: 'pin',
  decrypted: 'decrypted',
  memory: 'memory',
  vmemory: 'memory',
  pageMemory: 'memory',
  cacheObject: 'memory',
};

const conventions: Readonly<Partial<Record<kernel.ReturnConvention, Convention>>> = {
  errno: 'errno',
  length: 'length',
  length_or_errno: 'length-or-errno',
  count_or_errno: 'count-or-errno',
  count_zero_is_error: 'count',
  dma_addr: 'dma-address',
  err_ptr: 'error-pointer',
  ptr_or_null: 'pointer-or-null',
};

/** Roles as the facts name them; what is not here is `other`. */
const roles: Readonly<Partial<Record<kernel.Role, Role>>> = {
  dev: 'dev',
  domain: 'domain',
  iova: 'iova',
  paddr: 'paddr',
  size: 'size',
  prot: 'prot',
  gfp: 'gfp',
  dir: 'dir',
  attrs: 'attrs',
  dma: 'dma_addr',
  cpu: 'cpu_addr',
  dmaOut: 'dma_addr_out',
  sg: 'sg',
  sgtable: 'sgtable',
  sgtableOut: 'sgtable',
  nents: 'nents',
  page: 'page',
  pages: 'pages',
  npages: 'npages',
  pool: 'pool',
  gather: 'gather',
  offset: 'offset',
};

/** What the engine makes of a contract of the kernel; undefined where it follows nothing of it. */
export function interpret(given: kernel.FunctionContract): Contract | undefined {
  const { acquires, releases, syncs, checks } = given;
  // The first family that is followed: a put of a page ends a reference or the page.
  const ended = (releases ?? syncs)?.families.find((one) => families[one] !== undefined);
  const group = acquires?.family ?? ended ?? (checks && 'dmaSingle');
  const family = group && families[group];
  if (group === undefined || family === undefined) return undefined;
  let effect: Effect;
  if (acquires !== undefined) effect = 'acquire';
  // Either direction leaves pages of unknown state when it fails: both begin something.
  else if (family === 'decrypted') effect = 'acquire';
  else if (releases !== undefined) effect = 'release';
  else effect = syncs === undefined ? 'check' : 'sync';
  const handle = (acquires ?? releases)?.handle;
  const named = given.params.map((role, index): Role => {
    // Who frees memory names it, whether by address, by page or by object.
    if (family === 'memory' && effect === 'release' && handle?.at === 'argument' && handle.index === index) return 'cpu_addr'; // prettier-ignore
    return roles[role] ?? 'other';
  });
  // Pins in the memory of another process are counted and given back page by page elsewhere.
  if (family === 'pin' && given.params.includes('mm')) return undefined;
  // One page of several: the engine follows pins by their array.
  if (family === 'pin' && !named.includes('pages') && !named.includes('iova')) return undefined;
  const convention = conventions[given.returns] ?? 'none';
  const managed = acquires?.managed !== undefined;
  return { name: given.name, effect, family, roles: named, convention, group, managed };
}

/** Which interfaces of a family belong together, beside those of one kernel family. */
const streaming: readonly kernel.Family[] = ['dmaSingle', 'dmaPage', 'dmaPhys'];
const general: readonly kernel.Family[] = ['dmaCoherent', 'dmaAttrs', 'dmaWc'];

/** True when what one interface acquires may be given back by the other. */
export function fits(acquired: Contract, released: Contract): boolean {
  if (acquired.group === released.group || released.effect === 'sync') return true;
  const together = (groups: readonly kernel.Family[]): boolean =>
    groups.includes(acquired.group) && groups.includes(released.group);
  if (together(streaming)) return true;
  // The attrs variants are the general form of the coherent and the write-combined ones.
  return together(general) && (acquired.group === 'dmaAttrs' || released.group === 'dmaAttrs');
}

/** Families whose loss is reported; plain memory only decides who can reach what. */
export function isTracked(family: Family): boolean {
  return family !== 'memory' && family !== 'decrypted' && family !== 'pages';
}
