/** How calls that are no resource interfaces behave on a path: by name, kernel interfaces only. */

/** Calls that give back their first argument unchanged. */
export const identities: ReadonlySet<string> = new Set([
  'likely', 'unlikely', 'PTR_ERR', 'ERR_PTR', 'ERR_CAST', 'READ_ONCE', 'ACCESS_ONCE', 'WARN_ON',
  'WARN_ON_ONCE', 'WARN_ON_SMP', 'rcu_dereference', 'rcu_dereference_protected', 
  'cpu_to_le64', 'cpu_to_le32', 'cpu_to_le16', 'cpu_to_be64', 'cpu_to_be32', 'cpu_to_be16',
  'le64_to_cpu', 'le32_to_cpu', 'le16_to_cpu', 'be64_to_cpu', 'be32_to_cpu', 'be16_to_cpu',
  '__cpu_to_le64', '__cpu_to_le32', '__cpu_to_be64', '__cpu_to_be32', 'htonl', 'htons', 'ntohl', 'ntohs',
  'array_index_nospec', '__builtin_expect', 'u64_to_user_ptr',
  'smp_load_acquire', 
  'untagged_addr', 'data_race',
]); // prettier-ignore

/** Calls without effect whose value depends on their arguments alone: the same arguments give the same value. */
export const pureCalls: ReadonlySet<string> = new Set([
  'page_to_phys', 'virt_to_phys', '__pa', 'page_address', 'virt_to_page', 'phys_to_virt', '__va', 'phys_to_page',
  'page_to_pfn', 'pfn_to_page', 'pfn_to_phys', 'PFN_PHYS', 'PHYS_PFN', 'sg_page', 'sg_phys', 'sg_virt', 'lower_32_bits',
  'upper_32_bits', 'sg_nents', 'sg_nents_for_len', 'sg_next', 'pci_resource_start', 'pci_resource_len', 'resource_size',
  'netdev_priv', 'netdev_get_tx_queue', 'dev_name',
  'skb_frag_size', 'skb_shinfo', 'skb_headlen', 'skb_frag_page', 'skb_frag_off', 'skb_end_pointer', 'spi_controller_get_devdata',
  'spi_master_get_devdata', 'ieee80211_hdrlen', 'crypto_tfm_ctx', 'crypto_ahash_ctx', 'crypto_skcipher_ctx', 'crypto_aead_ctx',
  'skcipher_request_ctx', 'ahash_request_ctx', 'aead_request_ctx', 'akcipher_request_ctx', 'kpp_request_ctx',
  'crypto_skcipher_reqtfm', 'crypto_ahash_reqtfm', 'crypto_aead_reqtfm', 'crypto_aead_authsize', 'crypto_aead_ivsize',
  'crypto_skcipher_ivsize', 'crypto_ahash_digestsize', 'mmc_dev', 'mmc_priv', 'mmc_get_dma_dir', 'mmc_from_priv', 'blk_rq_nr_phys_segments',
  'dev_to_node', 'order_base_2', 'get_order', 'ilog2', 'roundup_pow_of_two', 'rounddown_pow_of_two', 'fls', 'ffs',
  'dma_get_cache_alignment', 'scsi_cmd_priv', 'scsi_sglist', 'scsi_sg_count', 'scsi_bufflen', 'rq_dma_dir', 'op_is_write', 'rq_data_dir',
  'DMA_BIT_MASK', 'BIT', 'BIT_ULL', 'GENMASK', 'GENMASK_ULL', 'FIELD_PREP', 'FIELD_GET', 'IS_ENABLED', 'ARRAY_SIZE', 'hweight32',
  'to_platform_device', 'to_pci_dev', 'dev_get_platdata', 'dmaengine_get_dma_device', 'vb2_plane_size', 'vb2_dma_contig_plane_dma_addr',
  'virtio_has_feature', 'test_bit', 'gen_pool_virt_to_phys', 
  'dev_to_iommu', 'dev_iommu_priv_get', 'is_vmalloc_addr', 'virt_addr_valid', 'object_is_on_stack', 
  'strlen', 'sizeof_field', 'is_device_private_page', 'i2c_get_adapdata', 'snd_pcm_chip', 'snd_kcontrol_chip', 
]); // prettier-ignore

/** Calls that neither keep, free nor publish what they are given. */
const harmless: ReadonlySet<string> = new Set([
  'memset', 'memcpy', 'memmove', 'memcmp', 'strcpy', 'strscpy', 'strncpy', 'snprintf', 'sprintf', 'scnprintf',
  'printk', '_printk', 'sg_init_table', 'sg_init_one', 'sg_set_page', 'sg_set_buf', 'sg_mark_end', 'sg_copy_to_buffer',
  'sg_copy_from_buffer', 'sg_pcopy_to_buffer', 'sg_pcopy_from_buffer', 'sg_chain', 'sg_dma_len', 'sg_dma_address',
  'copy_from_user', 'copy_to_user', 'kmemleak_not_leak', 'kmemleak_ignore', 'mb', 'wmb', 'rmb', 'dma_wmb', 'dma_rmb',
  'wait_for_completion', 'wait_for_completion_timeout', 'wait_for_completion_interruptible', 'wait_for_completion_interruptible_timeout',
  'init_completion', 'reinit_completion', 'complete', 'complete_all', 'msleep', 'udelay', 'usleep_range', 'mdelay', 'ndelay', 'schedule',
  'get_device', 'put_device', 'of_node_put', 'of_node_get', 'virt_to_head_page', 'INIT_LIST_HEAD', 'spin_lock_init', 'mutex_init',
  'skb_put', 'skb_reserve', 'skb_put_data', 'skb_frag_address', 'prefetch', 'prefetchw', 'flush_dcache_page', 'kmap', 'kunmap',
  'kmap_atomic', 'kunmap_atomic', 'kmap_local_page', 'kunmap_local', 'dma_unmap_len_set', 'dma_unmap_addr_set', 'set_memory_decrypted',
  'set_memory_encrypted', 'free_irq', 'clk_disable_unprepare', 'clk_prepare_enable', 'clk_disable', 'clk_enable', 'dma_set_max_seg_size',
  'dma_set_mask', 'dma_set_coherent_mask', 'dma_set_mask_and_coherent', 'dma_max_mapping_size', 'pm_runtime_get_sync', 'pm_runtime_put',
  'netif_stop_queue', 'netif_wake_queue', 'netif_tx_stop_queue', 'net_ratelimit', 'trace_printk', 'dump_stack', 'print_hex_dump',
  'dev_err_probe', 'atomic_inc', 'atomic_dec', 'atomic_read', 'atomic_set', 'refcount_inc', 'kref_get', 'iommu_iova_to_phys',
  'dmaengine_terminate_sync', 'dmaengine_terminate_all', 'dma_async_issue_pending', 'page_pool_get_dma_addr', 'barrier', 'cpu_relax',
]); // prettier-ignore

