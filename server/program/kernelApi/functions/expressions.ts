import type { FunctionContract } from '../contract.ts';
import { each, fn } from '../define.ts';

/** Macros and functions that are values and nothing else, with what they mean. */
// prettier-ignore
export const expressionFunctions: readonly FunctionContract[] = [
  // The value is the condition.
  ...each('likely unlikely', 'value', 'bool', 'atomic', { value: { is: 'truth', index: 0 } }),
  ...each('WARN_ON WARN_ON_ONCE WARN_ON_SMP DEBUG_LOCKS_WARN_ON VM_WARN_ON VM_WARN_ON_ONCE', 'value', 'bool', 'atomic', { value: { is: 'truth', index: 0 } }),
  ...each('WARN WARN_ONCE WARN_TAINT WARN_TAINT_ONCE WARN_RATELIMIT', 'value, other', 'bool', 'atomic', { value: { is: 'truth', index: 0 } }),
  ...each('dev_WARN_ONCE drm_WARN drm_WARN_ONCE drm_WARN_ON drm_WARN_ON_ONCE', 'dev, value', 'bool', 'atomic', { value: { is: 'truth', index: 1 } }),
  // Dropping a check of the compiler, a barrier or a byte order does not change which value it is.
  // Accounting of allocations: the value is the call inside.
  ...each('alloc_hooks', 'value', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('__builtin_expect', 'value, other', 'bool', 'atomic', { value: { is: 'truth', index: 0 } }),
  ...each('READ_ONCE data_race untagged_addr ACCESS_ONCE rcu_dereference rcu_dereference_raw rcu_access_pointer rcu_dereference_bh rcu_dereference_sched smp_load_acquire unrcu_pointer', 'value', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('rcu_dereference_protected rcu_dereference_check', 'value, other', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('cpu_to_le16 cpu_to_le32 cpu_to_le64 cpu_to_be16 cpu_to_be32 cpu_to_be64 le16_to_cpu le32_to_cpu le64_to_cpu be16_to_cpu be32_to_cpu be64_to_cpu __cpu_to_le64 __cpu_to_le32 __cpu_to_be64 __cpu_to_be32', 'value', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('array_index_nospec', 'value, other', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('u64_to_user_ptr', 'value', 'ptr', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('_AC', 'value, other', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('_UL _ULL UL ULL', 'value', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  // Errors in pointers.
  ...each('PTR_ERR ERR_PTR ERR_CAST ERR_PTR_PCPU PTR_ERR_PCPU', 'value', 'value', 'atomic', { value: { is: 'argument', index: 0 } }),
  ...each('PTR_ERR_OR_ZERO', 'value', 'errno', 'atomic', { value: { is: 'errorOrZero', index: 0 } }),
  ...each('IS_ERR IS_ERR_VALUE IS_ERR_PCPU', 'value', 'bool', 'atomic', { value: { is: 'isErr', index: 0 } }),
  ...each('IS_ERR_OR_NULL', 'value', 'bool', 'atomic', { value: { is: 'isErrOrNull', index: 0 } }),
  ...each('ZERO_OR_NULL_PTR', 'value', 'bool', 'atomic', { value: { is: 'opaque' } }),
  // Arithmetic.
  ...each('min umin', 'value, value', 'value', 'atomic', { value: { is: 'min', left: 0, right: 1 } }),
  ...each('max umax', 'value, value', 'value', 'atomic', { value: { is: 'max', left: 0, right: 1 } }),
  fn('min_t(other, value, value)', 'value', 'atomic', { value: { is: 'min', left: 1, right: 2 } }),
  fn('max_t(other, value, value)', 'value', 'atomic', { value: { is: 'max', left: 1, right: 2 } }),
  ...each('min3 max3 clamp', 'value, value, value', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('clamp_t clamp_val', 'other, value, value, value', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('min_not_zero swab32 swab64 abs abs_diff', 'value, value', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('ALIGN __ALIGN_KERNEL round_up roundup PTR_ALIGN', 'value, value', 'value', 'atomic', { value: { is: 'alignUp', value: 0, to: 1 } }),
  ...each('ALIGN_DOWN round_down rounddown PTR_ALIGN_DOWN', 'value, value', 'value', 'atomic', { value: { is: 'alignDown', value: 0, to: 1 } }),
  ...each('PAGE_ALIGN', 'value', 'value', 'atomic', { value: { is: 'pageAlign', value: 0 } }),
  ...each('PAGE_ALIGN_DOWN', 'value', 'value', 'atomic', { value: { is: 'pageAlignDown', value: 0 } }),
  ...each('offset_in_page', 'value', 'value', 'atomic', { value: { is: 'offsetInPage', value: 0 } }),
  ...each('IS_ALIGNED', 'value, value', 'bool', 'atomic', { value: { is: 'isAligned', value: 0, to: 1 } }),
  ...each('DIV_ROUND_UP DIV_ROUND_UP_ULL', 'value, value', 'value', 'atomic', { value: { is: 'divideRoundUp', value: 0, by: 1 } }),
  ...each('BIT BIT_ULL BIT_MASK _BITUL _BITULL BIT_U32 BIT_U64', 'value', 'value', 'atomic', { value: { is: 'bit', index: 0 } }),
  ...each('GENMASK GENMASK_ULL GENMASK_U32 GENMASK_U64 __GENMASK', 'value, value', 'value', 'atomic', { value: { is: 'bitMask', high: 0, low: 1 } }),
  ...each('size_mul array_size flex_array_mul', 'value, value', 'size', 'atomic', { value: { is: 'product', left: 0, right: 1 } }),
  ...each('size_add', 'value, value', 'size', 'atomic', { value: { is: 'sum', left: 0, right: 1 } }),
  ...each('array3_size', 'value, value, value', 'size', 'atomic', { value: { is: 'opaque' } }),
  ...each('struct_size', 'object, name, count', 'size', 'atomic', { value: { is: 'structSize', pointer: 0, member: 1, count: 2 } }),
  ...each('struct_size_t flex_array_size struct_offset sizeof_field', 'object, name, count', 'size', 'atomic', { value: { is: 'opaque' } }),
  ...each('ARRAY_SIZE', 'object', 'size', 'atomic', { value: { is: 'arraySize', index: 0 } }),
  ...each('FIELD_PREP FIELD_GET u64_encode_bits u32_encode_bits u64_get_bits u32_get_bits FIELD_FIT FIELD_PREP_CONST', 'value, value', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('lower_32_bits upper_32_bits lower_16_bits upper_16_bits ilog2 order_base_2 get_order fls fls64 __fls __ffs ffs __ffs64 ffz hweight32 hweight64 hweight_long const_ilog2 roundup_pow_of_two rounddown_pow_of_two is_power_of_2 PFN_UP PFN_DOWN PFN_PHYS PHYS_PFN pfn_to_phys BITS_TO_LONGS BITS_PER_TYPE DMA_BIT_MASK iova_align iova_offset', 'value', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('div_u64 div64_u64 div64_ul mult_frac mul_u32_u32 mul_u64_u32_div DIV_ROUND_CLOSEST', 'value, value', 'value', 'atomic', { value: { is: 'opaque' } }),
  // Objects around objects.
  ...each('container_of container_of_const list_entry hlist_entry rb_entry rb_entry_safe list_entry_rcu', 'object, other, name', 'ptr', 'atomic', { value: { is: 'containerOf', pointer: 0, type: 1, member: 2 } }),
  ...each('from_timer timer_container_of', 'object, other, name', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('list_first_entry list_last_entry list_first_entry_or_null list_next_entry list_prev_entry list_last_entry_or_null list_next_entry_circular', 'object, other, name', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('list_empty list_is_singular list_empty_careful hlist_empty list_is_last list_is_head', 'object, object', 'bool', 'atomic', { value: { is: 'opaque' } }),
  ...each('IS_ENABLED IS_BUILTIN IS_MODULE IS_REACHABLE', 'other', 'bool', 'atomic', { value: { is: 'opaque' } }),
  ...each('test_bit atomic_read atomic64_read atomic_long_read refcount_read kref_read bitmap_empty bitmap_full find_first_bit find_next_bit find_first_zero_bit find_next_zero_bit mutex_is_locked', 'value, object', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('smp_processor_id raw_smp_processor_id num_online_cpus num_possible_cpus in_interrupt in_atomic in_task irqs_disabled rcu_read_lock_held', '', 'value', 'atomic', { value: { is: 'opaque' } }),
  // Drivers' own data: getters without effects.
  ...each('dev_get_drvdata platform_get_drvdata pci_get_drvdata spi_get_drvdata i2c_get_clientdata amba_get_drvdata usb_get_intfdata spi_controller_get_devdata spi_master_get_devdata crypto_tfm_ctx crypto_ahash_ctx crypto_aead_ctx crypto_skcipher_ctx ahash_request_ctx aead_request_ctx skcipher_request_ctx mmc_priv netdev_priv dev_get_platdata dev_iommu_priv_get dev_iommu_fwspec_get dev_name dev_to_node mmc_dev to_pci_dev to_platform_device pci_name chan2dev dmaengine_get_dma_device page_private shost_priv scsi_cmd_priv blk_mq_rq_to_pdu akcipher_request_ctx kpp_request_ctx crypto_skcipher_reqtfm crypto_ahash_reqtfm crypto_aead_reqtfm mmc_from_priv video_get_drvdata dev_to_iommu i2c_get_adapdata snd_pcm_chip snd_kcontrol_chip netdev_get_tx_queue skb_end_pointer skb_frag_address page_pool_get_dma_addr', 'object', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('crypto_aead_authsize crypto_aead_ivsize crypto_skcipher_ivsize crypto_ahash_digestsize blk_rq_nr_phys_segments vb2_plane_size virtio_has_feature is_device_private_page ieee80211_hdrlen iova_align_up scsi_sglist scsi_bufflen scsi_sg_count skb_headlen skb_shinfo skb_frag_size skb_frag_off skb_frag_page skb_is_nonlinear blk_rq_bytes blk_rq_payload_bytes rq_data_dir op_is_write rq_dma_dir mmc_get_dma_dir', 'object', 'value', 'atomic', { value: { is: 'opaque' } }),
  // Addresses.
  ...each('page_to_phys virt_to_phys __pa slow_virt_to_phys', 'object', 'paddr', 'atomic', { value: { is: 'opaque' }, provenance: 'ram' }),
  ...each('page_to_pfn virt_to_pfn vmalloc_to_pfn', 'object', 'value', 'atomic', { value: { is: 'opaque' }, provenance: 'ram' }),
  ...each('phys_to_virt __va page_address page_to_virt pfn_to_kaddr lowmem_page_address', 'value', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('pfn_to_page virt_to_page phys_to_page vmalloc_to_page virt_to_head_page compound_head nth_page pfn_to_online_page', 'value', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('page_size compound_order page_to_nid folio_size folio_order', 'object', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('is_vmalloc_addr virt_addr_valid pfn_valid object_is_on_stack', 'value', 'bool', 'atomic', { value: { is: 'opaque' } }),
];
