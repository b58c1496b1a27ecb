import type { FunctionContract } from '../contract.ts';
import { each, fn } from '../define.ts';

/** Device memory, registers and where their addresses come from. */
// prettier-ignore
export const hardwareFunctions: readonly FunctionContract[] = [
  ...each('pci_resource_start pci_resource_end', 'dev, bar', 'paddr', 'atomic', { value: { is: 'opaque' }, provenance: 'mmio' }),
  ...each('pci_resource_len pci_resource_flags', 'dev, bar', 'size', 'atomic', { value: { is: 'opaque' } }),
  ...each('pci_resource_n', 'dev, bar', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('resource_size', 'resource', 'size', 'atomic', { value: { is: 'opaque' } }),
  ...each('platform_get_resource', 'dev, flags, other', 'ptr_or_null', 'maySleep', { value: { is: 'opaque' }, provenance: 'resource' }),
  ...each('platform_get_resource_byname', 'dev, flags, name', 'ptr_or_null', 'maySleep', { value: { is: 'opaque' }, provenance: 'resource' }),
  ...each('pci_bus_address pci_p2pmem_virt_to_bus', 'dev, bar', 'paddr', 'atomic', { value: { is: 'opaque' }, provenance: 'mmio' }),
  ...each('ioremap ioremap_wc ioremap_wt ioremap_np ioremap_cache', 'paddr, size', 'ptr_or_null', 'maySleep', { acquires: ['ioremap', 'result'] }),
  ...each('iounmap', 'cpu', 'void', 'maySleep', { releases: ['ioremap', 'cpu'] }),
  ...each('memremap', 'paddr, size, flags', 'ptr_or_null', 'maySleep', { acquires: ['ioremap', 'result'] }),
  ...each('memunmap', 'cpu', 'void', 'maySleep', { releases: ['ioremap', 'cpu'] }),
  ...each('pci_iomap pci_ioremap_bar', 'dev, bar, size', 'ptr_or_null', 'maySleep', { acquires: ['ioremap', 'result'] }),
  ...each('pci_iounmap', 'dev, cpu', 'void', 'maySleep', { releases: ['ioremap', 'cpu'] }),
  ...each('devm_ioremap devm_ioremap_wc', 'dev, paddr, size', 'ptr_or_null', 'maySleep', { acquires: ['ioremap', 'result'], managed: 'devres' }),
  ...each('devm_ioremap_resource', 'dev, resource', 'err_ptr', 'maySleep', { acquires: ['ioremap', 'result'], managed: 'devres' }),
  ...each('devm_platform_ioremap_resource', 'dev, other', 'err_ptr', 'maySleep', { acquires: ['ioremap', 'result'], managed: 'devres' }),
  ...each('devm_platform_get_and_ioremap_resource', 'dev, other, other', 'err_ptr', 'maySleep', { acquires: ['ioremap', 'result'], managed: 'devres' }),
  ...each('writel writeq writew writeb writel_relaxed writeq_relaxed iowrite32 iowrite64 iowrite16 iowrite8 iowrite32be __raw_writel __raw_writeq lo_hi_writeq hi_lo_writeq outl outw outb', 'value, destination', 'void', 'atomic', { effect: { does: 'toHardware', argument: 0 } }),
  ...each('readl readq readw readb readl_relaxed readq_relaxed ioread32 ioread64 ioread16 ioread8 ioread32be __raw_readl __raw_readq', 'source', 'value', 'atomic', { effect: { does: 'nothing' } }),
  fn('regmap_write(object, other, value)', 'errno', 'maySleep', { effect: { does: 'toHardware', argument: 2 } }),
  fn('regmap_bulk_write(object, other, source, count)', 'errno', 'maySleep', { effect: { does: 'toHardware', argument: 2 } }),
  fn('regmap_update_bits(object, other, mask, value)', 'errno', 'maySleep', { effect: { does: 'toHardware', argument: 3 } }),
  fn('pci_write_config_dword(dev, other, value)', 'errno', 'atomic', { effect: { does: 'toHardware', argument: 2 } }),
  fn('memcpy_toio(destination, source, size)', 'void', 'atomic', { effect: { does: 'toHardware', argument: 1 } }),
  fn('memcpy_fromio(destination, source, size)', 'void', 'atomic', { effect: { does: 'fill', argument: 0 } }),
  ...each('memcpy memmove', 'destination, source, size', 'ptr', 'atomic', { effect: { does: 'copy', destination: 0, source: 1 } }),
  ...each('copy_to_user', 'destination, source, size', 'size', 'maySleep', { effect: { does: 'copy', destination: 0, source: 1 } }),
  ...each('copy_from_user', 'destination, source, size', 'size', 'maySleep', { effect: { does: 'copy', destination: 0, source: 1 } }),
  ...each('memset memzero_explicit', 'destination, value, size', 'ptr', 'atomic', { effect: { does: 'nothing' } }),
];
