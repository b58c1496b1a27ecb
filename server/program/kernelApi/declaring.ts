import type { DeclaringMacro } from './kernelApi.ts';

function plain(macros: string, type: string): DeclaringMacro[] {
  return macros.split(' ').map((macro) => ({ macro, name: 0, type, shape: 'plain' }));
}

const list: readonly DeclaringMacro[] = [
  ...plain('LIST_HEAD', 'struct list_head'),
  ...plain('HLIST_HEAD', 'struct hlist_head'),
  ...plain('LLIST_HEAD', 'struct llist_head'),
  ...plain('DEFINE_SPINLOCK', 'spinlock_t'),
  ...plain('DEFINE_RAW_SPINLOCK', 'raw_spinlock_t'),
  ...plain('DEFINE_MUTEX', 'struct mutex'),
  ...plain('DECLARE_COMPLETION DECLARE_COMPLETION_ONSTACK', 'struct completion'),
  ...plain('DECLARE_WAIT_QUEUE_HEAD DECLARE_WAIT_QUEUE_HEAD_ONSTACK', 'struct wait_queue_head'),
  ...plain('DECLARE_WAITQUEUE DEFINE_WAIT DEFINE_WAIT_FUNC', 'struct wait_queue_entry'),
  ...plain('DEFINE_RATELIMIT_STATE', 'struct ratelimit_state'),
  ...plain('DEFINE_XARRAY DEFINE_XARRAY_ALLOC', 'struct xarray'),
  ...plain('DEFINE_IDA', 'struct ida'),
  ...plain('DEFINE_IDR', 'struct idr'),
  ...plain('MA_STATE', 'struct ma_state'),
  ...plain('XA_STATE XA_STATE_ORDER', 'struct xa_state'),
  ...plain('RADIX_TREE', 'struct radix_tree_root'),
  { macro: 'DECLARE_BITMAP', name: 0, type: 'unsigned long', shape: 'array' },
  { macro: 'DEFINE_FLEX', name: 1, type: 0, shape: 'pointer' },
  { macro: 'DEFINE_RAW_FLEX', name: 1, type: 0, shape: 'pointer' },
  {
    macro: 'SYNC_SKCIPHER_REQUEST_ON_STACK',
    name: 0,
    type: 'struct skcipher_request',
    shape: 'pointer',
  },
  { macro: 'SHASH_DESC_ON_STACK', name: 0, type: 'struct shash_desc', shape: 'pointer' },
  { macro: 'DECLARE_CRYPTO_WAIT', name: 0, type: 'struct crypto_wait', shape: 'plain' },
  { macro: 'PAGEVEC', name: 0, type: 'struct pagevec', shape: 'plain' },
];

const byMacro: ReadonlyMap<string, DeclaringMacro> = new Map(
  list.map((entry) => [entry.macro, entry]),
);

/** A macro that declares a variable, by name. */
export function declaringMacro(macro: string): DeclaringMacro | undefined {
  return byMacro.get(macro);
}
