import type { Atom } from '../lex/atoms.ts';
import { identifier } from '../lex/atoms.ts';
import type { Location } from '../lex/sourceMap.ts';
import type { Type } from '../types/type.ts';
import {
  BOOL,
  decayed,
  INT,
  LONG,
  LONG_LONG,
  UNSIGNED_INT,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  VOID,
  VOID_POINTER,
} from '../types/type.ts';
import type { Expr } from './ast.ts';
import {
  assign,
  convert,
  dereference,
  integerConstant,
  not,
  scalar,
  update,
  valueOf,
} from './build.ts';

/**
 * Kernel names that headers define as macros over inline assembly, compiler barriers or build-time
 * checks. The preprocessor keeps them; the parser gives them their meaning: ignored, rewritten to plain
 * C, or an operation of the machine. A name belongs here only when its C body could not be executed.
 */

const names = (list: string): readonly string[] => list.trim().split(/\s+/);

/** Build-time checks and hints. Their arguments are not even parsed; the value, where used, is 0. */
const IGNORED: readonly string[] = names(`
  BUILD_BUG_ON BUILD_BUG_ON_MSG BUILD_BUG_ON_ZERO BUILD_BUG compiletime_assert
  compiletime_assert_atomic_type __builtin_prefetch prefetch prefetchw
  smp_mb smp_rmb smp_wmb mb rmb wmb barrier dma_wmb dma_rmb dma_mb io_stop_wc
  smp_mb__before_atomic smp_mb__after_atomic smp_mb__after_spinlock virt_mb virt_wmb virt_rmb
  barrier_data lockdep_assert_held lockdep_assert_held_write lockdep_assert_held_read
  lockdep_assert_not_held might_sleep might_fault cond_resched might_lock
  preempt_disable preempt_enable preempt_enable_no_resched
  instrumentation_begin instrumentation_end kasan_check_read kasan_check_write
  local_irq_enable local_irq_disable __builtin_va_end
`);

/** Declarations at file scope that produce nothing to execute. */
const FILE_SCOPE_ONLY: readonly string[] = names(`
  EXPORT_SYMBOL EXPORT_SYMBOL_GPL EXPORT_SYMBOL_NS EXPORT_SYMBOL_NS_GPL EXPORT_SYMBOL_FOR_MODULES
  EXPORT_TRACEPOINT_SYMBOL_GPL EXPORT_TRACEPOINT_SYMBOL EXPORT_PER_CPU_SYMBOL
  EXPORT_PER_CPU_SYMBOL_GPL EXPORT_SYMBOL_IF_KUNIT
  MODULE_LICENSE MODULE_DESCRIPTION MODULE_AUTHOR MODULE_IMPORT_NS MODULE_VERSION MODULE_ALIAS
  MODULE_PARM_DESC MODULE_SOFTDEP MODULE_FIRMWARE MODULE_INFO MODULE_DEVICE_TABLE
  module_param_named module_param module_param_string module_param_array module_param_cb
  module_init module_exit early_initcall pure_initcall core_initcall core_initcall_sync
  postcore_initcall arch_initcall subsys_initcall fs_initcall rootfs_initcall device_initcall
  device_initcall_sync late_initcall late_initcall_sync __setup early_param __initcall
  ALLOW_ERROR_INJECTION NOKPROBE_SYMBOL IOMMU_OF_DECLARE
`);

const PRINTING: readonly string[] = names(`
  printk pr_emerg pr_alert pr_crit pr_err pr_warn pr_notice pr_info pr_cont pr_debug pr_devel
  pr_err_once pr_warn_once pr_info_once pr_notice_once pr_err_ratelimited pr_warn_ratelimited
  pr_info_ratelimited pr_debug_ratelimited pr_notice_ratelimited printk_once printk_deferred
  dev_emerg dev_alert dev_crit dev_err dev_warn dev_notice dev_info dev_dbg dev_vdbg
  dev_err_once dev_warn_once dev_info_once dev_err_ratelimited dev_warn_ratelimited
  dev_info_ratelimited dev_dbg_ratelimited dev_notice_ratelimited
  pci_err pci_warn pci_info pci_dbg pci_notice pci_info_ratelimited pci_err_ratelimited
  drm_err drm_warn drm_info drm_dbg
`);

