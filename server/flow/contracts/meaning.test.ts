import assert from 'node:assert/strict';
import { comparedReleases } from '../../program/kernelApi/versions.ts';
import { kernelApi, kernelApiOfAnyAge } from '../../program/kernelApi/registry.ts';
import { fits, type Contract } from './contract.ts';
import { meaningsOf, type Meanings } from './meaning.ts';

const now = meaningsOf(kernelApi('7.3'));

function contract(name: string, meanings: Meanings = now): Contract {
  const found = meanings.contractOf(name);
  assert.ok(found !== undefined, name);
  return found;
}

describe('what the engine makes of contracts', () => {
  it('names families, effects, roles and conventions in its own words', () => {
    const map = contract('dma_map_single');
    assert.equal(map.effect, 'acquire');
    assert.equal(map.family, 'dma-map');
    assert.equal(map.convention, 'dma-address');
    assert.deepEqual(map.roles, ['dev', 'cpu_addr', 'size', 'dir']);
    const table: readonly (readonly [string, Contract['effect'], Contract['family'], Contract['convention']])[] = [
      ['dma_unmap_phys', 'release', 'dma-map', 'none'],
      ['dma_sync_single_range_for_cpu', 'sync', 'dma-map', 'none'],
      ['dma_mapping_error', 'check', 'dma-map', 'errno'],
      ['dma_map_sg_attrs', 'acquire', 'dma-sg', 'count'],
      ['dma_map_sgtable', 'acquire', 'dma-sgtable', 'errno'],
      ['dma_alloc_wc', 'acquire', 'coherent', 'pointer-or-null'],
      ['dma_alloc_noncontiguous', 'acquire', 'noncontiguous', 'pointer-or-null'],
      ['dma_pool_zalloc', 'acquire', 'pool-memory', 'pointer-or-null'],
      ['dma_pool_destroy', 'release', 'dma-pool', 'none'],
      ['sg_alloc_table', 'acquire', 'sg-table', 'errno'],
      ['iommu_map_sgtable', 'acquire', 'iommu-map', 'length-or-errno'],
      ['iommu_unmap', 'release', 'iommu-map', 'length'],
      ['iommu_paging_domain_alloc', 'acquire', 'iommu-domain', 'error-pointer'],
      ['iommu_attach_group', 'acquire', 'iommu-attach', 'errno'],
      ['pin_user_pages_fast', 'acquire', 'pin', 'count-or-errno'],
      ['vfio_unpin_pages', 'release', 'pin', 'none'],
      ['kzalloc_obj', 'acquire', 'memory', 'pointer-or-null'],
    ]; // prettier-ignore
    for (const [name, effect, family, convention] of table) {
      const found = contract(name);
      assert.deepEqual([name, found.effect, found.family, found.convention], [name, effect, family, convention]); // prettier-ignore
    }
  });

  it('takes what frees memory by its argument, whatever that is called', () => {
    assert.equal(contract('kmem_cache_free').roles[1], 'cpu_addr');
    assert.equal(contract('put_page').roles[0], 'cpu_addr');
    assert.equal(contract('put_page').family, 'memory');
  });

  it('takes both directions of shared memory as the beginning of a state', () => {
    assert.equal(contract('set_memory_decrypted').effect, 'acquire');
    assert.equal(contract('set_memory_encrypted').effect, 'acquire');
  });

  it('knows memory that the driver core frees', () => {
    assert.equal(contract('dmam_alloc_coherent').managed, true);
    assert.equal(contract('dma_alloc_coherent').managed, false);
  });

  it('says which releases fit', () => {
    const pairs: readonly (readonly [string, string, boolean])[] = [
      ['dma_map_single', 'dma_unmap_page', true],
      ['dma_map_resource', 'dma_unmap_page', false],
      ['dma_alloc_wc', 'dma_free_wc', true],
      ['dma_alloc_wc', 'dma_free_coherent', false],
      ['dma_alloc_attrs', 'dma_free_coherent', true],
      ['dma_alloc_coherent', 'dma_free_attrs', true],
      ['dma_alloc_coherent', 'dmam_free_coherent', false],
      ['dma_alloc_pages', 'dma_free_coherent', false],
      ['iommu_map_sg', 'iommu_unmap', true],
      ['iommu_attach_device', 'iommu_detach_group', false],
    ];
    for (const [acquire, release, expected] of pairs)
      assert.equal(fits(contract(acquire), contract(release)), expected, `${acquire} ${release}`);
  });

  it('differs between releases', () => {
    const old = meaningsOf(kernelApi('6.1'));
    assert.equal(contract('iommu_domain_alloc', old).convention, 'pointer-or-null');
    assert.equal(now.contractOf('iommu_domain_alloc'), undefined);
    assert.equal(old.contractOf('iommu_paging_domain_alloc'), undefined);
    assert.equal(contract('iommu_map', old).roles.includes('gfp'), false);
    assert.equal(contract('iommu_map').roles.includes('gfp'), true);
    const between = meaningsOf(kernelApi('6.6'));
    assert.equal(between.contractOf('iommu_map', 5)?.roles.length, 5);
    assert.equal(between.contractOf('iommu_map', 6)?.roles.length, 6);
  });

  it('knows what older releases had where nobody says the release', () => {
    const any = meaningsOf(kernelApiOfAnyAge());
    assert.equal(contract('iommu_domain_alloc', any).convention, 'pointer-or-null');
    assert.equal(contract('iommu_paging_domain_alloc', any).convention, 'error-pointer');
    assert.equal(contract('iommu_map', any).roles.length, 6);
    assert.equal(any.contractOf('iommu_map', 5)?.roles.length, 5);
  });

  it('takes a member of an operations struct only with the same number of arguments', () => {
    assert.equal(now.contractOfMember('map_page', 5)?.name, 'dma_map_page');
    assert.equal(now.contractOfMember('map_page', 6), undefined);
    assert.equal(now.contractOfMember('probe', 1), undefined);
  });
});

