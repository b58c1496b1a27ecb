import type { FunctionContract } from '../contract.ts';
import { each } from '../define.ts';

/** Setter and getter of the pointer that a driver keeps at its device; `member` of the argument is the device. */
function driverData(
  set: string,
  get: string,
  member: string | undefined,
): readonly FunctionContract[] {
  const at = { does: 'driverData', device: 0, member } as const;
  return [
    ...each(set, 'dev, data', 'void', 'atomic', { effect: { ...at, value: 1 } }),
    ...each(get, 'dev', 'ptr', 'atomic', { effect: { ...at, value: undefined } }),
  ];
}

/** Functions that change nothing a contract could notice, and take nothing over. */
// prettier-ignore
export const quietFunctions: readonly FunctionContract[] = [
  ...each(`
    dev_dbg dev_info dev_notice dev_warn dev_err dev_crit dev_alert dev_emerg dev_printk dev_vdbg dev_err_once dev_warn_once dev_info_once
    dev_err_ratelimited dev_warn_ratelimited dev_dbg_ratelimited dev_info_ratelimited dev_notice_once
    pci_dbg pci_info pci_notice pci_warn pci_err pci_info_ratelimited pci_warn_once pci_err_ratelimited pci_warn_ratelimited
    pr_debug pr_info pr_notice pr_warn pr_err pr_crit pr_alert pr_emerg pr_cont pr_devel pr_warn_once pr_err_once pr_info_once pr_warn_ratelimited pr_err_ratelimited pr_debug_ratelimited
    printk _printk printk_ratelimited printk_once print_hex_dump print_hex_dump_debug print_hex_dump_bytes dump_stack trace_printk
    netdev_dbg netdev_info netdev_warn netdev_err netdev_notice netif_dbg netif_err netif_warn netif_info wiphy_err wiphy_info wiphy_warn wiphy_dbg
    drm_dbg drm_err drm_info drm_warn DRM_ERROR DRM_INFO DRM_DEBUG DRM_DEBUG_DRIVER DRM_WARN DRM_DEV_ERROR DRM_DEV_INFO drm_dbg_driver drm_dbg_kms
    ibdev_dbg ibdev_err ibdev_warn ibdev_info ibdev_notice ibdev_err_ratelimited ibdev_warn_ratelimited v4l2_err v4l2_dbg v4l2_info v4l2_warn scmd_printk sdev_printk shost_printk sdev_prefix_printk
    hid_err usb_dbg snd_printk acpi_handle_debug ata_dev_err ata_port_err mlx5_core_dbg mlx5_core_err mlx5_core_warn iommu_debug_map iommu_debug_unmap_begin
  `, 'other', 'void', 'atomic', { effect: { does: 'nothing' } }),
  // The value is the error that was passed.
  ...each('dev_err_probe', 'dev, value, other', 'errno', 'maySleep', { value: { is: 'argument', index: 1 }, effect: { does: 'nothing' } }),
  ...each(`
    might_sleep might_sleep_if might_fault might_lock cond_resched lockdep_assert_held lockdep_assert_held_write lockdep_assert_held_read lockdep_assert_not_held lockdep_assert_once lockdep_set_class
    assert_spin_locked dma_resv_assert_held iommu_group_mutex_assert ASSERT_RTNL lockdep_assert rwsem_assert_held
    mb rmb wmb smp_mb smp_rmb smp_wmb dma_mb dma_rmb dma_wmb barrier smp_mb__before_atomic smp_mb__after_atomic cpu_relax io_stop_wc
    BUILD_BUG_ON BUILD_BUG_ON_MSG BUILD_BUG_ON_ZERO static_assert MAYBE_BUILD_BUG_ON ASSERT_EXCLUSIVE_WRITER typecheck
    udelay ndelay mdelay msleep usleep_range usleep_range_state fsleep ssleep schedule schedule_timeout schedule_timeout_interruptible schedule_timeout_uninterruptible
    ktime_get ktime_get_real ktime_get_ns ktime_get_boottime jiffies_to_msecs msecs_to_jiffies usecs_to_jiffies nsecs_to_jiffies time_after time_before time_is_before_jiffies
    pm_runtime_get_sync pm_runtime_put pm_runtime_put_sync pm_runtime_put_autosuspend pm_runtime_mark_last_busy pm_runtime_resume_and_get pm_runtime_get_noresume pm_runtime_put_noidle pm_runtime_enable pm_runtime_disable pm_runtime_set_active pm_runtime_use_autosuspend
    clk_prepare clk_enable clk_prepare_enable clk_disable clk_unprepare clk_disable_unprepare clk_get_rate clk_set_rate clk_bulk_prepare_enable clk_bulk_disable_unprepare
    reset_control_assert reset_control_deassert regulator_enable regulator_disable gpiod_set_value gpiod_get_value
    INIT_LIST_HEAD INIT_HLIST_HEAD INIT_WORK INIT_DELAYED_WORK spin_lock_init raw_spin_lock_init mutex_init init_completion init_rwsem mutex_destroy init_waitqueue_head sema_init xa_init xa_init_flags ida_init idr_init kref_init refcount_set reinit_completion seqcount_init
    list_del list_del_init list_del_rcu hlist_del hlist_del_init
    atomic_inc atomic_dec atomic_set atomic_add atomic_sub atomic_inc_return atomic_dec_return atomic_dec_and_test atomic64_inc atomic64_add atomic64_set atomic_long_inc refcount_inc kref_get set_bit clear_bit __set_bit __clear_bit change_bit test_and_set_bit test_and_clear_bit bitmap_zero bitmap_set bitmap_clear
    complete complete_all wait_for_completion wait_for_completion_timeout wait_for_completion_interruptible wait_for_completion_interruptible_timeout wake_up wake_up_all wake_up_interruptible wait_event wait_event_timeout wait_event_interruptible
    synchronize_irq disable_irq enable_irq disable_irq_nosync synchronize_rcu
    free_irq devm_free_irq netif_stop_queue netif_wake_queue netif_tx_stop_queue netif_start_queue net_ratelimit dmaengine_terminate_sync dmaengine_terminate_all dmaengine_terminate_async dma_async_issue_pending skb_reserve skb_put skb_put_data
    kmap kunmap kmap_local_page kunmap_local
    kmemleak_ignore kmemleak_not_leak kmsan_handle_dma debug_dma_map_single
      of_property_read_bool device_property_read_bool of_match_node of_device_get_match_data device_get_match_data of_node_put of_node_get fwnode_handle_put
    get_device put_device pci_set_master pci_clear_master pci_save_state pci_restore_state try_module_get module_put
     strcmp strncmp strscpy strcpy strncpy snprintf sprintf scnprintf sysfs_emit sysfs_emit_at seq_printf seq_puts memcmp prefetch prefetchw flush_dcache_page clflush_cache_range
    capable ns_capable signal_pending fatal_signal_pending rlimit account_locked_vm trace_map trace_unmap
  `, 'other', 'value', 'atomic', { effect: { does: 'nothing' } }),
  // Work that is queued is reached by its handler; waiting for it may give back what it holds.
  ...each('queue_work queue_delayed_work mod_delayed_work', 'other, object', 'bool', 'atomic', { effect: { does: 'publish', argument: 1 } }),
  ...each('schedule_work schedule_delayed_work', 'object', 'bool', 'atomic', { effect: { does: 'publish', argument: 0 } }),
  ...each('flush_work cancel_work_sync cancel_delayed_work_sync flush_workqueue', 'object', 'bool', 'maySleep'),
  ...each('of_property_read_u32 of_property_read_string device_property_read_u32', 'dev, name, destination', 'errno', 'maySleep', { effect: { does: 'fill', argument: 2 } }),
  ...each('pci_read_config_dword pci_read_config_word', 'dev, other, destination', 'errno', 'atomic', { effect: { does: 'fill', argument: 2 } }),
  ...each('get_random_bytes', 'destination, size', 'void', 'atomic', { effect: { does: 'fill', argument: 0 } }),
  ...each('BUG panic nmi_panic do_exit make_task_dead machine_halt machine_restart kthread_complete_and_exit unreachable __builtin_unreachable BUILD_BUG', '', 'void', 'atomic', { effect: { does: 'noReturn' } }),
  ...each('BUG_ON VM_BUG_ON', 'value', 'void', 'atomic', { effect: { does: 'stopsIf', argument: 0 } }),
  ...each('list_add list_add_tail list_add_rcu list_add_tail_rcu list_move list_move_tail hlist_add_head llist_add', 'object, list', 'void', 'atomic', { effect: { does: 'enlist', object: 0, list: 1 } }),
  ...each('list_splice list_splice_tail list_splice_init list_splice_tail_init list_replace list_replace_init', 'list, list', 'void', 'atomic', { effect: { does: 'splice', from: 0, onto: 1 } }),
  ...driverData('dev_set_drvdata', 'dev_get_drvdata', undefined),
  ...driverData('platform_set_drvdata', 'platform_get_drvdata', 'dev'),
  ...driverData('pci_set_drvdata', 'pci_get_drvdata', 'dev'),
  ...driverData('spi_set_drvdata', 'spi_get_drvdata', 'dev'),
  ...driverData('i2c_set_clientdata', 'i2c_get_clientdata', 'dev'),
  ...driverData('amba_set_drvdata', 'amba_get_drvdata', 'dev'),
  ...driverData('usb_set_intfdata', 'usb_get_intfdata', 'dev'),
  ...each('rcu_assign_pointer WRITE_ONCE', 'destination, value', 'void', 'atomic', { effect: { does: 'store', destination: 0, value: 1, to: 'place' } }),
  ...each('smp_store_release', 'destination, value', 'void', 'atomic', { effect: { does: 'store', destination: 0, value: 1, to: 'pointee' } }),
  ...each('put_unaligned put_unaligned_le16 put_unaligned_le32 put_unaligned_le64 put_unaligned_be16 put_unaligned_be32 put_unaligned_be64', 'value, destination', 'void', 'atomic', { effect: { does: 'store', destination: 1, value: 0, to: 'pointee' } }),
  ...each('swap', 'value, value', 'void', 'atomic', { effect: { does: 'swap', left: 0, right: 1 } }),
  ...each('spi_controller_set_devdata', 'dev, data', 'void', 'atomic', { effect: { does: 'publish', argument: 1 } }),
  ...each('xa_store', 'object, other, data, gfp', 'ptr', 'gfp', { effect: { does: 'publish', argument: 2 } }),
  ...each('xa_insert', 'object, other, data, gfp', 'errno', 'gfp', { effect: { does: 'publish', argument: 2 } }),
  ...each('xa_alloc', 'object, other, data, other, gfp', 'errno', 'gfp', { effect: { does: 'publish', argument: 2 } }),
  ...each('idr_alloc', 'object, data, other, other, gfp', 'id', 'gfp', { effect: { does: 'publish', argument: 1 } }),
  ...each('devm_add_action', 'dev, handler, data', 'errno', 'maySleep', { effect: { does: 'devresAction', handler: 1, data: 2, onFailure: 'nothing' } }),
  ...each('devm_add_action_or_reset', 'dev, handler, data', 'errno', 'maySleep', { effect: { does: 'devresAction', handler: 1, data: 2, onFailure: 'runs' } }),
];