/** Result types of operations that the machine performs. `undefined` where the rule below computes it. */
const FIXED_RESULTS: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...PRINTING.map((name) => [name, INT] as const),
  ...names('WARN WARN_ON WARN_ON_ONCE WARN_ONCE WARN_RATELIMIT').map(
    (name) => [name, INT] as const,
  ),
  ...names('BUG BUG_ON panic').map((name) => [name, VOID] as const),
  ...names('set_bit clear_bit change_bit __set_bit __clear_bit __change_bit clear_bit_unlock').map(
    (name) => [name, VOID] as const,
  ),
  ...names(`test_bit test_bit_acquire test_and_set_bit test_and_clear_bit test_and_change_bit
    test_and_set_bit_lock __test_and_set_bit __test_and_clear_bit __test_and_change_bit`).map(
    (name) => [name, BOOL] as const,
  ),
  ...names('fls fls64 ffs __builtin_popcount __builtin_popcountl __builtin_popcountll').map(
    (name) => [name, INT] as const,
  ),
  ...names('__fls __ffs ffz __ffs64').map((name) => [name, UNSIGNED_LONG] as const),
  ...names(`__builtin_clz __builtin_clzl __builtin_clzll __builtin_ctz __builtin_ctzl __builtin_ctzll
    __builtin_ffs __builtin_ffsl __builtin_ffsll __builtin_abs
    __builtin_parity __builtin_parityl __builtin_parityll`).map((name) => [name, INT] as const),
  ['__builtin_labs', LONG],
  ['__builtin_llabs', LONG_LONG],
  ...names('__builtin_memcmp __builtin_strcmp __builtin_strncmp').map((n) => [n, INT] as const),
  ...names('__builtin_memcpy __builtin_memset __builtin_memmove').map(
    (name) => [name, VOID_POINTER] as const,
  ),
  ['__builtin_strlen', UNSIGNED_LONG],
  ['__builtin_bswap16', UNSIGNED_SHORT],
  ['__builtin_bswap32', UNSIGNED_INT],
  ['__builtin_bswap64', UNSIGNED_LONG],
  ...names('__builtin_add_overflow __builtin_sub_overflow __builtin_mul_overflow').map(
    (name) => [name, BOOL] as const,
  ),
  ...names('__builtin_unreachable __builtin_trap').map((name) => [name, VOID] as const),
  ...names('__builtin_return_address __builtin_frame_address __builtin_extract_return_addr').map(
    (name) => [name, VOID_POINTER] as const,
  ),
  ['__builtin_object_size', UNSIGNED_LONG],
  ['__builtin_dynamic_object_size', UNSIGNED_LONG],
  ['local_irq_save', VOID],
  ['local_irq_restore', VOID],
]);

const COMPARE_EXCHANGE: ReadonlySet<string> = new Set(
  ['', 'arch_', 'raw_'].flatMap((prefix) =>
    ['cmpxchg', 'cmpxchg64', 'cmpxchg128'].flatMap((base) =>
      ['', '_relaxed', '_acquire', '_release', '_local'].map((order) => prefix + base + order),
    ),
  ),
);
const TRY_COMPARE_EXCHANGE: ReadonlySet<string> = new Set(
  [...COMPARE_EXCHANGE].map((name) => name.replace(/(cmpxchg)/, 'try_$1')),
);
const EXCHANGE: ReadonlySet<string> = new Set(
  ['', 'arch_', 'raw_'].flatMap((prefix) =>
    ['', '_relaxed', '_acquire', '_release'].map((order) => `${prefix}xchg${order}`),
  ),
);

/** Macros that are plain C on one CPU without a compiler that reorders. */
const REWRITTEN: ReadonlyMap<string, (args: readonly Expr[], at: Location) => Expr> = new Map<
  string,
  (args: readonly Expr[], at: Location) => Expr
>([
  ...names('READ_ONCE __READ_ONCE READ_ONCE_NOCHECK data_race').map(
    (name) => [name, ([x]: readonly Expr[]) => valueOf(x!)] as const,
  ),
  ...names('WRITE_ONCE __WRITE_ONCE smp_store_mb').map(
    (name) => [name, ([x, v]: readonly Expr[], at: Location) => assign(x!, v!, at)] as const,
  ),
  ...names('smp_load_acquire __smp_load_acquire').map(
    (name) => [name, ([p]: readonly Expr[], at: Location) => dereference(p!, at)] as const,
  ),
  ...names('smp_store_release __smp_store_release').map(
    (name) =>
      [
        name,
        ([p, v]: readonly Expr[], at: Location) => assign(dereference(p!, at), v!, at),
      ] as const,
  ),
  ...names('likely unlikely').map(
    (name) => [name, ([x]: readonly Expr[], at: Location) => not(not(x!, at), at)] as const,
  ),
  ['__builtin_expect', ([x]) => convert(x!, LONG)],
  ['__builtin_expect_with_probability', ([x]) => convert(x!, LONG)],
  ['__builtin_assume_aligned', ([x]) => valueOf(x!)],
  ...names('this_cpu_ptr raw_cpu_ptr per_cpu_ptr').map(
    (name) => [name, ([p]: readonly Expr[]) => valueOf(p!)] as const,
  ),
  ...names(`this_cpu_read __this_cpu_read raw_cpu_read this_cpu_read_stable`).map(
    (name) => [name, ([x]: readonly Expr[]) => valueOf(x!)] as const,
  ),
  ...names('this_cpu_write __this_cpu_write raw_cpu_write').map(
    (name) => [name, ([x, v]: readonly Expr[], at: Location) => assign(x!, v!, at)] as const,
  ),
  ...names('this_cpu_add __this_cpu_add raw_cpu_add').map(
    (name) =>
      [name, ([x, v]: readonly Expr[], at: Location) => update(x!, '+', v!, 'new', at)] as const,
  ),
  ...names('this_cpu_sub __this_cpu_sub').map(
    (name) =>
      [name, ([x, v]: readonly Expr[], at: Location) => update(x!, '-', v!, 'new', at)] as const,
  ),
  ...names('this_cpu_inc __this_cpu_inc raw_cpu_inc').map(
    (name) =>
      [name, ([x]: readonly Expr[], at: Location) => update(x!, '+', one(at), 'new', at)] as const,
  ),
  ...names('this_cpu_dec __this_cpu_dec raw_cpu_dec').map(
    (name) =>
      [name, ([x]: readonly Expr[], at: Location) => update(x!, '-', one(at), 'new', at)] as const,
  ),
  [
    '__builtin_va_start',
    ([list]: readonly Expr[], at: Location): Expr =>
      assign(list!, operation('va_start', VOID_POINTER, [], at), at),
  ],
  [
    '__builtin_va_copy',
    ([to, from]: readonly Expr[], at: Location): Expr => assign(to!, valueOf(from!), at),
  ],
]);