describe('meanings of names', () => {
  it('are made once per release and name', () => {
    for (const release of comparedReleases) {
      const meanings = meaningsOf(kernelApi(release));
      assert.equal(meanings, meaningsOf(kernelApi(release)));
      assert.equal(meanings.of('memset'), meanings.of('memset'));
    }
    assert.equal(now.of('foo_alloc_ring'), now.of('foo_start'));
    assert.notEqual(now.of('foo_alloc_ring'), now.of('foo_free_ring'));
  });

  it('tell quiet calls, calls to hardware and calls that may give back', () => {
    for (const name of [
      'dev_err',
      'memcpy',
      'mutex_lock',
      'list_del',
      'atomic_read',
      'pr_anything',
    ])
      assert.equal(now.of(name).isHarmless, true, name);
    // A handler reaches queued work, and who waits for it may give back what it holds.
    for (const name of ['queue_work', 'cancel_work_sync', 'foo_start', 'xa_store'])
      assert.equal(now.of(name).isHarmless, false, name);
    for (const name of ['writel', 'iowrite64be', 'memcpy_toio', 'regmap_write'])
      assert.equal(now.of(name).isPublishing, true, name);
    assert.equal(now.of('readl').isPublishing, false);
    for (const name of ['foo_free_ring', 'foo_frees', 'cancel_work_sync'])
      assert.equal(now.of(name).mayGiveBack, true, name);
    for (const name of ['foo_alloc', 'list_del', 'wiphy_err', 'freeze'])
      assert.equal(now.of(name).mayGiveBack, false, name);
  });

  it('tell sections that must not sleep', () => {
    for (const name of ['spin_lock_irqsave', 'rcu_read_lock', 'local_bh_disable', 'kmap_atomic'])
      assert.equal(now.of(name).atomic, 'enter', name);
    assert.equal(now.of('spin_unlock_irqrestore').atomic, 'leave');
    for (const name of ['mutex_lock', 'down_read', 'spin_trylock', 'pagefault_disable'])
      assert.equal(now.of(name).atomic, 'none', name);
  });

  it('make functions worth analysing by what is followed, not by memory', () => {
    for (const name of ['dma_map_page', 'iommu_iotlb_sync', 'unmap_page', 'dma_sync_sg_for_cpu'])
      assert.equal(now.of(name).isOfInterest, true, name);
    for (const name of ['kmalloc', 'dma_set_mask', 'printk'])
      assert.equal(now.of(name).isOfInterest, false, name);
  });

  it('know where addresses come from', () => {
    assert.equal(now.of('virt_to_phys').provenance, 'ram');
    assert.equal(now.of('pci_resource_start').provenance, 'mmio');
    assert.equal(now.of('gen_pool_virt_to_phys').provenance, 'carveout');
    assert.equal(now.of('platform_get_resource').provenance, 'resource');
  });
});
