import { byteSwap, populationCount } from '../../cfront/parse/builtinFolding.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { Stop } from '../machine/stop.ts';
import type { ModelBody } from './model.ts';
import { alike, family, nothing, stateOf } from './model.ts';
import { letTimePass } from './registerDevices.ts';

/** Something cache maintenance did to memory; what a situation listens for. */
export type FlushListener = (address: number, size: number) => void;

/** The listener for cache cleans of a machine. */
export function flushListener(machine: Executor): { current: FlushListener | undefined } {
  return stateOf<{ current: FlushListener | undefined }>(machine, 'flush', () => ({
    current: undefined,
  }));
}

const flush: ModelBody = (machine, args) => {
  flushListener(machine).current?.(Number(args.pointer(0)), args.number(1));
  return undefined;
};

/** A clock that goes on whenever somebody looks. */
const now: ModelBody = (machine) => {
  const clock = stateOf(machine, 'clock', () => ({ now: 1_000_000_000n }));
  // Whoever waits for a time by asking again and again shall not need many turns.
  clock.now += 100_000n;
  return clock.now;
};

/** Whoever waits lets the hardware finish something. */
const waits: ModelBody = (machine) => {
  letTimePass(machine);
  return 0;
};

/** The task that runs: made by a situation, or one that is all unwritten. */
const current: ModelBody = (machine) =>
  stateOf(machine, 'current', () => {
    const task = machine.mainUnit.aggregate('task_struct');
    const size = task?.layout?.size ?? 8192;
    return machine.allocate({
      kind: 'input',
      name: 'current',
      size,
      align: 64,
      contents: 'assumed',
    });
  });

/** Functions whose C is inline assembly, and those that only observe. */
export const HELPERS: readonly Model[] = [
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing; the situation is told',
      shadows: 'cache maintenance is inline assembly',
    },
    { ...alike('clflush_cache_range clflush_cache_range_opt dcache_clean_poc', flush) },
  ),
  ...family(
    { reads: 'the argument', writes: 'nothing', shadows: 'an instruction or a table' },
    {
      ...alike('__arch_hweight64 __sw_hweight64', (_, args) =>
        populationCount(args.bits(0) & 0xffffffffffffffffn),
      ),
      ...alike('__arch_hweight32 __sw_hweight32', (_, args) =>
        populationCount(args.bits(0) & 0xffffffffn),
      ),
      __arch_hweight16: (_, args) => populationCount(args.bits(0) & 0xffffn),
      __arch_hweight8: (_, args) => populationCount(args.bits(0) & 0xffn),
    },
  ),
  ...family(
    { reads: 'the argument', writes: 'nothing', shadows: 'an instruction that swaps bytes' },
    {
      __arch_swab32: (_, args) => byteSwap(args.bits(0), 4),
      __arch_swab64: (_, args) => byteSwap(args.bits(0), 8),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: 'a per-CPU read in assembly' },
    { get_current: current, ...alike('debug_smp_processor_id smp_processor_id', nothing) },
  ),
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing',
      shadows: 'instructions that order or hint, nothing else',
    },
    alike(
      `arch_local_save_flags native_save_fl native_restore_fl
      native_irq_disable native_irq_enable arch_local_irq_save arch_local_irq_restore
      arch_local_irq_disable arch_local_irq_enable raw_irqs_disabled_flags trace_hardirqs_on
      trace_hardirqs_off arch_static_branch arch_static_branch_jump __static_cpu_has _static_cpu_has
      static_branch_unlikely __preempt_count_add __preempt_count_sub preempt_count
      __preempt_count_dec_and_test add_preempt_count preempt_count_add preempt_count_sub
      __get_user_nocheck_8 wake_up_process __wake_up complete complete_all
      debug_check_no_obj_freed irq_work_queue queue_work_on delayed_work_timer_fn
      __cpuhp_state_add_instance __cpuhp_state_remove_instance`,
      nothing,
    ),
  ),
  ...family(
    {
      ...{ reads: 'nothing', writes: 'what hardware finishes meanwhile' },
      shadows: 'an instruction that hints that somebody waits',
    },
    alike('rep_nop cpu_relax native_pause', waits),
  ),
  ...family(
    { reads: 'nothing', writes: 'what hardware finishes meanwhile' },
    alike('__udelay __ndelay __const_udelay usleep_range_state msleep', waits),
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing' },
    {
      ...alike(
        'ktime_get ktime_get_ns ktime_get_mono_fast_ns sched_clock local_clock get_cycles',
        now,
      ),
    },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing' },
    // The one that does DMA for it: another only below a VMD (arch/x86/pci/common.c), which no situation has.
    { pci_real_dma_dev: (_, args) => args.pointer(0) },
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: 'it asks the hardware, which is there' },
    { pci_device_is_present: () => 1 },
  ),
  ...family(
    { reads: 'whether there is a firmware node', writes: 'nothing' },
    alike('is_acpi_device_node is_acpi_data_node', (machine, args, { name }) =>
      // IS_ERR_OR_NULL(); of another node it is not known what it is.
      Number(args.pointer(0)) === 0 ? 0 : machine.choose(`${name}()`, [0, 1]),
    ),
  ),
  ...family(
    { reads: 'nothing', writes: 'nothing', shadows: 'the time stamp counter is an instruction' },
    alike('rdtsc rdtsc_ordered', now),
  ),
  ...family(
    {
      reads: 'nothing',
      writes: 'nothing',
      shadows: 'a compile-time check that the compiler did not drop',
    },
    {
      ...alike(
        `__bad_udelay __xadd_wrong_size __xchg_wrong_size __cmpxchg_wrong_size __bad_mask
        __field_overflow __bad_copy_from __bad_copy_to fortify_panic __fortify_panic`,
        (_, __, call) => {
          throw new Stop('bug', `reaches ${call.name}(), which only compile-time checks call`);
        },
      ),
    },
  ),
];