const harmlessPattern =
  /^(dev_(err|warn|info|dbg|notice|crit|alert|emerg|vdbg|printk)(_once|_ratelimited)?|(net)?dev_(err|warn|info|dbg)|netdev_\w*(err|warn|info|dbg)|netif_(err|warn|info|dbg|msg_\w+)|pr_\w+|drm_(err|warn|info|dbg)\w*|DRM_\w+|dprintk|trace_\w+|mutex_\w+|(raw_)?(spin|read|write)_\w+|rcu_read_\w+|local_irq_\w+|preempt_\w+|lockdep_\w+|might_\w+|list_\w+|clk_\w+|pm_runtime_\w+|udelay|set_bit|clear_bit|__set_bit|__clear_bit|test_and_\w+|read[bwlq](_relaxed)?|ioread\w+|INIT_\w+|WARN\w*|BUG\w*|down_\w+|up_\w+|put_unaligned\w*|get_unaligned\w*|debugfs_\w+|reset_control_\w+|regulator_\w+|gpiod_\w+)$/;

/** True when the call does nothing to the resources it is given. */
export function isHarmless(name: string): boolean {
  return harmless.has(name) || harmlessPattern.test(name);
}

/** Calls that tell a device an address: argument index of what is published. */
const publishing =
  /^(write[bwlq](_relaxed|_be)?|__raw_write[bwlq]|iowrite\w+|out[bwl]|memcpy_toio|__iowrite\w+|regmap_write|regmap_bulk_write|lo_hi_writeq\w*|hi_lo_writeq\w*|outsl|pci_write_config_\w+|mmio_write\w*|vmcs_write\w*|wrmsrl?)$/;

/** True when the call hands its values to hardware. */
export function isPublishing(name: string): boolean {
  return publishing.test(name);
}

const giving =
  /(^|_)(free|release|unmap|destroy|unwind|cleanup|clean|teardown|deinit|uninit|undo|put|unref|detach|remove|exit|fini|drop|reset|stop|close|abort|cancel|kill|dealloc|deallocate|unprepare|unpin|disable|flush|purge|complete|finish|shutdown|unregister|delete|del|disconnect|terminate|unmapping|unbind|invalidate|rollback|revert|recycle|reclaim|done|end|err|error|fail)(_|$|s$|s_|ed$|ed_|\d)/;

/** A hint that a call may give things back. Hints may only silence, never accuse. */
export function mayGiveBack(name: string): boolean {
  return giving.test(name) && !/wiphy_err|^list_del|_log$/.test(name);
}

/** Locks that make the section atomic; the value is the call that ends it. */
const atomicLocks =
  /^(raw_)?(spin|read|write)_lock(_irq|_irqsave|_bh|_nested|_irqsave_nested)?$|^(local_irq_(disable|save)|local_bh_disable|preempt_disable|rcu_read_lock|rcu_read_lock_bh|bit_spin_lock|get_cpu|kmap_atomic)$/;
const atomicUnlocks =
  /^(raw_)?(spin|read|write)_unlock(_irq|_irqrestore|_bh)?$|^(local_irq_(enable|restore)|local_bh_enable|preempt_enable|rcu_read_unlock|rcu_read_unlock_bh|bit_spin_unlock|put_cpu|kunmap_atomic)$/;

/** What a call does to the atomic context: enters it, leaves it, or neither. */
export function atomicEffect(name: string): 'enter' | 'leave' | 'none' {
  if (atomicLocks.test(name)) return 'enter';
  return atomicUnlocks.test(name) ? 'leave' : 'none';
}

/** Guard classes that make the section atomic. */
export function isAtomicGuard(name: string): boolean {
  return /^(raw_)?spinlock|^(read|write)_lock|^irqsave$|^irq$|^preempt|^rcu$|^bh$|^spin_lock/.test(
    name,
  );
}

/** What a call does with the pointer that a driver keeps at its device. */
export interface DriverData {
  readonly does: 'get' | 'set';
  /** Member of the first argument that is the device; undefined where the argument is one. */
  readonly member: string | undefined;
}

/** Getters and setters of the pointer that a driver keeps at its device. */
export const driverData: ReadonlyMap<string, DriverData> = new Map<string, DriverData>(
  ['dev', 'platform', 'pci', 'spi'].flatMap((bus): [string, DriverData][] => {
    const member = bus === 'dev' ? undefined : 'dev';
    return [
      [`${bus}_get_drvdata`, { does: 'get', member }],
      [`${bus}_set_drvdata`, { does: 'set', member }],
    ];
  }),
);