function one(at: Location): Expr {
  return integerConstant(1n, INT, at);
}

/** How the parser treats a name followed by `(`. */
export type IntrinsicKind = 'ignored' | 'rewritten' | 'operation';

/** What kind of intrinsic a name is, if it is one. */
export function intrinsicKind(name: string): IntrinsicKind | undefined {
  return KINDS.get(name);
}

const KINDS: ReadonlyMap<string, IntrinsicKind> = new Map<string, IntrinsicKind>([
  ...IGNORED.map((name) => [name, 'ignored'] as const),
  ...[...REWRITTEN.keys()].map((name) => [name, 'rewritten'] as const),
  ...[...FIXED_RESULTS.keys()].map((name) => [name, 'operation'] as const),
  ...[...COMPARE_EXCHANGE, ...TRY_COMPARE_EXCHANGE, ...EXCHANGE].map(
    (name) => [name, 'operation'] as const,
  ),
]);

/** The value of a call to an intrinsic whose arguments are parsed. */
export function intrinsicCall(name: string, args: readonly Expr[], at: Location): Expr {
  const rewrite = REWRITTEN.get(name);
  if (rewrite !== undefined) return rewrite(args, at);
  const [first, second, third] = args;
  if (COMPARE_EXCHANGE.has(name)) {
    const target = dereference(first!, at);
    const values = [convert(second!, target.type), convert(third!, target.type)];
    return operation('cmpxchg', target.type, [valueOf(first!), ...values], at);
  }
  if (TRY_COMPARE_EXCHANGE.has(name)) {
    const target = dereference(first!, at);
    const values = [valueOf(second!), convert(third!, target.type)];
    return operation('try_cmpxchg', BOOL, [valueOf(first!), ...values], at);
  }
  if (EXCHANGE.has(name)) {
    const target = dereference(first!, at);
    return operation('xchg', target.type, [valueOf(first!), convert(second!, target.type)], at);
  }
  const type = FIXED_RESULTS.get(name) ?? INT;
  if (PRINTING.includes(name)) return operation('print', type, args.map(valueOf), at);
  if (name.startsWith('WARN') || name === 'BUG_ON') {
    const condition = args.slice(0, 1).map(scalar);
    const family = name === 'BUG_ON' ? 'bug' : 'warn';
    return operation(
      family,
      type,
      condition.map((c) => not(not(c, at), at)),
      at,
    );
  }
  if (name === 'BUG' || name === 'panic') return operation('bug', type, [], at);
  // These three write their flags argument; on one CPU there is nothing to save.
  if (name === 'local_irq_save') return assign(first!, integerConstant(0n, UNSIGNED_LONG, at), at);
  return operation(name, type, args.map(argumentValue), at);
}

function argumentValue(arg: Expr): Expr {
  const value = valueOf(arg);
  return value.type.kind === 'integer' && value.type.size < 4 ? convert(value, INT) : value;
}

function operation(name: string, type: Type, args: readonly Expr[], at: Location): Expr {
  return { op: 'intrinsic', type: decayed(type), name, args, at };
}

/** Every name the preprocessor must leave alone. */
export const KEPT_NAMES: ReadonlySet<Atom> = new Set(
  [...KINDS.keys(), ...FILE_SCOPE_ONLY].filter((n) => !n.startsWith('__builtin')).map(identifier),
);

/** Names of declarations at file scope that are skipped. */
export const FILE_SCOPE_NAMES: ReadonlySet<Atom> = new Set(FILE_SCOPE_ONLY.map(identifier));
