import type { HandlerRole } from '../../symbols.ts';

/** A kernel function that takes a handler and calls it later. */
export interface RegistrationContract {
  readonly name: string;
  /** Handlers by argument index, and in which role they are called. */
  readonly handlers: readonly { readonly argument: number; readonly role: HandlerRole }[];
  /** Argument that the handler gets, or -1. */
  readonly data: number;
}

function registration(
  names: string,
  handlers: Readonly<Partial<Record<HandlerRole, number>>>,
  data: number,
): RegistrationContract[] {
  const list = Object.entries(handlers).map(([role, argument]) => ({
    argument,
    role: role as HandlerRole,
  }));
  return names.split(' ').map((name) => ({ name, handlers: list, data }));
}

/** Functions that register handlers: interrupts, work, timers, threads, clean-ups. */
// prettier-ignore
export const registrations: readonly RegistrationContract[] = [
  ...registration('request_irq', { irq: 1 }, 4),
  ...registration('request_percpu_irq', { irq: 1 }, 3),
  ...registration('devm_request_irq', { irq: 2 }, 5),
  ...registration('request_threaded_irq', { irq: 1, threadedIrq: 2 }, 5),
  ...registration('devm_request_threaded_irq', { irq: 2, threadedIrq: 3 }, 6),
  ...registration('request_any_context_irq', { irq: 1 }, 4),
  ...registration('devm_request_any_context_irq', { irq: 2 }, 5),
  ...registration('pci_request_irq', { irq: 2, threadedIrq: 3 }, 4),
  ...registration('INIT_WORK INIT_DELAYED_WORK INIT_WORK_ONSTACK INIT_DELAYED_WORK_ONSTACK INIT_DEFERRABLE_WORK INIT_RCU_WORK DECLARE_WORK DECLARE_DELAYED_WORK', { work: 1 }, 0),
  ...registration('timer_setup hrtimer_setup timer_setup_on_stack', { timer: 1 }, 0),
  ...registration('setup_timer', { timer: 1 }, 2),
  ...registration('tasklet_init tasklet_setup', { tasklet: 1 }, 0),
  ...registration('kthread_run kthread_create', { thread: 0 }, 1),
  ...registration('call_rcu', { rcu: 1 }, 0),
  ...registration('devm_add_action devm_add_action_or_reset', { devmAction: 1 }, 2),
  ...registration('module_init subsys_initcall core_initcall postcore_initcall arch_initcall device_initcall late_initcall fs_initcall rootfs_initcall early_initcall', { moduleInit: 0 }, -1),
  ...registration('module_exit', { moduleExit: 0 }, -1),
];
