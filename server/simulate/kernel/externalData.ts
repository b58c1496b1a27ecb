import { findField } from '../machine/fields.ts';
import type { ExternalData } from '../machine/machine.ts';
import { bootCache } from './slab.ts';

/** Constants that live in variables of arch/ code on a running kernel. */
const KNOWN: ReadonlyMap<string, bigint> = new Map([
  // x86-64 without KASLR; arch/x86/include/asm/page_64_types.h, pgtable_64_types.h.
  ['page_offset_base', 0xffff888000000000n],
  ['vmalloc_base', 0xffffc90000000000n],
  ['vmemmap_base', 0xffffea0000000000n],
  ['phys_base', 0n],
  ['physical_mask', (1n << 52n) - 1n],
  ['__pgtable_l5_enabled', 0n],
  ['pgdir_shift', 39n],
  ['ptrs_per_p4d', 1n],
  // arm64 and riscv: RAM starts at physical 0, so the direct map is linear from its base.
  ['memstart_addr', 0n],
  ['kimage_voffset', 0n],
  ['vabits_actual', 48n],
  ['__default_kernel_pte_mask', (1n << 64n) - 1n],
  ['__supported_pte_mask', (1n << 64n) - 1n],
  // riscv: Sv48, as arch/riscv/mm/init.c:setup_vm() finds it; addresses of Sv57 are no exact numbers here.
  ['pgtable_l4_enabled', 1n],
  ['pgtable_l5_enabled', 0n],
  ['vmemmap_start_pfn', 0n],
  // No memory encryption unless a situation sets it.
  ['sme_me_mask', 0n],
  ['cc_mask', 0n],
  ['cc_vendor', 0n],
  // One node, one CPU that runs.
  ['nr_node_ids', 1n],
  ['nr_cpu_ids', 1n],
  ['__num_online_cpus', 1n],
  ['__num_possible_cpus', 1n],
  ['numa_node', 0n],
  ['jiffies', 4294937296n],
  // Its first value in drivers/iommu/iommufd/selftest.c, which is not linked.
  ['iommufd_test_memory_limit', 65536n],
  ['oops_in_progress', 0n],
  ['system_state', 0n],
  ['panic_timeout', 0n],
]);

/** PAGE_OFFSET_L4 of arch/riscv/include/asm/page.h, where physical address 0 is. */
const RISCV_DIRECT_MAP = 0xffffaf8000000000n;

/** Objects that are plainly off or empty on a kernel where nothing special is enabled. */
const ZERO =
  /^(__tracepoint_|__SCK__|_dev_|debug_|init_|cpu_hwcap|iommu_dma_|hugetlb_|static_key|system_.*wq|dma_ops$|boot_cpu_data|node_data|numa_node$|cpu_number$|pcpu_hot|contig_page_data|mem_section|node_states|nodemask|__cpu_dying_mask|kmalloc_caches|hmem_|vm_node_stat|const_pcpu_hot|__per_cpu_offset|this_cpu_off|x86_)/;

const CPU_MASK = /^__cpu_(?:possible|present|online|active)_mask$/;

/** Fills external objects whose value is known; others stay zero as an assumption. */
export const externalData: ExternalData = (machine, name, address, object) => {
  const value = KNOWN.get(name);
  const size = Math.min(object.type.kind === 'integer' ? object.type.size : 8, 8);
  if (value !== undefined) {
    machine.memory.storeBits(address, size, value);
    return true;
  }
  if (name === 'kernel_map' && object.type.kind === 'aggregate') {
    for (const member of ['page_offset', 'va_pa_offset']) {
      const field = findField(object.type, member);
      if (field !== undefined) machine.memory.store64(address + field.offset, RISCV_DIRECT_MAP);
    }
    return true;
  }
  if (name === 'node_data') {
    // NODE_DATA(0): one node's worth of counters that only statistics touch.
    const node = machine.allocate({
      ...{
        kind: 'external',
        name: 'pg_data_t of node 0',
        size: 1 << 14,
        align: 64,
        contents: 'zero',
      },
    });
    machine.memory.storePointer(address, node);
    return true;
  }
  if (name === 'radix_tree_node_cachep') {
    const node = machine.program.all.find((unit) => unit.aggregate('xa_node') !== undefined);
    if (node === undefined) return false;
    const size = node.aggregate('xa_node')!.layout!.size;
    machine.memory.storePointer(address, bootCache(machine, size));
    return true;
  }
  if (CPU_MASK.test(name)) {
    // One CPU, number 0, is there and runs.
    machine.memory.set(address, 0, machine.memory.regions.startingAt(address)?.size ?? size);
    machine.memory.store64(address, 1n);
    return true;
  }
  if (!ZERO.test(name)) return false;
  const region = machine.memory.regions.startingAt(address);
  machine.memory.set(address, 0, Math.min(region?.size ?? size, 1 << 16));
  return true;
};
