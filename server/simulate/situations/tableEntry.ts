import type { TableFormat } from './spec.ts';

const ADDRESS = 0xffffffffff000n;
/** With pages of 4 KiB: bits 47:12. */
const ARM_ADDRESS = 0xfffffffff000n;

/**
 * Physical address of the table an entry of level 1 or above points to, read as the format's hardware
 * does; undefined for leaves and empty entries.
 */
export function childOf(
  format: TableFormat | 'amdv1_mock',
  entry: bigint,
  encryptionMask: bigint,
): number | undefined {
  switch (format) {
    case 'amdv1':
    case 'amdv1_mock': {
      const next = (entry >> 9n) & 7n;
      if ((entry & 1n) === 0n || next === 0n || next === 7n) return undefined;
      const field = entry & ~encryptionMask & ADDRESS;
      return Number(format === 'amdv1' ? field : field >> 1n);
    }
    case 'x86_64':
      return (entry & 0x81n) === 1n ? Number(entry & ~encryptionMask & ADDRESS) : undefined;
    case 'vtdss':
      return (entry & 0x83n) !== 0n && (entry & 0x80n) === 0n ? Number(entry & ADDRESS) : undefined;
    case 'arm_64_lpae_s1':
    case 'arm_64_lpae_s2':
      return (entry & 3n) === 3n ? Number(entry & ARM_ADDRESS) : undefined;
    case 'riscv_64':
      return (entry & 0xfn) === 1n ? Number(((entry >> 10n) & 0xfffffffffffn) << 12n) : undefined;
  }
}

/** Whether hardware takes an entry for one that leads anywhere. */
export function isPresent(format: TableFormat, entry: bigint): boolean {
  return format === 'vtdss' ? (entry & 3n) !== 0n : (entry & 1n) !== 0n;
}
