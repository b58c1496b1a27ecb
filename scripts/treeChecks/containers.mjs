// lib/xarray.c and lib/interval_tree.c as C: random operations against a plain map and a plain list.
import { machineOver, makeStruct, random } from './support.mjs';

const OPERATIONS = 10_000;

export async function checkXarray(tree) {
  const files = ['lib/xarray.c', 'lib/radix-tree.c'];
  const machine = await machineOver(tree, files);
  machine.call('radix_tree_init', []);
  const array = await makeStruct(machine, 'xarray');
  machine.call('xa_init_flags', [array.address, 0]);
  const expected = new Map();
  const below = random(1);
  let wrong = 0;
  for (let i = 0; i < OPERATIONS; i++) {
    // Indexes close together and far apart, so that nodes split, grow and shrink.
    const index = BigInt(below(3) === 0 ? below(2 ** 31) * 64 : below(4000));
    const kind = below(4);
    if (kind < 2) {
      const value = BigInt(below(2 ** 30)) * 8n + 8n;
      const old = machine.call('xa_store', [array.address, index, value, 0xcc0]);
      if (BigInt(old) !== (expected.get(index) ?? 0n)) wrong++;
      expected.set(index, value);
    } else if (kind === 2) {
      const known = [...expected.keys()];
      const at = known.length > 0 && below(2) === 0 ? known[below(known.length)] : index;
      if (BigInt(machine.call('xa_erase', [array.address, at])) !== (expected.get(at) ?? 0n))
        wrong++;
      expected.delete(at);
    } else if (
      BigInt(machine.call('xa_load', [array.address, index])) !== (expected.get(index) ?? 0n)
    ) {
      wrong++;
    }
  }
  for (const [index, value] of expected) {
    if (BigInt(machine.call('xa_load', [array.address, index])) !== value) wrong++;
  }
  return { name: `xarray: ${OPERATIONS} operations, ${expected.size} entries at the end`, wrong };
}

export async function checkIntervalTree(tree) {
  const machine = await machineOver(tree, ['lib/interval_tree.c', 'lib/rbtree.c']);
  const root = await makeStruct(machine, 'rb_root_cached');
  const nodes = [];
  const below = random(2);
  let wrong = 0;
  for (let i = 0; i < OPERATIONS; i++) {
    const kind = below(4);
    if (kind < 2 || nodes.length === 0) {
      const node = await makeStruct(machine, 'interval_tree_node');
      const start = below(100_000);
      const last = start + below(300);
      node.set('start', start);
      node.set('last', last);
      machine.call('interval_tree_insert', [node.address, root.address]);
      nodes.push({ start, last, address: node.address });
    } else if (kind === 2) {
      const [gone] = nodes.splice(below(nodes.length), 1);
      machine.call('interval_tree_remove', [gone.address, root.address]);
    } else {
      const start = below(100_000);
      const last = start + below(500);
      const want = nodes.filter((n) => n.start <= last && n.last >= start).map((n) => n.address);
      const got = [];
      let at = machine.call('interval_tree_iter_first', [root.address, start, last]);
      while (at !== 0) {
        got.push(at);
        at = machine.call('interval_tree_iter_next', [at, start, last]);
      }
      if (String(want.sort()) !== String(got.sort())) wrong++;
    }
  }
  return {
    name: `interval tree: ${OPERATIONS} operations, ${nodes.length} nodes at the end`,
    wrong,
  };
}
