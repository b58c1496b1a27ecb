import type { FunctionContract, LockKind } from '../contract.ts';
import { each } from '../define.ts';

function locking(
  kind: LockKind,
  names: { readonly lock: string; readonly unlock: string; readonly tryLock?: string },
  params: 'lock' | 'lock, irqFlags' | '',
): readonly FunctionContract[] {
  const context = kind === 'mutex' || kind === 'rwsem' ? 'maySleep' : 'atomic';
  const argument = params === '' ? undefined : 0;
  return [
    ...each(names.lock, params, 'void', context, {
      effect: { does: 'lock', lock: kind, argument },
    }),
    ...each(names.unlock, params, 'void', 'atomic', {
      effect: { does: 'unlock', lock: kind, argument },
    }),
    ...each(names.tryLock ?? '', params, 'bool', 'atomic', {
      effect: { does: 'lock', lock: kind, argument, conditional: 'true' },
    }),
  ];
}

/** Locks and other regions, by what they forbid inside. */
// prettier-ignore
export const lockFunctions: readonly FunctionContract[] = [
  ...locking('spin', {
    lock: 'spin_lock raw_spin_lock read_lock write_lock spin_lock_nested',
    unlock: 'spin_unlock raw_spin_unlock read_unlock write_unlock',
    tryLock: 'spin_trylock raw_spin_trylock read_trylock write_trylock',
  }, 'lock'),
  ...locking('spinIrq', {
    lock: 'spin_lock_irq raw_spin_lock_irq read_lock_irq write_lock_irq',
    unlock: 'spin_unlock_irq raw_spin_unlock_irq read_unlock_irq write_unlock_irq',
    tryLock: 'spin_trylock_irq',
  }, 'lock'),
  ...locking('spinBh', {
    lock: 'spin_lock_bh raw_spin_lock_bh read_lock_bh write_lock_bh',
    unlock: 'spin_unlock_bh raw_spin_unlock_bh read_unlock_bh write_unlock_bh',
    tryLock: 'spin_trylock_bh',
  }, 'lock'),
  ...locking('spinIrqSave', {
    lock: 'spin_lock_irqsave raw_spin_lock_irqsave read_lock_irqsave write_lock_irqsave spin_lock_irqsave_nested',
    unlock: 'spin_unlock_irqrestore raw_spin_unlock_irqrestore read_unlock_irqrestore write_unlock_irqrestore',
    tryLock: 'spin_trylock_irqsave raw_spin_trylock_irqsave',
  }, 'lock, irqFlags'),
  ...locking('mutex', {
    lock: 'mutex_lock mutex_lock_nested mutex_lock_nest_lock mutex_lock_io',
    unlock: 'mutex_unlock',
    tryLock: 'mutex_trylock',
  }, 'lock'),
  ...each('mutex_lock_interruptible mutex_lock_killable down_read_killable down_write_killable down_read_interruptible down_interruptible', 'lock', 'errno', 'maySleep', {
    effect: { does: 'lock', lock: 'mutex', argument: 0, conditional: 'zero' },
  }),
  ...locking('rwsem', {
    lock: 'down_read down_write down down_read_nested down_write_nested',
    unlock: 'up_read up_write up downgrade_write',
    tryLock: 'down_read_trylock down_write_trylock',
  }, 'lock'),
  ...locking('rcu', { lock: 'rcu_read_lock rcu_read_lock_sched', unlock: 'rcu_read_unlock rcu_read_unlock_sched' }, ''),
  ...locking('bh', { lock: 'local_bh_disable rcu_read_lock_bh', unlock: 'local_bh_enable rcu_read_unlock_bh' }, ''),
  ...locking('preempt', { lock: 'preempt_disable get_cpu', unlock: 'preempt_enable put_cpu' }, ''),
  ...locking('irq', { lock: 'local_irq_disable', unlock: 'local_irq_enable' }, ''),
  ...each('kmap_atomic', 'page', 'ptr', 'atomic', { effect: { does: 'lock', lock: 'preempt', argument: undefined } }),
  ...each('kunmap_atomic', 'cpu', 'void', 'atomic', { effect: { does: 'unlock', lock: 'preempt', argument: undefined } }),
  // Page faults are off, preemption is not.
  ...each('pagefault_disable pagefault_enable', '', 'void', 'atomic', { effect: { does: 'nothing' } }),
  ...each('bit_spin_lock', 'other, lock', 'void', 'atomic', { effect: { does: 'lock', lock: 'spin', argument: 1 } }),
  ...each('bit_spin_unlock', 'other, lock', 'void', 'atomic', { effect: { does: 'unlock', lock: 'spin', argument: 1 } }),
  ...each('local_irq_save', 'irqFlags', 'void', 'atomic', { effect: { does: 'lock', lock: 'irq', argument: undefined } }),
  ...each('local_irq_restore', 'irqFlags', 'void', 'atomic', { effect: { does: 'unlock', lock: 'irq', argument: undefined } }),
  ...each('srcu_read_lock', 'lock', 'value', 'atomic', { effect: { does: 'lock', lock: 'srcu', argument: 0 } }),
  ...each('srcu_read_unlock', 'lock, value', 'void', 'atomic', { effect: { does: 'unlock', lock: 'srcu', argument: 0 } }),
  ...each('dma_resv_lock ww_mutex_lock', 'lock, other', 'errno', 'maySleep', { effect: { does: 'lock', lock: 'mutex', argument: 0, conditional: 'zero' } }),
  ...each('dma_resv_unlock ww_mutex_unlock', 'lock', 'void', 'atomic', { effect: { does: 'unlock', lock: 'mutex', argument: 0 } }),
];
