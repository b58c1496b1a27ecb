import type { Convention, Family, Role } from '../facts.ts';

/** What an interface does to a resource. */
export type Effect = 'acquire' | 'release' | 'sync' | 'check' | 'use';

/** The contract of one kernel interface, as far as paths depend on it. */
export interface Contract {
  readonly name: string;
  readonly effect: Effect;
  readonly family: Family;
  /** Role of each parameter, in order. */
  readonly roles: readonly Role[];
  readonly convention: Convention;
  /** Interfaces of one group belong together: memory of dma_alloc_wc() is given back with dma_free_wc(). */
  readonly group: string;
  /** Released by the device core: never a leak. */
  readonly managed: boolean;
  /** Operates on a pci_dev, not a device. */
  readonly lengthUnit: 'bytes' | 'pages' | 'entries';
}

const list = new Map<string, Contract>();

function roles(text: string): readonly Role[] {
  return text === '' ? [] : (text.split(' ') as Role[]);
}

function rows(
  effect: Effect,
  family: Family,
  convention: Convention,
  table: string,
  managed: 'managed' | 'manual' = 'manual',
): void {
  for (const line of table.trim().split('\n')) {
    const [names, parameters, group = family] = line.split(':').map((part) => part.trim());
    for (const name of names!.split(/\s+/)) {
      list.set(name, {
        name,
        effect,
        family,
        roles: roles(parameters!),
        convention,
        group,
        managed: managed === 'managed',
        lengthUnit: family === 'pin' || family === 'decrypted' ? 'pages' : 'bytes',
      });
    }
  }
}

