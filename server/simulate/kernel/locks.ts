import type { Executor, Model } from '../machine/executor.ts';
import { Stop } from '../machine/stop.ts';
import type { Pointer } from '../machine/values.ts';
import { hex } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';

/** Locks that the path holds: 'write', or how many readers. */
type LockTable = Map<Pointer, 'write' | number>;

/** The locks a path holds now. */
export function heldLocks(machine: Executor): LockTable {
  return stateOf<LockTable>(machine, 'locks', () => new Map());
}

function nameOf(machine: Executor, lock: Pointer): string {
  return typeof lock === 'number' ? machine.memory.regions.describe(lock) : hex(lock);
}

const take: ModelBody = (machine, args) => {
  const lock = args.pointer(0);
  const locks = heldLocks(machine);
  if (locks.has(lock)) {
    throw new Stop(
      'bug',
      `takes the lock in ${nameOf(machine, lock)}, which this path holds already`,
    );
  }
  locks.set(lock, 'write');
  return 0;
};

const tryTake: ModelBody = (machine, args) => {
  const lock = args.pointer(0);
  const locks = heldLocks(machine);
  if (locks.has(lock)) return 0;
  locks.set(lock, 'write');
  return 1;
};

const takeShared: ModelBody = (machine, args) => {
  const lock = args.pointer(0);
  const locks = heldLocks(machine);
  const held = locks.get(lock);
  if (held === 'write') {
    throw new Stop(
      'bug',
      `reads under ${nameOf(machine, lock)}, which this path holds for writing`,
    );
  }
  locks.set(lock, (held ?? 0) + 1);
  return 0;
};

const release: ModelBody = (machine, args) => {
  const lock = args.pointer(0);
  if (!heldLocks(machine).delete(lock)) {
    throw new Stop(
      'bug',
      `releases the lock in ${nameOf(machine, lock)}, which this path does not hold`,
    );
  }
  return 0;
};

const releaseShared: ModelBody = (machine, args) => {
  const lock = args.pointer(0);
  const locks = heldLocks(machine);
  const held = locks.get(lock);
  if (typeof held !== 'number') {
    throw new Stop(
      'bug',
      `releases the lock in ${nameOf(machine, lock)}, which this path does not read under`,
    );
  }
  if (held > 1) locks.set(lock, held - 1);
  else locks.delete(lock);
  return 0;
};

/** Each spin-lock entry point exists as a function and as an inline with one more underscore. */
function spin(names: string, body: ModelBody): Record<string, ModelBody> {
  return { ...alike(names, body), ...alike(names.replace(/_raw_/g, '__raw_'), body) };
}

const facts = {
  reads: 'the table of held locks',
  writes: 'the table of held locks; the lock word itself stays as it is',
  shadows: 'one thread runs: what matters is which locks the path holds',
};

/** Spin locks, mutexes, semaphores and RCU, by the functions their macros end in. */
export const LOCKS: readonly Model[] = [
  ...family(facts, {
    ...spin('_raw_spin_lock _raw_spin_lock_irq _raw_spin_lock_bh _raw_spin_lock_irqsave', take),
    ...spin('_raw_spin_lock_nested mutex_lock mutex_lock_nested mutex_lock_interruptible', take),
    ...alike('mutex_lock_killable mutex_lock_interruptible_nested down_write', take),
    ...alike(
      'down_write_killable down_write_nested _raw_write_lock _raw_write_lock_irqsave __raw_write_lock',
      take,
    ),
    ...spin('_raw_write_lock_irq rt_mutex_lock', take),
    ...spin('_raw_spin_trylock mutex_trylock down_write_trylock', tryTake),
    ...spin('_raw_spin_unlock _raw_spin_unlock_irq _raw_spin_unlock_bh', release),
    ...spin('_raw_spin_unlock_irqrestore mutex_unlock up_write _raw_write_unlock', release),
    ...spin('_raw_write_unlock_irqrestore _raw_write_unlock_irq rt_mutex_unlock', release),
    ...alike('down_read down_read_interruptible down_read_killable down_read_nested', takeShared),
    ...spin('_raw_read_lock _raw_read_lock_irqsave _raw_read_lock_irq', takeShared),
    down_read_trylock: (machine, args, call) => {
      takeShared(machine, args, call);
      return 1;
    },
    ...alike(
      'up_read _raw_read_unlock _raw_read_unlock_irqrestore _raw_read_unlock_irq',
      releaseShared,
    ),
    ...alike('mutex_is_locked rwsem_is_locked', (machine, args) =>
      heldLocks(machine).has(args.pointer(0)),
    ),
    ...alike(
      'rwsem_assert_held_nolockdep rwsem_assert_held_write_nolockdep',
      (machine, args, { name }) => {
        const held = heldLocks(machine).get(args.pointer(0));
        const enough = name.includes('write') ? held === 'write' : held !== undefined;
        if (!enough) machine.record({ kind: 'warn', text: `WARN in ${name}(): not held` });
        return undefined;
      },
    ),
    downgrade_write: (machine, args) => {
      heldLocks(machine).set(args.pointer(0), 1);
      return 0;
    },
  }),
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing',
      shadows: 'one thread runs: there is nobody to wait for',
    },
    alike(
      `__raw_spin_lock_init __mutex_init mutex_init_generic __init_rwsem __rwlock_init mutex_destroy
      rcu_read_lock rcu_read_unlock __rcu_read_lock __rcu_read_unlock synchronize_rcu rcu_barrier
      srcu_read_lock srcu_read_unlock __srcu_read_lock __srcu_read_unlock synchronize_srcu
      init_srcu_struct cleanup_srcu_struct rcu_lock_acquire rcu_lock_release lock_acquire lock_release
      lockdep_init_map_type lockdep_rcu_suspicious lockdep_set_notrack_class local_bh_disable
      local_bh_enable __local_bh_enable_ip __local_bh_disable_ip mmap_lock_acquire_returned
      __mmap_lock_do_trace_start_locking __mmap_lock_do_trace_acquire_returned
      __mmap_lock_do_trace_released percpu_down_read percpu_up_read __SCT__preempt_schedule
      preempt_schedule preempt_schedule_notrace __cond_resched dynamic_cond_resched __might_resched
      __might_sleep __might_fault schedule`,
      () => 0,
    ),
  ),
  ...family(
    { reads: 'nothing', writes: 'what the callback writes' },
    {
      // Nobody reads concurrently, so a grace period has passed as soon as it is asked for.
      ...alike('call_rcu call_rcu_hurry', (machine, args) => {
        machine.invokePointer(args.pointer(1), [args.pointer(0)], undefined);
        return undefined;
      }),
    },
  ),
];
