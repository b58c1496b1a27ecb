import type { IteratorRoles } from '../ir.ts';

type Given = Partial<Omit<IteratorRoles, 'assigned'>> & Pick<IteratorRoles, 'assigned'>;

function roles(given: Given): IteratorRoles {
  return {
    element: undefined,
    counter: undefined,
    container: undefined,
    bound: undefined,
    direction: 'forward',
    from: 'start',
    ...given,
  };
}

const entry = roles({ assigned: [0], element: 0, container: 1 });
const entrySafe = roles({ assigned: [0, 1], element: 0, container: 2 });
const second = roles({ assigned: [1], element: 1, container: 0 });
const scatter = roles({ assigned: [1, 3], element: 1, counter: 3, container: 0, bound: 2 });
const scatterTable = roles({ assigned: [1, 2], element: 1, counter: 2, container: 0 });
const bits = roles({ assigned: [0], element: 0, container: 1, bound: 2 });

/** Iterator macros with a known meaning. Others are worked out from their definitions, see lower/iteratorRoles.ts. */
const known: Readonly<Record<string, IteratorRoles>> = {
  list_for_each: entry,
  list_for_each_entry: entry,
  list_for_each_entry_rcu: entry,
  list_for_each_entry_lockless: entry,
  list_for_each_entry_srcu: entry,
  list_for_each_prev: { ...entry, direction: 'reverse' },
  list_for_each_entry_reverse: { ...entry, direction: 'reverse' },
  list_for_each_entry_continue: { ...entry, from: 'after' },
  list_for_each_entry_continue_rcu: { ...entry, from: 'after' },
  list_for_each_entry_continue_reverse: { ...entry, direction: 'reverse', from: 'after' },
  list_for_each_entry_from: { ...entry, from: 'current' },
  list_for_each_entry_from_reverse: { ...entry, direction: 'reverse', from: 'current' },
  list_for_each_safe: entrySafe,
  list_for_each_entry_safe: entrySafe,
  list_for_each_entry_safe_reverse: { ...entrySafe, direction: 'reverse' },
  list_for_each_entry_safe_continue: { ...entrySafe, from: 'after' },
  list_for_each_entry_safe_from: { ...entrySafe, from: 'current' },
  hlist_for_each_entry: entry,
  hlist_for_each_entry_rcu: entry,
  hlist_for_each_entry_safe: entrySafe,
  llist_for_each_entry: entry,
  llist_for_each_entry_safe: entrySafe,
  rbtree_postorder_for_each_entry_safe: entrySafe,
  for_each_sg: scatter,
  for_each_sgtable_sg: scatterTable,
  for_each_sgtable_dma_sg: scatterTable,
  for_each_sg_page: roles({ assigned: [1], element: 1, container: 0, bound: 2 }),
  for_each_sg_dma_page: roles({ assigned: [1], element: 1, container: 0, bound: 2 }),
  for_each_sgtable_page: second,
  for_each_sgtable_dma_page: second,
  for_each_set_bit: bits,
  for_each_clear_bit: bits,
  for_each_set_bit_from: { ...bits, from: 'current' },
  for_each_child_of_node: second,
  for_each_child_of_node_scoped: second,
  for_each_available_child_of_node: second,
  for_each_available_child_of_node_scoped: second,
  device_for_each_child_node: second,
  device_for_each_child_node_scoped: second,
  fwnode_for_each_child_node: second,
  for_each_pci_dev: roles({ assigned: [0], element: 0 }),
  for_each_cpu: roles({ assigned: [0], element: 0, container: 1 }),
  for_each_online_cpu: roles({ assigned: [0], element: 0 }),
  for_each_possible_cpu: roles({ assigned: [0], element: 0 }),
  xa_for_each: roles({ assigned: [1, 2], element: 2, container: 0 }),
  xa_for_each_range: roles({ assigned: [1, 2], element: 2, container: 0 }),
  xa_for_each_marked: roles({ assigned: [1, 2], element: 2, container: 0 }),
  xas_for_each: roles({ assigned: [1], element: 1, container: 0 }),
  idr_for_each_entry: roles({ assigned: [1, 2], element: 1, container: 0 }),
  hash_for_each: roles({ assigned: [1, 2], element: 2, container: 0 }),
  hash_for_each_safe: roles({ assigned: [1, 2, 3], element: 3, container: 0 }),
  hash_for_each_possible: second,
  skb_queue_walk: second,
  skb_queue_walk_safe: roles({ assigned: [1, 2], element: 1, container: 0 }),
  scsi_for_each_sg: roles({ assigned: [1, 3], element: 1, counter: 3, container: 0, bound: 2 }),
  for_each_group_device: second,
};

/** Roles of the arguments of a known iterator macro. */
export function iteratorRoles(macro: string): IteratorRoles | undefined {
  return Object.hasOwn(known, macro) ? known[macro] : undefined;
}