rows('acquire', 'dma-map', 'dma-address', `
  dma_map_single ib_dma_map_single : dev cpu_addr size dir : page
  dma_map_single_attrs : dev cpu_addr size dir attrs : page
  dma_map_page ib_dma_map_page : dev page offset size dir : page
  dma_map_page_attrs : dev page offset size dir attrs : page
  dma_map_phys : dev paddr size dir attrs : page
  dma_map_resource : dev paddr size dir attrs : resource
  dma_map_bvec : dev other dir attrs : page
  skb_frag_dma_map : dev page offset size dir : page
  pci_map_single : dev cpu_addr size dir : page
  pci_map_page : dev page offset size dir : page
`); // prettier-ignore
rows('release', 'dma-map', 'none', `
  dma_unmap_single dma_unmap_page ib_dma_unmap_single ib_dma_unmap_page pci_unmap_single pci_unmap_page : dev dma_addr size dir : page
  dma_unmap_single_attrs dma_unmap_page_attrs dma_unmap_phys : dev dma_addr size dir attrs : page
  dma_unmap_resource : dev dma_addr size dir attrs : resource
`); // prettier-ignore
rows('sync', 'dma-map', 'none', `
  dma_sync_single_for_cpu dma_sync_single_for_device : dev dma_addr size dir
  dma_sync_single_range_for_cpu dma_sync_single_range_for_device : dev dma_addr offset size dir
  pci_dma_sync_single_for_cpu pci_dma_sync_single_for_device : dev dma_addr size dir
`); // prettier-ignore
rows('check', 'dma-map', 'errno', `
  dma_mapping_error ib_dma_mapping_error pci_dma_mapping_error vring_mapping_error : dev dma_addr
`); // prettier-ignore
rows('acquire', 'dma-sg', 'count', `
  dma_map_sg ib_dma_map_sg pci_map_sg : dev sg nents dir
  dma_map_sg_attrs : dev sg nents dir attrs
`); // prettier-ignore
rows('release', 'dma-sg', 'none', `
  dma_unmap_sg ib_dma_unmap_sg pci_unmap_sg : dev sg nents dir
  dma_unmap_sg_attrs : dev sg nents dir attrs
`); // prettier-ignore
rows('sync', 'dma-sg', 'none', `
  dma_sync_sg_for_cpu dma_sync_sg_for_device pci_dma_sync_sg_for_cpu pci_dma_sync_sg_for_device : dev sg nents dir
`); // prettier-ignore
rows('acquire', 'dma-sgtable', 'errno', `
  dma_map_sgtable : dev sgtable dir attrs
`); // prettier-ignore
rows('release', 'dma-sgtable', 'none', `
  dma_unmap_sgtable : dev sgtable dir attrs
`); // prettier-ignore
rows('sync', 'dma-sgtable', 'none', `
  dma_sync_sgtable_for_cpu dma_sync_sgtable_for_device : dev sgtable dir
`); // prettier-ignore
rows('acquire', 'coherent', 'pointer-or-null', `
  dma_alloc_coherent dma_zalloc_coherent pci_alloc_consistent pci_zalloc_consistent : dev size dma_addr_out gfp : coherent
  dma_alloc_attrs : dev size dma_addr_out gfp attrs : attrs
  dma_alloc_wc : dev size dma_addr_out gfp : wc
  dma_alloc_pages : dev size dma_addr_out dir gfp : pages
  dma_alloc_noncoherent : dev size dma_addr_out dir gfp : noncoherent
`); // prettier-ignore
rows('acquire', 'coherent', 'pointer-or-null', `
  dmam_alloc_coherent : dev size dma_addr_out gfp : managed
  dmam_alloc_attrs : dev size dma_addr_out gfp attrs : managed
`, 'managed'); // prettier-ignore
rows('release', 'coherent', 'none', `
  dma_free_coherent pci_free_consistent : dev size cpu_addr dma_addr : coherent
  dma_free_attrs : dev size cpu_addr dma_addr attrs : attrs
  dma_free_wc : dev size cpu_addr dma_addr : wc
  dma_free_pages : dev size cpu_addr dma_addr dir : pages
  dma_free_noncoherent : dev size cpu_addr dma_addr dir : noncoherent
  dmam_free_coherent : dev size cpu_addr dma_addr : managed
`); // prettier-ignore
rows('acquire', 'noncontiguous', 'pointer-or-null', `
  dma_alloc_noncontiguous : dev size dir gfp attrs
`); // prettier-ignore
rows('release', 'noncontiguous', 'none', `
  dma_free_noncontiguous : dev size sgtable dir
`); // prettier-ignore
rows('acquire', 'pool-memory', 'pointer-or-null', `
  dma_pool_alloc dma_pool_zalloc pci_pool_alloc pci_pool_zalloc : pool gfp dma_addr_out
`); // prettier-ignore
rows('release', 'pool-memory', 'none', `
  dma_pool_free pci_pool_free : pool cpu_addr dma_addr
`); // prettier-ignore
rows('acquire', 'dma-pool', 'pointer-or-null', `
  dma_pool_create pci_pool_create : other dev size other other
  dma_pool_create_node : other dev size other other other
`); // prettier-ignore
rows('acquire', 'dma-pool', 'pointer-or-null', `
  dmam_pool_create : other dev size other other
`, 'managed'); // prettier-ignore
rows('release', 'dma-pool', 'none', `
  dma_pool_destroy pci_pool_destroy dmam_pool_destroy : pool
`); // prettier-ignore
rows('acquire', 'sg-table', 'errno', `
  sg_alloc_table : sgtable nents gfp
  sg_alloc_table_from_pages : sgtable pages npages offset size gfp
  sg_alloc_table_from_pages_segment : sgtable pages npages offset size other gfp
`); // prettier-ignore
rows('release', 'sg-table', 'none', `
  sg_free_table : sgtable
`); // prettier-ignore
rows('acquire', 'iommu-map', 'errno', `
  iommu_map : domain iova paddr size prot gfp
  iommu_map_atomic : domain iova paddr size prot
  iommu_map_nosync : domain iova paddr size prot gfp
`); // prettier-ignore
rows('acquire', 'iommu-map', 'length-or-errno', `
  iommu_map_sg : domain iova sg nents prot gfp : sg
  iommu_map_sg_atomic : domain iova sg nents prot : sg
  iommu_map_sgtable : domain iova sgtable prot : sg
`); // prettier-ignore
rows('release', 'iommu-map', 'length', `
  iommu_unmap : domain iova size
  iommu_unmap_fast : domain iova size gather
`); // prettier-ignore
rows('acquire', 'iommu-domain', 'error-pointer', `
  iommu_paging_domain_alloc : dev
  iommu_paging_domain_alloc_flags : dev other
`); // prettier-ignore
rows('acquire', 'iommu-domain', 'pointer-or-null', `
  iommu_domain_alloc : other
`); // prettier-ignore
rows('release', 'iommu-domain', 'none', `
  iommu_domain_free : domain
`); // prettier-ignore
rows('acquire', 'iommu-attach', 'errno', `
  iommu_attach_device : domain dev : device
  iommu_attach_group : domain other : group
`); // prettier-ignore
rows('release', 'iommu-attach', 'none', `
  iommu_detach_device : domain dev : device
  iommu_detach_group : domain other : group
`); // prettier-ignore
rows('acquire', 'pin', 'count-or-errno', `
  pin_user_pages_fast get_user_pages_fast : other npages other pages : user
  pin_user_pages get_user_pages : other npages other pages : user
  vfio_pin_pages : other iova npages other pages : vfio
`); // prettier-ignore
rows('release', 'pin', 'none', `
  unpin_user_pages : pages npages : user
  unpin_user_pages_dirty_lock : pages npages other : user
  vfio_unpin_pages : other iova npages : vfio
`); // prettier-ignore
rows('acquire', 'decrypted', 'errno', `
  set_memory_decrypted set_memory_encrypted : cpu_addr npages
`); // prettier-ignore
rows('acquire', 'memory', 'pointer-or-null', `
  kmalloc kzalloc kvmalloc kvzalloc kmalloc_noprof kzalloc_noprof : size gfp : slab
  kcalloc kmalloc_array kvcalloc kvmalloc_array : npages size gfp : slab
  kmalloc_node kzalloc_node : size gfp other : slab
  kmalloc_obj kzalloc_obj kmalloc_objs kzalloc_objs kzalloc_flex kmalloc_flex : other other : slab
  vmalloc vzalloc : size : slab
  kmemdup : other size gfp : slab
  kmem_cache_alloc kmem_cache_zalloc : other gfp : slab
  alloc_skb dev_alloc_skb netdev_alloc_skb __netdev_alloc_skb netdev_alloc_skb_ip_align : other other : skb
  __get_free_pages __get_free_page get_zeroed_page : gfp size : slab
  alloc_pages alloc_page dev_alloc_page : gfp size : slab
  alloc_pages_exact : size gfp : slab
`); // prettier-ignore
rows('acquire', 'memory', 'pointer-or-null', `
  devm_kzalloc devm_kmalloc devm_kcalloc devm_kmalloc_array : dev size gfp
`, 'managed'); // prettier-ignore
rows('release', 'memory', 'none', `
  kfree kvfree vfree kfree_sensitive kfree_rcu kzfree kfree_skb dev_kfree_skb dev_kfree_skb_any dev_kfree_skb_irq consume_skb : cpu_addr
  free_pages free_pages_exact : cpu_addr size
  __free_pages : cpu_addr size
  free_page put_page __free_page : cpu_addr
  kmem_cache_free : other cpu_addr
`); // prettier-ignore

