/**
 * Whole groups of functions told by their names, where a line for each would never be complete.
 * Hints may only silence: an exact contract comes first, and nothing is ever reported because of a hint.
 * They are asked about calls alone whose body is out of sight or was not followed to its end; a function of the file
 * does what its body does, whatever it is called.
 */

/** Functions that change nothing a contract could notice, and take nothing over. */
const quiet: readonly RegExp[] = [
  // Printing and tracing.
  /^(net)?dev_(err|warn|info|dbg|notice|crit|alert|emerg|vdbg|printk)(_once|_ratelimited)?$/,
  /^netdev_\w*(err|warn|info|dbg)$/,
  /^netif_(err|warn|info|dbg|msg_\w+)$/,
  /^(pr|trace|debugfs)_\w+$/,
  /^drm_(err|warn|info|dbg)\w*$/,
  /^DRM_\w+$/,
  /^dprintk$/,
  // Assertions.
  /^(lockdep|might)_\w+$/,
  /^(WARN|BUG)\w*$/,
  // Locks and other sections.
  /^mutex_\w+$/,
  /^(raw_)?(spin|read|write)_\w+$/,
  /^(rcu_read|local_irq|preempt|down|up)_\w+$/,
  // Lists, initialisers, bits, unaligned access.
  /^list_\w+$/,
  /^INIT_\w+$/,
  /^test_and_\w+$/,
  /^(put|get)_unaligned\w*$/,
  // Reading registers.
  /^read[bwlq](_relaxed)?$/,
  /^ioread\w+$/,
  // Clocks, power, resets, pins.
  /^(clk|pm_runtime|reset_control|regulator|gpiod)_\w+$/,
];

/** Functions that hand their values to hardware. */
const toHardware: readonly RegExp[] = [
  /^write[bwlq](_relaxed|_be)?$/,
  /^__raw_write[bwlq]$/,
  /^(__)?iowrite\w+$/,
  /^out[bwl]$/,
  /^outsl$/,
  /^(lo_hi|hi_lo)_writeq\w*$/,
  /^pci_write_config_\w+$/,
  /^(mmio|vmcs)_write\w*$/,
  /^wrmsrl?$/,
];

/** Words of names that may say that something is given back. */
const givingWords = [
  'free', 'release', 'unmap', 'destroy', 'unwind', 'cleanup', 'clean', 'teardown', 'deinit', 'uninit', 'undo', 'put', 'unref',
  'detach', 'remove', 'exit', 'fini', 'drop', 'reset', 'stop', 'close', 'abort', 'cancel', 'kill', 'dealloc', 'deallocate',
  'unprepare', 'unpin', 'disable', 'flush', 'purge', 'complete', 'finish', 'shutdown', 'unregister', 'delete', 'del',
  'disconnect', 'terminate', 'unmapping', 'unbind', 'invalidate', 'rollback', 'revert', 'recycle', 'reclaim', 'done', 'end',
  'err', 'error', 'fail',
]; // prettier-ignore

const giving = new RegExp(`(^|_)(${givingWords.join('|')})(_|$|s$|s_|ed$|ed_|\\d)`);

/** Names with such a word that give nothing back. */
const keeping = /wiphy_err|^list_del|_log$/;

/** Functions that give pages or addresses back, which must not happen before the IOTLB was synced. */
const freesPages: readonly RegExp[] = [
  /^(unpin_user_page|put_page|__free_page|free_page|free_iova|iommu_put_pages)/,
];

/** Guard classes whose section is atomic: `guard(spinlock_irqsave)(&lock)`. */
const atomicGuards: readonly RegExp[] = [
  /^(raw_)?spinlock/,
  /^spin_lock/,
  /^(read|write)_lock/,
  /^irq(save)?$/,
  /^preempt/,
  /^(rcu|bh)$/,
];

/** What a name alone suggests. */
export interface NameHints {
  readonly quiet: boolean;
  readonly toHardware: boolean;
  readonly mayGiveBack: boolean;
  readonly freesPages: boolean;
}

/** Reads a name; costly, so callers remember the answer. */
export function nameHints(name: string): NameHints {
  const fits = (patterns: readonly RegExp[]): boolean => patterns.some((one) => one.test(name));
  return {
    quiet: fits(quiet),
    toHardware: fits(toHardware),
    mayGiveBack: giving.test(name) && !keeping.test(name),
    freesPages: fits(freesPages),
  };
}

/** True for classes of guards that make their section atomic. */
export function isAtomicGuard(guardClass: string): boolean {
  return atomicGuards.some((one) => one.test(guardClass));
}