/** The contract of an interface, by the name at the call. */
export function contractOf(name: string): Contract | undefined {
  return list.get(name);
}

/** Names of pointers in tables of operations that stand for the DMA API: `ops->map_page(dev, …)`. */
const operations = new Map<string, string>([
  ['map_single', 'dma_map_single'],
  ['map_page', 'dma_map_page'],
  ['unmap_single', 'dma_unmap_single'],
  ['unmap_page', 'dma_unmap_page'],
  ['alloc_coherent', 'dma_alloc_coherent'],
  ['free_coherent', 'dma_free_coherent'],
  ['mapping_error', 'dma_mapping_error'],
]);

/** The contract of a call through a member of an operations struct, told by the member's name and the number of arguments. */
export function contractOfMember(member: string, argumentCount: number): Contract | undefined {
  const name = operations.get(member);
  const contract = name === undefined ? undefined : list.get(name);
  return contract?.roles.length === argumentCount ? contract : undefined;
}

/** Families whose loss is reported; plain memory only decides who can reach what. */
export function isTracked(family: Family): boolean {
  return family !== 'memory' && family !== 'decrypted' && family !== 'pages';
}

/** True when a call of this name makes a function worth analysing. */
export function isOfInterest(name: string): boolean {
  const contract = list.get(name);
  if (contract !== undefined) return contract.family !== 'memory';
  return name === 'iommu_iotlb_sync' || name === 'iommu_iotlb_gather_init' || operations.has(name);
}
